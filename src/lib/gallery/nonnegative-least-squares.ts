import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Nonnegative least squares';
const explanation = [
  'Least squares with weights that may not be negative: $\\min_{w \\ge 0,\\, b} \\frac1{2N}\\lVert Xw + b - y\\rVert^2$ on the diabetes table. The constraint is a term $\\iota_{w\\ge0}(w)$, $0$ on the set and $\\infty$ outside, whose prox is the projection $\\max(v, 0)$. It makes solutions sparse without any penalty: here five of ten weights are exactly zero, as at the minimum $\\partial_j f \\ge 0$ where $w_j = 0$ and $\\partial_j f = 0$ elsewhere.',
  'All runs start at random weights, outside of the set. [FISTA](https://doi.org/10.1137/080716542) ends each step with the projection, so it is inside from the first step on, and a logarithmic axis has no place for its exact zeros. Chambolle–Pock keeps the constraint in a dual variable, a price that rises while a weight is negative: its $w$ is outside on the way, where the objective may be below the minimum, and meets the set in the limit. Gradient descent on the smooth part alone goes to least squares, with negative weights.',
  'The checks say that FISTA is exactly feasible, that its objective is that of Chambolle–Pock, which comes from the other side, that its gradient mapping $(w - P(w - s\\nabla f(w)))/s$, which vanishes at minimisers alone, is below $10^{-9}$, and that Chambolle–Pock meets the constraint in the limit. (The minimum is that of the active-set method of [Lawson and Hanson](https://doi.org/10.1137/1.9781611971217).) Try: a simplex or a box in place of nonnegativity.',
];

export const nonnegativeLeastSquares: Template = {
  id: 'nonnegative-least-squares',
  title,
  summary:
    'A constraint as a term: projected methods stay inside, a primal–dual one meets it in the limit.',
  rows: ['constraints'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Lawson & Hanson, Solving Least Squares Problems (1974), chapter 23',
      url: 'https://doi.org/10.1137/1.9781611971217',
    },
    {
      text: 'Beck & Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems (2009)',
      url: 'https://doi.org/10.1137/080716542',
    },
    {
      text: 'Chambolle & Pock, A first-order primal-dual algorithm for convex problems with applications to imaging (2011)',
      url: 'https://doi.org/10.1007/s10851-010-0251-1',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'table',
          type: 'data/table',
          label: 'Diabetes',
          params: { table: { source: 'builtin', name: 'diabetes' } },
        },
      ],
      [{ id: 'scale', type: 'data/standardize' }],
      [
        { id: 'model', type: 'model/linear', params: { initialScale: 60 } },
        { id: 'positive', type: 'regularizer/nonnegativity' },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'FISTA',
          params: { maxSteps: 800, tolerance: 0 },
        },
        {
          id: 'dual',
          type: 'optimizer/chambolle-pock',
          label: 'Chambolle–Pock',
          params: { maxSteps: 400, tolerance: 0 },
        },
        {
          id: 'free',
          type: 'optimizer/gradient-descent',
          label: 'GD without the constraint',
          params: { smoothPartOnly: true, maxSteps: 1500, tolerance: 0 },
        },
      ],
      [
        {
          id: 'outside',
          type: 'view/loss-curves',
          label: 'How far outside',
          params: { column: 'infeasibility' },
        },
        { id: 'curves', type: 'view/loss-curves', label: 'Objective' },
        { id: 'weights', type: 'view/coefficients' },
      ],
      [
        {
          id: 'inside',
          type: 'check/measure',
          label: 'Infeasibility of FISTA',
          params: { measure: 'infeasibility' },
        },
        {
          id: 'value',
          type: 'check/measure',
          label: 'Objective of FISTA',
          params: { measure: 'objective' },
        },
        { id: 'dual-value', type: 'check/measure', label: 'Objective of Chambolle–Pock' },
        {
          id: 'mapping',
          type: 'check/measure',
          label: 'Gradient mapping',
          params: { measure: 'residual' },
        },
        {
          id: 'limit',
          type: 'check/measure',
          label: 'Infeasibility of Chambolle–Pock',
          params: { measure: 'infeasibility' },
        },
      ],
      [
        {
          id: 'inside-check',
          type: 'check/compare',
          label: 'FISTA is inside',
          params: { label: 'FISTA: no weight is negative', relation: 'atMost', expected: 0 },
        },
        {
          id: 'value-check',
          type: 'check/compare',
          label: 'Two methods meet',
          params: {
            label: 'FISTA and Chambolle–Pock have one objective',
            absoluteTolerance: 0,
            relativeTolerance: 1e-10,
          },
        },
        {
          id: 'mapping-check',
          type: 'check/compare',
          label: 'Optimality',
          params: {
            label: 'Gradient mapping of FISTA ≤ 1e-9',
            relation: 'atMost',
            expected: 1e-9,
          },
        },
        {
          id: 'limit-check',
          type: 'check/compare',
          label: 'Chambolle–Pock in the limit',
          params: {
            label: 'Chambolle–Pock: infeasibility ≤ 1e-9',
            relation: 'atMost',
            expected: 1e-9,
          },
        },
      ],
    ],
    wires: [
      'table.dataset > scale.data',
      'scale.data > model.data',
      'model.model > loss.model',
      'positive.regularizer > loss.regularizer',
      'loss.objective > fista.objective',
      'loss.objective > dual.objective',
      'loss.objective > free.objective',
      ...['fista', 'dual', 'free'].flatMap((run) =>
        ['outside', 'curves', 'weights'].map((view) => `${run}.run > ${view}.runs`),
      ),
      'fista.run > inside.run',
      'fista.run > value.run',
      'fista.run > mapping.run',
      'dual.run > limit.run',
      'inside.value > inside-check.value',
      'dual.run > dual-value.run',
      'value.value > value-check.value',
      'dual-value.value > value-check.expected',
      'mapping.value > mapping-check.value',
      'limit.value > limit-check.value',
    ],
  }),
};
