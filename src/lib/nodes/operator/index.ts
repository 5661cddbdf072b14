import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';

export const operatorNodes: readonly NodeDefinition[] = [];
