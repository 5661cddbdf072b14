/**
 * The constraint w ≥ 0.
 *
 *   g(w) = 0 where all w_j ≥ 0, else ∞,   prox(v, s) = max(v, 0)
 *
 * Weights, not biases. Prox: Parikh & Boyd 2014, section 6.2.4 (the box without an upper bound).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { neg, relu } from '../../runtime/ir/ops.ts';
import { indicator } from './indicator.ts';

export default defineNode({
  type: 'regularizer/nonnegativity',
  version: 1,
  family: 'regularizer',
  title: 'Nonnegativity',
  summary: 'A constraint: no weight is negative. With squared error, nonnegative least squares.',
  formula:
    'g(w) = \\iota_{w \\ge 0}(w) = \\begin{cases} 0 & w_j \\ge 0 \\text{ for all } j \\\\ \\infty & \\text{else} \\end{cases}',
  description: [
    'The prox is the projection, max(v, 0). Solutions are often sparse without any penalty: where a weight would be negative it is exactly 0.',
    'A run may start outside; its column infeasibility is the distance to the set. Weights only, biases are free.',
  ],
  keywords: ['nnls', 'positive', 'constraint', 'projection', 'orthant', 'indicator'],
  references: [
    {
      text: 'Lawson & Hanson, Solving Least Squares Problems (1974), chapter 23.',
      url: 'https://doi.org/10.1137/1.9781611971217',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.2.4.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {},
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate() {
    const regularizer = indicator({
      title: 'Nonnegativity',
      formula: '\\iota_{w \\ge 0}(w)',
      live: [],
      excess: (v) => [relu(neg(v))],
      project: relu,
    });
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { lower: 0 }, message: /expected one of the parameters/ }],
  },
});
