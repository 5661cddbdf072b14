import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Rates on an ill-conditioned quadratic';
const explanation = [
  'The quadratic $f(x) = \\frac12 x^\\top A x - b^\\top x$ has eigenvalues from $\\mu = 10^{-3}$ to $L = 1$, so its condition number is $\\kappa = 10^3$. Gradient descent with $s = 1/L$ shrinks the slowest direction by $1 - 1/\\kappa$ a step: thousands of steps. Nesterov’s momentum depends on $\\sqrt\\kappa$ instead: $f(x_k) - f^* \\le (1 - 1/\\sqrt\\kappa)^k\\,(f(x_0) - f^* + \\frac\\mu2\\lVert x_0 - x^*\\rVert^2)$.',
  'The dashed lines are what theory guarantees; the curves must stay below. On a semilogarithmic axis the slopes are the rates. The step $2/(L+\\mu)$ has twice the slope of $1/L$ in the worst case, not more, and pays for it at first: it keeps the stiffest direction oscillating.',
  'The checks say that no method ever exceeds its bound and that Nesterov reaches $f^* + 10^{-12}$ within 5000 steps. $f^*$ is exact: the minimiser is drawn first and $b = Ax^*$.',
];

const run = { maxSteps: 5000, tolerance: 0 };

export const quadraticRates: Template = {
  id: 'quadratic-rates',
  title,
  summary: 'Gradient descent against Nesterov with the theoretical rates drawn over the curves.',
  rows: ['gd-quadratic', 'gd-rates'],
  lesson: { course: 'mathematics-of-ia', lecture: 1 },
  explanation,
  references: [
    {
      text: 'Nesterov, Lectures on Convex Optimization, 2nd ed., Springer 2018, theorems 2.1.15 and 2.2.3',
      url: 'https://doi.org/10.1007/978-3-319-91578-4',
    },
    {
      text: 'Taylor, Hendrickx, Glineur, Exact Worst-Case Convergence Rates of the Proximal Gradient Method for Composite Convex Minimization, J. Optim. Theory Appl. 178, 2018',
      url: 'https://arxiv.org/abs/1705.04398',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'quadratic',
          type: 'loss/quadratic',
          params: { dimension: 100, condition: 1000 },
        },
      ],
      [
        {
          id: 'gd',
          type: 'optimizer/gradient-descent',
          label: 'GD, step 1/L',
          params: { ...run, step: 'lipschitz' },
        },
        {
          id: 'optimal',
          type: 'optimizer/gradient-descent',
          label: 'GD, step 2/(L + μ)',
          params: { ...run, step: 'optimal' },
        },
        { id: 'nesterov', type: 'optimizer/nesterov', label: 'Nesterov', params: run },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'comparison', type: 'view/comparison', params: { target: 1e-8 } },
      ],
      [
        {
          id: 'gd-bound',
          type: 'check/measure',
          label: 'GD against its bound',
          params: { measure: 'boundRatio' },
        },
        {
          id: 'optimal-bound',
          type: 'check/measure',
          label: 'GD 2/(L + μ) against its bound',
          params: { measure: 'boundRatio' },
        },
        {
          id: 'nesterov-bound',
          type: 'check/measure',
          label: 'Nesterov against its bound',
          params: { measure: 'boundRatio' },
        },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of Nesterov',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'gd-check',
          type: 'check/compare',
          label: 'Theory holds for GD',
          params: { label: 'GD, 1/L: bound never exceeded', relation: 'atMost', expected: 1 },
        },
        {
          id: 'optimal-check',
          type: 'check/compare',
          label: 'Theory holds for 2/(L + μ)',
          params: { label: 'GD, 2/(L + μ): bound never exceeded', relation: 'atMost', expected: 1 },
        },
        {
          id: 'nesterov-check',
          type: 'check/compare',
          label: 'Theory holds for Nesterov',
          params: { label: 'Nesterov: bound never exceeded', relation: 'atMost', expected: 1 },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'Nesterov reaches f*',
          params: { label: 'Nesterov: f − f* ≤ 1e-12', relation: 'atMost', expected: 1e-12 },
        },
      ],
    ],
    wires: [
      'quadratic.objective > gd.objective',
      'quadratic.objective > optimal.objective',
      'quadratic.objective > nesterov.objective',
      ...['gd', 'optimal', 'nesterov'].flatMap((id) => [
        `${id}.run > curves.runs`,
        `${id}.run > comparison.runs`,
      ]),
      'gd.run > gd-bound.run',
      'optimal.run > optimal-bound.run',
      'nesterov.run > nesterov-bound.run',
      'nesterov.run > gap.run',
      'gd-bound.value > gd-check.value',
      'optimal-bound.value > optimal-check.value',
      'nesterov-bound.value > nesterov-check.value',
      'gap.value > gap-check.value',
    ],
  }),
};
