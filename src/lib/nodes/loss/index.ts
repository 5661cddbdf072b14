import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import basisPursuit from './basis-pursuit.ts';
import densityLikelihood from './density-likelihood.ts';
import hinge from './hinge.ts';
import inverseProblem from './inverse-problem.ts';
import logistic from './logistic.ts';
import poisson from './poisson.ts';
import quadratic from './quadratic.ts';
import softmaxCrossEntropy from './softmax-cross-entropy.ts';
import squaredError from './squared-error.ts';
import tvDenoising from './tv-denoising.ts';
import wasserstein from './wasserstein.ts';

export const lossNodes: readonly NodeDefinition[] = [
  basisPursuit,
  densityLikelihood,
  hinge,
  inverseProblem,
  logistic,
  poisson,
  quadratic,
  softmaxCrossEntropy,
  squaredError,
  tvDenoising,
  wasserstein,
];
