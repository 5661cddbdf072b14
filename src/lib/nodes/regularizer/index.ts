import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import elasticNet from './elastic-net.ts';
import l1Norm from './l1-norm.ts';
import squaredL2 from './squared-l2.ts';
import totalVariation from './total-variation.ts';

export const regularizerNodes: readonly NodeDefinition[] = [
  elasticNet,
  l1Norm,
  squaredL2,
  totalVariation,
];
