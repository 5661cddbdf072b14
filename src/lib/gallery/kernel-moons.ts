import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A kernel classifier of two moons';
const explanation = [
  'A Gaussian kernel machine $z(x) = \\sum_i e^{-\\lVert x - x_i\\rVert^2/(2\\sigma^2)}\\,\\alpha_i$ is linear in $\\alpha$, so the logistic loss with the penalty $\\frac\\lambda2\\alpha^\\top K\\alpha$ is convex, and yet the boundary bends around the moons.',
  'Newton’s method and L-BFGS approach the same minimum; $K$ is badly conditioned, so coefficients differ where the function does not. There is no closed form here: the direct solver and conjugate gradients would refuse the logistic loss, for it is not quadratic. The kernel $\\langle x, x^\\prime\\rangle + 1$ makes the same machine linear: a line.',
  'The minimum is certified: with $u = \\frac1N(\\sigma(z) - y) + \\lambda\\alpha$, strong convexity in the norm of the kernel gives $f - f^* \\le u^\\top K u/(2\\lambda)$. The checks: Newton’s method ends within $10^{-6}$ of it; and on 500 new points the curved boundary is better than the line by two standard errors, $z = (n_B - n_A)/\\sqrt{n_B + n_A} \\ge 2$ for the $n_B$ and $n_A$ points that the line alone and the curve alone takes wrong. Try: a bandwidth of 20, where the Gaussian kernel is nearly linear.',
];

export const kernelMoons: Template = {
  id: 'kernel-moons',
  title,
  summary: 'A convex problem whose solution has a curved boundary.',
  rows: ['classification-tour'],
  lesson: { course: 'mathematics-of-ia', lecture: 4 },
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
      [
        {
          id: 'model',
          type: 'model/kernel',
          label: 'Gaussian kernel',
          params: { bandwidth: 0.5, lambda: 1e-3 },
        },
        {
          id: 'linear',
          type: 'model/kernel',
          label: 'Kernel ⟨x, x′⟩ + 1',
          params: { kernel: 'polynomial', degree: 1, offset: 1, bandwidth: 1, lambda: 1e-3 },
        },
      ],
      [
        { id: 'loss', type: 'loss/logistic' },
        { id: 'linear-loss', type: 'loss/logistic', label: 'Of the line' },
      ],
      [
        {
          id: 'newton',
          type: 'optimizer/newton',
          label: 'Newton',
          params: { maxSteps: 12, tolerance: 1e-12 },
        },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'L-BFGS',
          params: { maxSteps: 60, tolerance: 1e-9 },
        },
        {
          id: 'linear-newton',
          type: 'optimizer/newton',
          label: 'Line',
          params: { maxSteps: 12, tolerance: 1e-12 },
        },
      ],
      [
        { id: 'regions', type: 'view/decision-regions' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        { id: 'paired', type: 'check/paired', label: 'Curve against line' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of Newton',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'paired-check',
          type: 'check/compare',
          label: 'A curve does better',
          params: {
            label: 'Fewer errors on new points than the line, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'Newton finds the minimum',
          params: { label: 'f of Newton is f*', absoluteTolerance: 1e-6 },
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
      'moons.dataset > linear.data',
      'linear.model > linear-loss.model',
      'linear-loss.objective > linear-newton.objective',
      'newton.run > paired.run',
      'linear-newton.run > paired.baseline',
      'fresh.dataset > paired.dataset',
      'paired.z > paired-check.value',
      'newton.run > gap.run',
      'gap.value > gap-check.value',
    ],
  }),
};
