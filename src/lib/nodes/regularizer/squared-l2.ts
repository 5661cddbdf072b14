/**
 * Half the squared Euclidean norm of the weights.
 *
 *   g(w) = (λ/2) ‖w‖²,   prox(v, s) = v / (1 + sλ)
 *
 * Domain: λ ≥ 0 (live). Penalises weights, not biases. Gaussian prior of variance 1/(λN) under a mean of N log-likelihoods.
 * Smooth with constant λ and λ-strongly convex. Prox: Parikh & Boyd 2014, section 6.1.1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { add, div, mul, sumSquares } from '../../runtime/ir/ops.ts';
import { lambdaParam } from './lambda.ts';
import { addAll } from './sum.ts';

export default defineNode({
  type: 'regularizer/squared-l2',
  version: 1,
  family: 'regularizer',
  title: 'Squared ℓ2 norm',
  summary: 'Adds λ/2 times the sum of squared weights: ridge regression, weight decay.',
  formula: 'g(w) = \\tfrac{\\lambda}{2} \\lVert w \\rVert_2^2',
  description: [
    'Smooth, so every optimizer takes it as part of the smooth term. With squared error on N samples this is ridge regression; λ N is the alpha of scikit-learn’s Ridge, and 1/(λ N) the C of its LogisticRegression.',
    'Biases are not penalised.',
  ],
  keywords: ['ridge', 'tikhonov', 'weight decay', 'gaussian prior'],
  references: [
    {
      text: 'Hoerl & Kennard, Ridge regression: biased estimation for nonorthogonal problems, Technometrics 12 (1970), equation (2.1).',
      url: 'https://doi.org/10.1080/00401706.1970.10488634',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.1.1.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lambda: { ...lambdaParam, default: 0.01 },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const lambda = context.live('lambda');
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'Squared ℓ2 norm',
      formula: '\\tfrac{\\lambda}{2} \\lVert w \\rVert_2^2',
      convex: true,
      smooth: true,
      lipschitzGrad: (live) => live[lambda.key],
      strongConvexity: (live) => live[lambda.key],
      tracedLipschitzGrad: (live) => live[lambda.key],
      tracedStrongConvexity: (live) => live[lambda.key],
      elasticWeights: (live) => ({ l1: 0, l2: live[lambda.key] }),
      live: [lambda],
      value: (x, live) => mul(mul(live[lambda.key], 0.5), addAll(x.map(sumSquares))),
      prox(v, stepSize, live) {
        const shrink = add(mul(stepSize, live[lambda.key]), 1);
        return v.map((part) => div(part, shrink));
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
