/**
 * The constraint that weights are nonnegative and sum to s.
 *
 *   g(w) = 0 where w ≥ 0 and Σ w_j = s, else ∞,   prox(v, t) = max(v − τ, 0) with Σ max(v_j − τ, 0) = s
 *
 * Domain: s > 0 (live). One simplex for each array of weights, or for each column of a matrix [D, K] (the weights of one output).
 * Weights, not biases. Held & al. 1974; Duchi & al. 2008, figure 1, by sorting; here without (`simplex-projection.ts`).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { div, neg, relu, sub, sum } from '../../runtime/ir/ops.ts';
import type { Shape } from '../../runtime/ir/types.ts';
import { indicator } from './indicator.ts';
import { projectOnSimplex } from './simplex-projection.ts';

export default defineNode({
  type: 'regularizer/simplex',
  version: 1,
  family: 'regularizer',
  title: 'Simplex',
  summary: 'A constraint: weights are nonnegative and sum to s, such as shares of a mixture.',
  formula:
    'g(w) = \\iota_{\\Delta_s}(w), \\qquad \\Delta_s = \\{ w : w_j \\ge 0, \\; \\textstyle\\sum_j w_j = s \\}',
  description: [
    'The prox is the projection: one number τ is taken from all weights, and what is negative then becomes 0. Solutions are often sparse.',
    'Each array of weights is on a simplex of its own; for a matrix inputs × outputs one may choose a simplex for each column instead, so that each output is a weighted mean of the inputs. A run may start outside; its column infeasibility is √(a² + b²) with a the distance to w ≥ 0 and b that to the plane Σ w = s. Biases are free.',
  ],
  keywords: [
    'probability',
    'mixture',
    'portfolio',
    'convex combination',
    'projection',
    'indicator',
  ],
  references: [
    {
      text: 'Duchi, Shalev-Shwartz, Singer & Chandra, Efficient projections onto the ℓ1-ball for learning in high dimensions (2008), section 3.',
      url: 'https://doi.org/10.1145/1390156.1390191',
    },
    {
      text: 'Michelot, A finite algorithm for finding the projection of a point onto the canonical simplex of ℝⁿ, JOTA 50 (1986).',
      url: 'https://doi.org/10.1007/BF00938486',
    },
  ],
  params: {
    total: {
      kind: 'number',
      label: 'Sum s',
      default: 1,
      min: 0,
      max: 1e6,
      exclusiveMin: true,
      scale: 'log',
      live: true,
    },
    scope: {
      kind: 'choice',
      label: 'A simplex for',
      default: 'array',
      options: [
        { value: 'array', label: 'each array' },
        { value: 'columns', label: 'each column' },
      ],
    },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const total = context.live('total');
    const columns = context.params.scope === 'columns';
    const axesOf = (shape: Shape) =>
      columns && shape.length >= 2 ? [shape.length - 2] : shape.map((_, axis) => axis);
    const regularizer = indicator({
      title: 'Simplex',
      formula: '\\iota_{\\Delta_s}(w)',
      live: [total],
      excess(v, live) {
        const axes = axesOf(v.shape);
        const count = axes.reduce((n, axis) => n * v.shape[axis], 1);
        // The distances to w ≥ 0 and to the plane Σ w = s.
        return [relu(neg(v)), div(sub(sum(v, axes), live[total.key]), Math.sqrt(count))];
      },
      project: (v, live) => projectOnSimplex(v, live[total.key], axesOf(v.shape)),
    });
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { total: 5 }, { total: 0.01, scope: 'columns' }],
    invalid: [
      { params: { total: 0 }, message: /Sum s.*expected a number > 0 and ≤ 1000000, got 0/ },
      { params: { scope: 'rows' }, message: /A simplex for.*expected one of 'array'/ },
    ],
  },
});
