/**
 * The ℓ1 norm of the weights.
 *
 *   g(w) = λ ‖w‖₁,   prox(v, s) = sign(v)·max(|v| − sλ, 0)
 *
 * Domain: λ ≥ 0 (live). Penalises weights, not biases. Laplace prior of scale 1/(λN) under a mean of N log-likelihoods.
 * Prox: Parikh & Boyd 2014, section 6.5.2 (soft thresholding).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { abs, mul, softThreshold, sum } from '../../runtime/ir/ops.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { lambdaParam } from './lambda.ts';
import { addAll } from './sum.ts';

export default defineNode({
  type: 'regularizer/l1-norm',
  version: 1,
  family: 'regularizer',
  title: 'ℓ1 norm',
  summary: 'Adds λ times the sum of absolute weights: sparse solutions, with a kink at zero.',
  formula: 'g(w) = \\lambda \\lVert w \\rVert_1 = \\lambda \\sum_j |w_j|',
  description: [
    'Not differentiable where a weight is zero, which is where its solutions are; proximal gradient and FISTA handle it through soft thresholding. With squared error this is the lasso, and λ is the alpha of scikit-learn’s Lasso.',
    'Biases are not penalised.',
  ],
  keywords: ['lasso', 'sparsity', 'laplace', 'soft threshold'],
  references: [
    {
      text: 'Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 58 (1996), equation (1).',
      url: 'https://doi.org/10.1111/j.2517-6161.1996.tb02080.x',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.5.2.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lambda: lambdaParam,
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const lambda = context.live('lambda');
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'ℓ1 norm',
      formula: '\\lambda \\lVert w \\rVert_1',
      convex: true,
      smooth: false,
      elasticWeights: (live) => ({ l1: live[lambda.key], l2: 0 }),
      norm: {
        weight: (live) => live[lambda.key],
        dual: async (y) => Math.max(0, ...y.map(largestEntry)),
      },
      live: [lambda],
      value: (x, live) => mul(live[lambda.key], addAll(x.map((v) => sum(abs(v))))),
      prox(v, stepSize, live) {
        const threshold = mul(stepSize, live[lambda.key]);
        return v.map((part) => softThreshold(part, threshold));
      },
    };
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { lambda: 0 }, { lambda: 2.5 }],
    invalid: [
      { params: { lambda: -0.1 }, message: /λ.*expected a number in \[0, 1000000\], got -0.1/ },
    ],
  },
});

function largestEntry({ data }: HostArray): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]));
  return largest;
}
