import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Gauss–Newton on an exponential decay';
const explanation = [
  'Nonlinear least squares fits $z(x) = a\\,e^{-bx} + c$ by $f = \\frac1{2N}\\sum_i (z(x_i) - y_i)^2$. With $J$ the Jacobian of the outputs and $r$ the residuals, $\\nabla^2 f = \\frac1N\\bigl(J^\\top J + \\sum_i r_i \\nabla^2 z_i\\bigr)$. Gauss–Newton drops the second part: no second derivatives of the model, and a matrix that is never indefinite.',
  'Above, the targets lie exactly on a curve of the family, so $r = 0$ at the minimum, what is dropped vanishes there, and convergence is quadratic as for Newton’s method. Below, noise of $\\sigma = 0.3$ leaves residuals: each step then gains a fixed factor. [Levenberg–Marquardt](https://www2.imm.dtu.dk/pubdb/edoc/imm3215.pdf) adds $\\mu I$ and lowers $\\mu$ with each step that the model foresaw; gradient descent crawls along a valley in which $b$ and $c$ trade off.',
  'The checks: without noise Gauss–Newton finds the curve itself, to $10^{-10}$ at 200 other places, and the order $q$ of $\\lVert\\nabla f\\rVert$, from its last four values above rounding, lies beyond $1.5$, half way between linear and quadratic. With noise it is 1, within $0.25$. Levenberg–Marquardt meets the minimum of L-BFGS, which knows nothing of Jacobians; and as the residuals at a minimum over three parameters are those of noise, $2Nf/\\sigma^2$ is near $\\chi^2$ with $N - 3$ degrees of freedom: $2f = \\sigma^2(N - 3)/N$ within four standard errors $\\sigma^2\\sqrt{2(N - 3)}/N$. Try: start at $b_0 = 6$, where the undamped step is poor.',
];

const N = 60;
const SIGMA = 0.3;
const curve = { function: 'decay', from: 0, to: 4 } as const;
const exactly = { maxSteps: 30, tolerance: 1e-14 };
const fit = { maxSteps: 60, tolerance: 1e-12 };

export const gaussNewton: Template = {
  id: 'gauss-newton',
  title,
  summary: 'Quadratic convergence where the residuals vanish, linear where they do not.',
  rows: ['gauss-newton'],
  lesson: { course: 'numerical-methods', lecture: 4 },
  explanation,
  references: [
    {
      text: 'Nocedal, Wright, Numerical Optimization, 2nd ed., Springer 2006, section 10.3',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
    {
      text: 'Madsen, Nielsen, Tingleff, Methods for Non-Linear Least Squares Problems, 2nd ed., 2004, algorithm 3.16',
      url: 'https://www2.imm.dtu.dk/pubdb/edoc/imm3215.pdf',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'exact',
          type: 'data/curve',
          label: 'Without noise',
          params: { ...curve, samples: N, noise: 0 },
        },
        {
          id: 'noisy',
          type: 'data/curve',
          label: 'With noise',
          params: { ...curve, samples: N, noise: SIGMA },
        },
        {
          id: 'places',
          type: 'data/curve',
          label: 'Other places',
          params: { ...curve, samples: 200, noise: 0, seed: 1 },
        },
      ],
      [
        { id: 'exact-model', type: 'model/exponential', params: { rate: 0.5 } },
        { id: 'noisy-model', type: 'model/exponential', params: { rate: 0.5 } },
      ],
      [
        { id: 'exact-loss', type: 'loss/squared-error' },
        { id: 'noisy-loss', type: 'loss/squared-error' },
      ],
      [
        {
          id: 'gn',
          type: 'optimizer/gauss-newton',
          label: 'Gauss–Newton, exact data',
          params: { ...exactly, damping: 'none', forcing: 0 },
        },
        {
          id: 'newton',
          type: 'optimizer/newton',
          label: 'Newton, exact data',
          params: exactly,
        },
        {
          id: 'noisy-gn',
          type: 'optimizer/gauss-newton',
          label: 'Gauss–Newton, noisy data',
          params: { ...fit, damping: 'none', forcing: 0 },
        },
        {
          id: 'noisy-lm',
          type: 'optimizer/gauss-newton',
          label: 'Levenberg–Marquardt, noisy data',
          params: { ...fit, forcing: 0 },
        },
        {
          id: 'noisy-gd',
          type: 'optimizer/gradient-descent',
          label: 'Gradient descent, noisy data',
          params: { step: 'constant', stepSize: 0.5, maxSteps: 60, tolerance: 0 },
        },
        {
          id: 'noisy-lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'L-BFGS, noisy data',
          params: { maxSteps: 300, tolerance: 1e-9 },
        },
      ],
      [
        { id: 'exact-curves', type: 'view/loss-curves', label: 'Exact data' },
        { id: 'noisy-curves', type: 'view/loss-curves', label: 'Noisy data' },
        { id: 'predictions', type: 'view/predictions', label: 'The fit' },
      ],
      [
        {
          id: 'gn-order',
          type: 'check/measure',
          label: 'Order of Gauss–Newton',
          params: { measure: 'residualOrder' },
        },
        {
          id: 'noisy-order',
          type: 'check/measure',
          label: 'Order on noisy data',
          params: { measure: 'residualOrder' },
        },
        {
          id: 'gn-error',
          type: 'check/measure',
          label: 'Distance to the curve',
          params: { measure: 'rmse' },
        },
        { id: 'lm-value', type: 'check/measure', label: 'Objective of Levenberg–Marquardt' },
        { id: 'lbfgs-value', type: 'check/measure', label: 'Objective of L-BFGS' },
      ],
      [
        {
          id: 'gn-check',
          type: 'check/compare',
          label: 'Gauss–Newton is quadratic',
          params: { label: 'Gauss–Newton: order q ≥ 1.5', relation: 'atLeast', expected: 1.5 },
        },
        {
          id: 'noisy-order-check',
          type: 'check/compare',
          label: 'Residuals make it linear',
          params: {
            label: 'Gauss–Newton, noisy data: order q ≈ 1',
            expected: 1,
            absoluteTolerance: 0.25,
          },
        },
        {
          id: 'gn-error-check',
          type: 'check/compare',
          label: 'The curve is found',
          params: {
            label: 'Distance of Gauss–Newton to the curve ≤ 1e-10',
            relation: 'atMost',
            expected: 1e-10,
          },
        },
        {
          id: 'agree-check',
          type: 'check/compare',
          label: 'Two methods meet',
          params: {
            label: 'Levenberg–Marquardt and L-BFGS agree',
            absoluteTolerance: 1e-12,
          },
        },
        {
          id: 'noise-check',
          type: 'check/compare',
          label: 'What is left is noise',
          params: {
            label: 'f is σ²(N − 3)/2N, within four standard errors',
            expected: (SIGMA ** 2 * (N - 3)) / (2 * N),
            absoluteTolerance: (4 * SIGMA ** 2 * Math.sqrt(2 * (N - 3))) / (2 * N),
          },
        },
      ],
    ],
    wires: [
      ...['exact', 'noisy'].flatMap((data) => [
        `${data}.dataset > ${data}-model.data`,
        `${data}-model.model > ${data}-loss.model`,
      ]),
      ...['gn', 'newton'].flatMap((id) => [
        `exact-loss.objective > ${id}.objective`,
        `${id}.run > exact-curves.runs`,
      ]),
      'gn.run > gn-order.run',
      'gn-order.value > gn-check.value',
      ...['noisy-gn', 'noisy-lm', 'noisy-gd', 'noisy-lbfgs'].flatMap((id) => [
        `noisy-loss.objective > ${id}.objective`,
        `${id}.run > noisy-curves.runs`,
      ]),
      'noisy-lm.run > predictions.run',
      'noisy-gn.run > noisy-order.run',
      'noisy-order.value > noisy-order-check.value',
      'gn.run > gn-error.run',
      'places.dataset > gn-error.dataset',
      'gn-error.value > gn-error-check.value',
      'noisy-lm.run > lm-value.run',
      'noisy-lbfgs.run > lbfgs-value.run',
      'lm-value.value > agree-check.value',
      'lbfgs-value.value > agree-check.expected',
      'lm-value.value > noise-check.value',
    ],
  }),
};
