import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import adjoint from './adjoint.ts';
import arithmetic from './arithmetic.ts';
import compare from './compare.ts';
import densityMeasure from './density-measure.ts';
import exactTransport from './exact-transport.ts';
import gradientDecay from './gradient-decay.ts';
import measure from './measure.ts';
import optimality from './optimality.ts';
import paired from './paired.ts';
import prox from './prox.ts';
import sinkhorn from './sinkhorn.ts';

/** Every check node, by file name. */
export const checkNodes: readonly NodeDefinition[] = [
  adjoint,
  arithmetic,
  compare,
  densityMeasure,
  exactTransport,
  gradientDecay,
  measure,
  optimality,
  paired,
  prox,
  sinkhorn,
];
