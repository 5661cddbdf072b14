import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A kernel classifier of two moons';
const explanation = [
  'A Gaussian kernel machine $z(x) = \\sum_i e^{-\\lVert x - x_i\\rVert^2/(2\\sigma^2)}\\,\\alpha_i$ is linear in $\\alpha$, so the logistic loss with the penalty $\\frac\\lambda2\\alpha^\\top K\\alpha$ is convex, and yet the boundary bends around the moons.',
  'Newton’s method and L-BFGS approach the same minimum; $K$ is badly conditioned, so neither reaches its tolerance within these steps, and the classifier does not need it. There is no closed form here: the direct solver and conjugate gradients would refuse the logistic loss, for it is not quadratic.',
  'The check uses 500 new points: at least 97 % must fall on the right side.',
];

export const kernelMoons: Template = {
  id: 'kernel-moons',
  title,
  summary: 'A convex problem whose solution has a curved boundary.',
  explanation,
  references: [
    {
      text: 'Schölkopf, Smola, Learning with Kernels, MIT Press 2002, ch. 4 and 7',
      url: 'https://mitpress.mit.edu/9780262536578/',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'moons', type: 'data/two-moons', params: { samples: 120, noise: 0.1 } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New points',
          params: { samples: 500, noise: 0.1, seed: 1 },
        },
      ],
      [{ id: 'model', type: 'model/kernel', params: { bandwidth: 0.5, lambda: 1e-3 } }],
      [{ id: 'loss', type: 'loss/logistic' }],
      [
        {
          id: 'newton',
          type: 'optimizer/newton',
          label: 'Newton',
          params: { maxSteps: 8, tolerance: 1e-9 },
        },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'L-BFGS',
          params: { maxSteps: 100, tolerance: 1e-7 },
        },
      ],
      [
        { id: 'regions', type: 'view/decision-regions' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Accuracy on new points',
          params: { measure: 'accuracy' },
        },
      ],
      [
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'The moons are apart',
          params: { label: 'Accuracy on new points ≥ 97 %', relation: 'atLeast', expected: 0.97 },
        },
      ],
    ],
    wires: [
      'moons.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > newton.objective',
      'loss.objective > lbfgs.objective',
      'newton.run > regions.run',
      'newton.run > curves.runs',
      'lbfgs.run > curves.runs',
      'newton.run > accuracy.run',
      'fresh.dataset > accuracy.dataset',
      'accuracy.value > accuracy-check.value',
    ],
  }),
};
