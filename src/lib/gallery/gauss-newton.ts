import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Gauss–Newton on an exponential decay';
const explanation = [
  'Nonlinear least squares fits $z(x) = a\\,e^{-bx} + c$ by $f = \\frac1{2N}\\sum_i (z(x_i) - y_i)^2$. With $J$ the Jacobian of the outputs and $r$ the residuals, $\\nabla^2 f = \\frac1N\\bigl(J^\\top J + \\sum_i r_i \\nabla^2 z_i\\bigr)$. Gauss–Newton drops the second part: no second derivatives of the model, and a matrix that is never indefinite.',
  'Above, the targets lie exactly on a curve of the family, so $r = 0$ at the minimum, what is dropped vanishes there, and convergence is quadratic as for Newton’s method. Below, noise of $\\sigma = 0.1$ leaves residuals: each step then gains a fixed factor, here a large one. [Levenberg–Marquardt](https://www2.imm.dtu.dk/pubdb/edoc/imm3215.pdf) adds $\\mu I$ and lowers $\\mu$ with each step that the model foresaw; gradient descent crawls along a valley in which $b$ and $c$ trade off.',
  'The checks: the order $q$ of $\\lVert\\nabla f\\rVert$, estimated from its last three values above rounding, lies beyond $1.5$, half way between linear and quadratic, for Gauss–Newton on exact data, and is 1 for Gauss–Newton on noisy data; Levenberg–Marquardt reaches a gradient of $10^{-10}$ there. Try: start at $b_0 = 6$, where the undamped step is poor.',
];

const exactly = { maxSteps: 30, tolerance: 1e-14 };
const fit = { maxSteps: 60, tolerance: 1e-10 };

export const gaussNewton: Template = {
  id: 'gauss-newton',
  title,
  summary: 'Quadratic convergence where the residuals vanish, linear where they do not.',
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
          params: { function: 'decay', samples: 60, noise: 0, from: 0, to: 4 },
        },
        {
          id: 'noisy',
          type: 'data/curve',
          label: 'With noise',
          params: { function: 'decay', samples: 60, noise: 0.1, from: 0, to: 4 },
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
          id: 'noisy-lm-residual',
          type: 'check/measure',
          label: 'Gradient of Levenberg–Marquardt',
          params: { measure: 'residual' },
        },
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
            relation: 'approximately',
            expected: 1,
            absoluteTolerance: 0.2,
          },
        },
        {
          id: 'noisy-lm-check',
          type: 'check/compare',
          label: 'Levenberg–Marquardt fits noise',
          params: {
            label: 'Levenberg–Marquardt: ‖∇f‖ ≤ 1e-10',
            relation: 'atMost',
            expected: 1e-10,
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
      ...['noisy-gn', 'noisy-lm', 'noisy-gd'].flatMap((id) => [
        `noisy-loss.objective > ${id}.objective`,
        `${id}.run > noisy-curves.runs`,
      ]),
      'noisy-lm.run > predictions.run',
      'noisy-gn.run > noisy-order.run',
      'noisy-order.value > noisy-order-check.value',
      'noisy-lm.run > noisy-lm-residual.run',
      'noisy-lm-residual.value > noisy-lm-check.value',
    ],
  }),
};
