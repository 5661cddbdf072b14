import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import hinge from './hinge.ts';
import logistic from './logistic.ts';
import quadratic from './quadratic.ts';
import softmaxCrossEntropy from './softmax-cross-entropy.ts';
import squaredError from './squared-error.ts';

export const lossNodes: readonly NodeDefinition[] = [
  hinge,
  logistic,
  quadratic,
  softmaxCrossEntropy,
  squaredError,
];
