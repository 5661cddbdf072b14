import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import box from './box.ts';
import elasticNet from './elastic-net.ts';
import groupLasso from './group-lasso.ts';
import l1Norm from './l1-norm.ts';
import l2Norm from './l2-norm.ts';
import nonnegativity from './nonnegativity.ts';
import nuclearNorm from './nuclear-norm.ts';
import simplex from './simplex.ts';
import squaredL2 from './squared-l2.ts';
import totalVariation from './total-variation.ts';

export const regularizerNodes: readonly NodeDefinition[] = [
  box,
  elasticNet,
  groupLasso,
  l1Norm,
  l2Norm,
  nonnegativity,
  nuclearNorm,
  simplex,
  squaredL2,
  totalVariation,
];
