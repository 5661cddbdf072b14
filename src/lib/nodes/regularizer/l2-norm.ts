/**
 * The Euclidean norm of all weights together, not squared.
 *
 *   g(w) = λ ‖w‖₂,   prox(v, s) = max(1 − sλ/‖v‖₂, 0) v
 *
 * Domain: λ ≥ 0 (live). Penalises weights, not biases; several arrays of weights are one vector w. Prox: Parikh & Boyd 2014,
 * section 6.5.1 (block soft thresholding).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { mul, sqrt, sumSquares } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { lambdaParam } from './lambda.ts';
import { shrinkFactor } from './shrink.ts';
import { addAll } from './sum.ts';

/** Its derivative at 0 is taken as 0, as that of sqrt. */
const lengthOf = (x: readonly Value[]): Value => sqrt(addAll(x.map(sumSquares)));

export default defineNode({
  type: 'regularizer/l2-norm',
  version: 1,
  family: 'regularizer',
  title: 'ℓ2 norm',
  summary:
    'Adds λ times the length of the weights, not squared: keeps all of them or sets all to zero.',
  formula: 'g(w) = \\lambda \\lVert w \\rVert_2 = \\lambda \\Bigl( \\sum_j w_j^2 \\Bigr)^{1/2}',
  description: [
    'Not differentiable at w = 0. Its prox shortens the whole vector by sλ and keeps its direction; a vector shorter than that becomes 0. Squared error with it has, at each λ, the solution of ridge regression at some other λ, until all weights vanish together.',
    'All weights of a model are one vector, over all layers; for one norm per group use the group lasso. Biases are not penalised.',
  ],
  keywords: ['euclidean', 'block soft threshold', 'square-root', 'radial'],
  references: [
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.5.1.',
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
      title: 'ℓ2 norm',
      formula: '\\lambda \\lVert w \\rVert_2',
      convex: true,
      smooth: false,
      live: [lambda],
      value: (x, live) => mul(live[lambda.key], lengthOf(x)),
      prox(v, stepSize, live) {
        const factor = shrinkFactor(lengthOf(v), mul(stepSize, live[lambda.key]));
        return v.map((part) => mul(factor, part));
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
