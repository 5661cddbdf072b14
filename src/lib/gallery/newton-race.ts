import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Newton, L-BFGS and gradient descent on a logistic regression';
const explanation = [
  'The logistic loss of two overlapping clouds with $\\frac\\lambda2\\lVert w\\rVert^2$ is smooth and convex, so its minimum $f^*$ is known with a certificate. Three methods start at zero and see all points in every step.',
  'Gradient descent with $s = 1/L$ gains a fixed factor a step. L-BFGS guesses the Hessian from the last ten changes of the gradient. Newton solves $\\nabla^2 f\\,d = -\\nabla f$ by conjugate gradients, and near the minimum the number of right digits doubles with each step.',
  'A Newton step is dear: compare by passes over the data as well as by steps. The checks ask Newton for a gradient below $10^{-12}$ within 10 steps, and L-BFGS for $f - f^* \\le 10^{-10}$.',
];

export const newtonRace: Template = {
  id: 'newton-race',
  title,
  summary: 'Linear, superlinear and quadratic convergence on one convex problem.',
  rows: ['newton-logistic'],
  lesson: { course: 'mathematics-of-ia', lecture: 1 },
  explanation,
  references: [
    {
      text: 'Nocedal, Wright, Numerical Optimization, 2nd ed., Springer 2006, ch. 6 and 7',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/two-moons', params: { samples: 300, noise: 0.3 } },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.01 } },
      ],
      [{ id: 'model', type: 'model/linear' }],
      [{ id: 'loss', type: 'loss/logistic' }],
      [
        {
          id: 'gd',
          type: 'optimizer/gradient-descent',
          label: 'Gradient descent',
          params: { maxSteps: 300, tolerance: 0 },
        },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'L-BFGS',
          params: { maxSteps: 60, tolerance: 1e-9 },
        },
        {
          id: 'newton',
          type: 'optimizer/newton',
          label: 'Newton',
          params: { maxSteps: 10, tolerance: 1e-13 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'residual',
          type: 'check/measure',
          label: 'Gradient of Newton',
          params: { measure: 'residual' },
        },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of L-BFGS',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'residual-check',
          type: 'check/compare',
          label: 'Newton is done',
          params: { label: '‖∇f‖ ≤ 1e-12 in 10 steps', relation: 'atMost', expected: 1e-12 },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'L-BFGS is done',
          params: { label: 'f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
      ],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'l2.regularizer > loss.regularizer',
      'loss.objective > gd.objective',
      'loss.objective > lbfgs.objective',
      'loss.objective > newton.objective',
      'gd.run > curves.runs',
      'lbfgs.run > curves.runs',
      'newton.run > curves.runs',
      'newton.run > residual.run',
      'lbfgs.run > gap.run',
      'residual.value > residual-check.value',
      'gap.value > gap-check.value',
    ],
  }),
};
