/**
 * A mixture of the ℓ1 norm and half the squared ℓ2 norm of the weights.
 *
 *   g(w) = λ (ρ ‖w‖₁ + (1 − ρ)/2 ‖w‖²),   prox(v, s) = softThreshold(v, sλρ) / (1 + sλ(1 − ρ))
 *
 * Domain: λ ≥ 0, 0 ≤ ρ ≤ 1 (both live). Penalises weights, not biases.
 * Parametrised as in scikit-learn: λ is alpha, ρ is l1_ratio. Prox: Parikh & Boyd 2014, section 6.5.3.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { abs, add, div, mul, softThreshold, sub, sum, sumSquares } from '../../runtime/ir/ops.ts';
import { lambdaParam } from './lambda.ts';
import { addAll } from './sum.ts';

export default defineNode({
  type: 'regularizer/elastic-net',
  version: 1,
  family: 'regularizer',
  title: 'Elastic net',
  summary:
    'Mixes the ℓ1 norm, for sparsity, with the squared ℓ2 norm, for groups of correlated features.',
  formula:
    'g(w) = \\lambda \\bigl( \\rho \\lVert w \\rVert_1 + \\tfrac{1-\\rho}{2} \\lVert w \\rVert_2^2 \\bigr)',
  description: [
    'λ and ρ are the alpha and l1_ratio of scikit-learn’s ElasticNet. Zou and Hastie’s naive elastic net has λ₁ = 2Nλρ and λ₂ = Nλ(1 − ρ) for a sum of squares; no rescaling of the solution is done.',
    'Biases are not penalised.',
  ],
  keywords: ['lasso', 'ridge', 'sparsity', 'l1_ratio'],
  references: [
    {
      text: 'Zou & Hastie, Regularization and variable selection via the elastic net, JRSS B 67 (2005), equation (3).',
      url: 'https://doi.org/10.1111/j.1467-9868.2005.00503.x',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.5.3.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lambda: lambdaParam,
    l1Ratio: {
      kind: 'number',
      label: 'ρ (ℓ1 share)',
      help: '1 is the ℓ1 norm alone, 0 the squared ℓ2 norm alone.',
      default: 0.5,
      min: 0,
      max: 1,
      live: true,
    },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const lambda = context.live('lambda');
    const ratio = context.live('l1Ratio');
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'Elastic net',
      formula:
        '\\lambda \\bigl( \\rho \\lVert w \\rVert_1 + \\tfrac{1-\\rho}{2} \\lVert w \\rVert_2^2 \\bigr)',
      convex: true,
      smooth: false,
      strongConvexity: (live) => live[lambda.key] * (1 - live[ratio.key]),
      elasticWeights: (live) => ({
        l1: live[lambda.key] * live[ratio.key],
        l2: live[lambda.key] * (1 - live[ratio.key]),
      }),
      live: [lambda, ratio],
      value(x, live) {
        const l1 = addAll(x.map((v) => sum(abs(v))));
        const l2 = addAll(x.map(sumSquares));
        const rho = live[ratio.key];
        return mul(live[lambda.key], add(mul(rho, l1), mul(mul(sub(1, rho), 0.5), l2)));
      },
      prox(v, stepSize, live) {
        const weight = mul(stepSize, live[lambda.key]);
        const threshold = mul(weight, live[ratio.key]);
        const shrink = add(mul(weight, sub(1, live[ratio.key])), 1);
        return v.map((part) => div(softThreshold(part, threshold), shrink));
      },
    };
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { l1Ratio: 1 }, { lambda: 0, l1Ratio: 0 }],
    invalid: [
      { params: { lambda: -0.1 }, message: /λ.*expected a number in \[0, 1000000\], got -0.1/ },
      { params: { l1Ratio: 1.5 }, message: /ρ.*expected a number in \[0, 1\], got 1.5/ },
    ],
  },
});
