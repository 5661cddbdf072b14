import type { NodeDefinition, NodeRegistry } from '../runtime/graph/node-definition.ts';
import { checkNodes } from './check/index.ts';
import { dataNodes } from './data/index.ts';
import { lossNodes } from './loss/index.ts';
import { modelNodes } from './model/index.ts';
import { operatorNodes } from './operator/index.ts';
import { optimizerNodes } from './optimizer/index.ts';
import { regularizerNodes } from './regularizer/index.ts';
import { viewNodes } from './view/index.ts';

/** Every node type, family by family in the order of FAMILIES, sorted by name within each. */
export const definitions: readonly NodeDefinition[] = [
  ...dataNodes,
  ...operatorNodes,
  ...modelNodes,
  ...regularizerNodes,
  ...lossNodes,
  ...optimizerNodes,
  ...checkNodes,
  ...viewNodes,
];

export const registry: NodeRegistry = new Map(
  definitions.map((definition) => [definition.type, definition]),
);
