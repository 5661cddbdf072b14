import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const title = 'The path of the lasso';
const explanation = [
  'The lasso $\\min_w \\frac1{2N}\\lVert Xw - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$ is not one problem but one for each $\\lambda \\ge 0$. Its solutions $w(\\lambda)$ on the diabetes table are drawn over $\\lambda$: all zero on the right, least squares on the left. On the way down one measurement after the other comes in, and one leaves and comes back. (Features have mean zero, so an intercept would be the mean of $y$ and change nothing.)',
  'While the nonzero weights $A$ and their signs $s_A$ stay, $\\frac1N X_A^\\top(y - X_A w_A) = \\lambda s_A$ is a linear system: $w(\\lambda)$ is linear in $\\lambda$ between knots. The [homotopy method](https://doi.org/10.1093/imanum/20.3.389), the lasso form of [least angle regression](https://doi.org/10.1214/009053604000000067), goes from knot to knot, so the lines are exact but for rounding. FISTA, which knows one $\\lambda$ at a time, gives the points over them.',
  'The checks: along the path the optimality conditions $|g_j| \\le \\lambda$, with $g_j = \\lambda \\operatorname{sign} w_j$ where $w_j \\ne 0$, for $g = \\frac1N X^\\top(y - Xw)$, hold to $10^{-10}$ of the largest $\\lambda$, at knots and half way between; all four runs lie on it to $10^{-8}$; and it begins where the dual norm of the gradient at zero says, $\\lambda_1 = \\lVert\\nabla f(0)\\rVert_\\infty$, from which on $w = 0$ is optimal. Try: a path through solutions at twenty values of $\\lambda$, which is wrong between them; move a $\\lambda$ and run again; the features as they are, without standardization.',
];

const RUNS = [0.5, 5, 20, 60].map((lambda, k) => ({ id: `run-${k + 1}`, lambda }));

export const lassoPath: Template = {
  id: 'lasso-path',
  title,
  summary: 'All solutions of a lasso at once, from no feature to ten, and FISTA upon them.',
  rows: ['lasso-path', 'ista-fista'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression, Ann. Statist. 32(2), 2004, section 3.1 and figure 1 (this path)',
      url: 'https://doi.org/10.1214/009053604000000067',
    },
    {
      text: 'Osborne, Presnell, Turlach, A new approach to variable selection in least squares problems, IMA J. Numer. Anal. 20, 2000',
      url: 'https://doi.org/10.1093/imanum/20.3.389',
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
        { id: 'model', type: 'model/linear', params: { bias: false } },
        ...RUNS.map(({ id, lambda }) => ({
          id: `${id}-l1`,
          type: 'regularizer/l1-norm',
          label: `λ = ${lambda}`,
          params: { lambda },
        })),
      ],
      RUNS.map(({ id, lambda }) => ({
        id: `${id}-loss`,
        type: 'loss/squared-error',
        label: `With λ = ${lambda}`,
      })),
      RUNS.map(({ id, lambda }): Placed => ({
        id,
        type: 'optimizer/fista',
        label: `FISTA, λ = ${lambda}`,
        params: { maxSteps: 2000, tolerance: 1e-11 },
      })),
      [
        { id: 'path', type: 'view/lasso-path' },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'optimality', type: 'check/optimality', label: 'Gradient at zero' },
      ],
      [
        {
          id: 'path-check',
          type: 'check/compare',
          label: 'The path is optimal',
          params: {
            label: 'Optimality conditions along the path ≤ 1e-10',
            relation: 'atMost',
            expected: 1e-10,
          },
        },
        {
          id: 'runs-check',
          type: 'check/compare',
          label: 'FISTA lies on it',
          params: {
            label: 'Runs at four λ: largest |w − w(λ)| ≤ 1e-8',
            relation: 'atMost',
            expected: 1e-8,
          },
        },
        {
          id: 'largest-check',
          type: 'check/compare',
          label: 'Where it begins',
          params: {
            label: 'Largest λ is ‖∇f(0)‖∞',
            absoluteTolerance: 0,
            relativeTolerance: 1e-12,
          },
        },
      ],
    ],
    wires: [
      'table.dataset > scale.data',
      'scale.data > model.data',
      'model.model > path.model',
      ...RUNS.flatMap(({ id }) => [
        `model.model > ${id}-loss.model`,
        `${id}-l1.regularizer > ${id}-loss.regularizer`,
        `${id}-loss.objective > ${id}.objective`,
        `${id}.run > path.runs`,
        `${id}.run > curves.runs`,
      ]),
      'run-1.run > optimality.run',
      'path.residual > path-check.value',
      'path.distance > runs-check.value',
      'path.largest > largest-check.value',
      'optimality.critical > largest-check.expected',
    ],
  }),
};
