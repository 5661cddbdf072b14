/**
 * The constraint lo ≤ w ≤ hi.
 *
 *   g(w) = 0 where lo ≤ w_j ≤ hi for all j, else ∞,   prox(v, s) = min(max(v, lo), hi)
 *
 * Domain: lo ≤ hi (structural: one cannot pass the other while a run goes on). Weights, not biases. Prox: Parikh & Boyd 2014, section 6.2.4.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { clip, maximum, sub } from '../../runtime/ir/ops.ts';
import { indicator } from './indicator.ts';

export default defineNode({
  type: 'regularizer/box',
  version: 1,
  family: 'regularizer',
  title: 'Box',
  summary: 'A constraint: every weight stays between two bounds.',
  formula:
    'g(w) = \\iota_{[l, u]}(w) = \\begin{cases} 0 & l \\le w_j \\le u \\\\ \\infty & \\text{else} \\end{cases}',
  description: [
    'The prox is the projection: each weight that is outside moves to the bound it passed. Proximal gradient with it is the projected gradient method.',
    'A run may start outside; its column infeasibility is the distance to the box. Weights only, biases are free.',
  ],
  keywords: ['bounds', 'constraint', 'projection', 'clip', 'interval', 'indicator'],
  references: [
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.2.4.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lower: { kind: 'number', label: 'Lower bound', default: -1, min: -1e6, max: 1e6 },
    upper: { kind: 'number', label: 'Upper bound', default: 1, min: -1e6, max: 1e6 },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate({ params: { lower, upper } }) {
    if (lower > upper) {
      throw new NodeError(
        'range',
        `Box (Lower bound): expected at most the upper bound ${upper}, got ${lower}. Exchange the bounds.`,
        'lower',
      );
    }
    const regularizer = indicator({
      title: 'Box',
      formula: `\\iota_{[${lower}, ${upper}]}(w)`,
      live: [],
      excess: (v) => [maximum(maximum(sub(lower, v), sub(v, upper)), 0)],
      project: (v) => clip(v, lower, upper),
    });
    return { outputs: { regularizer }, status: `[${lower}, ${upper}]` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { lower: 0.5, upper: 0.5 }, { lower: -3, upper: 0 }],
    invalid: [
      {
        params: { lower: 2 },
        message: /Box \(Lower bound\): expected at most the upper bound 1, got 2/,
      },
      { params: { upper: 1e9 }, message: /Upper bound.*expected a number in/ },
    ],
  },
});
