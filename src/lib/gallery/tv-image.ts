import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'An image out of noise: total variation in two dimensions';
const explanation = [
  'The Shepp–Logan phantom, 64 pixels a side, is seen through noise of deviation 0.1. Total-variation denoising solves $\\min_x \\frac12\\lVert x - b\\rVert^2 + \\lambda \\sum_{ij} \\lVert (\\nabla x)_{ij}\\rVert_2$, which keeps edges and flattens what lies between.',
  '[Chambolle–Pock](https://doi.org/10.1007/s10851-010-0251-1) and [ADMM](https://doi.org/10.1561/2200000016) both need only the gradient, its adjoint and the shortening of each pair $(\\nabla x)_{ij}$ by a constant. The pictures are, from left to right, the true image, the noisy one, and the two results.',
  'The minimum is certified by the duality gap of a [dual solve](https://doi.org/10.1109/TIP.2009.2028250). ADMM with $\\rho = 20$ shortens by $\\lambda/\\rho = 0.004$ a step, a small part of a jump, and so does Chambolle–Pock with a large dual step: slower at the start, and faster to the last digits. The checks say that both come within $10^{-6}$ of the minimum, and that more than half of the squared error of the noisy image is gone, $10\\log_{10} 2 = 3$ dB. Try: $\\lambda$ from 0.02 to 0.5, or the accelerated Chambolle–Pock with $\\tau/\\sigma = 100$.',
];

const METHODS = [
  { id: 'cp', type: 'optimizer/chambolle-pock', label: 'Chambolle–Pock' },
  { id: 'admm', type: 'optimizer/admm', label: 'ADMM' },
];

export const tvImage: Template = {
  id: 'tv-image',
  title,
  summary: 'Chambolle–Pock and ADMM clean the Shepp–Logan phantom and keep its edges.',
  rows: ['tv-denoise'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Rudin, Osher, Fatemi, Nonlinear Total Variation Based Noise Removal Algorithms, Physica D 60, 1992',
      url: 'https://doi.org/10.1016/0167-2789(92)90242-F',
    },
    {
      text: 'Beck, Teboulle, Fast Gradient-Based Algorithms for Constrained Total Variation Image Denoising and Deblurring Problems, IEEE Trans. Image Process. 18(11), 2009',
      url: 'https://doi.org/10.1109/TIP.2009.2028250',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'image', type: 'data/image-phantom', params: { size: 64, noise: 0.1 } }],
      [{ id: 'loss', type: 'loss/tv-denoising', params: { lambda: 0.08 } }],
      [
        { ...METHODS[0], params: { maxSteps: 2200, tolerance: 1e-6, innerSteps: 1, ratio: 1e-3 } },
        {
          ...METHODS[1],
          params: {
            maxSteps: 1000,
            tolerance: 2e-6,
            innerSteps: 3,
            rho: 20,
            relaxation: 1.8,
            balancing: false,
          },
        },
      ],
      [
        { id: 'reconstruction', type: 'view/reconstruction' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-gap`,
          type: 'check/measure',
          label: `f − f* of ${label}`,
          params: { measure: 'suboptimality' },
        })),
        {
          id: 'gain',
          type: 'check/measure',
          label: 'Gain of PSNR',
          params: { measure: 'psnrGain' },
        },
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${label} reaches f*`,
          params: { label: `${label}: f = f*`, absoluteTolerance: 1e-6 },
        })),
        {
          id: 'gain-check',
          type: 'check/compare',
          label: 'Most of the noise is gone',
          params: {
            label: 'Squared error at least halved, in dB',
            relation: 'atLeast',
            expected: (10 * Math.LN2) / Math.LN10,
          },
        },
      ],
    ],
    wires: [
      'image.dataset > loss.data',
      ...METHODS.flatMap(({ id }) => [
        `loss.objective > ${id}.objective`,
        `${id}.run > reconstruction.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > ${id}-gap.run`,
        `${id}-gap.value > ${id}-check.value`,
      ]),
      'cp.run > gain.run',
      'gain.value > gain-check.value',
    ],
  }),
};
