import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Sharp again: deblurring with total variation';
const explanation = [
  'A phantom of 40 × 40 pixels is blurred by a Gaussian of 1.5 pixels and seen through a little noise, $b = Kx + 0.01\\,\\varepsilon$. The blur $K$ damps the fastest oscillations by a factor of more than $10^{8}$, so $K^{-1}b$ is nothing but amplified noise: the inverse problem is ill-posed.',
  'A penalty decides what is lost. The ridge $\\min_x \\frac12\\lVert Kx - b\\rVert^2 + \\frac\\mu2\\lVert x\\rVert^2$ ([Tikhonov](https://doi.org/10.1137/1.9780898718836)) has a linear system, solved by conjugate gradients; it gains a little and rings at edges. [Total variation](https://doi.org/10.1016/0167-2789%2892%2990242-F), $\\frac12\\lVert Kx - b\\rVert^2 + \\lambda\\lVert\\nabla x\\rVert_{2,1}$, knows that there are edges. ADMM takes it apart; its system $K^\\top K + \\rho\\nabla^\\top\\nabla$ needs only products with the blur.',
  'Both minima are certified in float64: the quadratic one to rounding, the other by a duality gap, for which $K^\\top r + \\nabla^\\top p = 0$ has to hold exactly. The checks say that both runs end within $10^{-6}$ of them, and that total variation gains at least 8 dB over the blurred image, the ridge at least 1 dB. Try: $\\lambda$, the width of the blur, or the circular boundary.',
];

const METHODS = [
  { id: 'admm', type: 'optimizer/admm', label: 'TV by ADMM', expected: 8 },
  {
    id: 'cg',
    type: 'optimizer/conjugate-gradient',
    label: 'Ridge by CG',
    expected: 1,
  },
];

export const deblurring: Template = {
  id: 'deblurring',
  title,
  summary: 'Total variation brings edges back where a ridge rings, both with certified minima.',
  explanation,
  references: [
    {
      text: 'Rudin, Osher, Fatemi, Nonlinear Total Variation Based Noise Removal Algorithms, Physica D 60, 1992',
      url: 'https://doi.org/10.1016/0167-2789(92)90242-F',
    },
    {
      text: 'Hansen, Discrete Inverse Problems: Insight and Algorithms, SIAM, 2010, chapter 4',
      url: 'https://doi.org/10.1137/1.9780898718836',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'image',
          type: 'data/image-phantom',
          params: { image: 'shapes', size: 40, noise: 0 },
        },
      ],
      [
        { id: 'blur', type: 'operator/blur', params: { sigma: 1.5 } },
        { id: 'tv', type: 'regularizer/total-variation', params: { lambda: 0.001 } },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.003 } },
      ],
      [{ id: 'blurred', type: 'data/observation', params: { noise: 0.01 } }],
      [
        { id: 'loss', type: 'loss/inverse-problem', label: 'With total variation' },
        { id: 'ridge', type: 'loss/inverse-problem', label: 'With a ridge' },
      ],
      [
        {
          id: METHODS[0].id,
          type: METHODS[0].type,
          label: METHODS[0].label,
          params: {
            maxSteps: 800,
            tolerance: 1e-6,
            rho: 0.03,
            innerSteps: 6,
            relaxation: 1.8,
            balancing: false,
          },
        },
        {
          id: METHODS[1].id,
          type: METHODS[1].type,
          label: METHODS[1].label,
          params: { maxSteps: 200, tolerance: 1e-10 },
        },
      ],
      [
        { id: 'reconstruction', type: 'view/reconstruction' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      METHODS.flatMap(({ id, label }) => [
        {
          id: `${id}-gap`,
          type: 'check/measure',
          label: `f − f* of ${label}`,
          params: { measure: 'suboptimality' },
        },
        {
          id: `${id}-gain`,
          type: 'check/measure',
          label: `Gain of ${label}`,
          params: { measure: 'psnrGain' },
        },
      ]),
      METHODS.flatMap(({ id, label, expected }) => [
        {
          id: `${id}-check`,
          type: 'check/compare',
          label: `${label}: the minimum is reached`,
          params: { label: 'f − f* ≤ 1e-6', relation: 'atMost', expected: 1e-6 },
        },
        {
          id: `${id}-gain-check`,
          type: 'check/compare',
          label: `${label}: sharper than the blurred image`,
          params: { label: `gain of PSNR ≥ ${expected} dB`, relation: 'atLeast', expected },
        },
      ]),
    ],
    wires: [
      'image.dataset > blur.data',
      'image.dataset > blurred.data',
      'blur.operator > blurred.operator',
      'blurred.dataset > loss.data',
      'blurred.dataset > ridge.data',
      'tv.regularizer > loss.regularizer',
      'l2.regularizer > ridge.regularizer',
      'loss.objective > admm.objective',
      'ridge.objective > cg.objective',
      ...METHODS.flatMap(({ id }) => [
        `${id}.run > reconstruction.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > ${id}-gap.run`,
        `${id}.run > ${id}-gain.run`,
        `${id}-gap.value > ${id}-check.value`,
        `${id}-gain.value > ${id}-gain-check.value`,
      ]),
    ],
  }),
};
