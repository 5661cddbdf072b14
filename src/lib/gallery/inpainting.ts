import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two pixels in five: inpainting';
const explanation = [
  'Of a picture of 40 × 40 pixels only two in five are left, at random, with a little noise: $b = m \\odot x + 0.01\\,\\varepsilon$ where $m_i = 1$. The data term $\\frac12\\lVert m \\odot x - b\\rVert^2$ says nothing about the other pixels; the penalty alone fills them in.',
  '[Total variation](https://doi.org/10.1016/0167-2789%2892%2990242-F) fills gaps with flat pieces and short edges, by ADMM. The [nuclear norm](https://doi.org/10.1007/s10208-009-9045-5) does not know what a neighbour is: it asks for few independent rows, $\\min_X \\frac12\\lVert m \\odot X - b\\rVert^2 + \\lambda\\lVert X\\rVert_*$, which is matrix completion, by FISTA with the thresholding of singular values.',
  'The minimum with total variation is certified by a duality gap in float64. The checks say that ADMM ends within $10^{-6}$ of it and that the gradient mapping of FISTA, which is 0 only at solutions, is below $10^{-6}$; that total variation gains at least 10 dB over the picture with holes, and the nuclear norm at least 3. Try: a missing block, or the Shepp–Logan phantom.',
];

export const inpainting: Template = {
  id: 'inpainting',
  title,
  summary: 'Total variation and the nuclear norm fill in what a mask took away.',
  explanation,
  references: [
    {
      text: 'Chan, Shen, Mathematical Models for Local Nontexture Inpaintings, SIAM J. Appl. Math. 62(3), 2002',
      url: 'https://doi.org/10.1137/S0036139900368844',
    },
    {
      text: 'Candès, Recht, Exact Matrix Completion via Convex Optimization, Found. Comput. Math. 9, 2009',
      url: 'https://doi.org/10.1007/s10208-009-9045-5',
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
        { id: 'mask', type: 'operator/mask', params: { share: 0.4 } },
        { id: 'tv', type: 'regularizer/total-variation', params: { lambda: 0.01 } },
        { id: 'nuclear', type: 'regularizer/nuclear-norm', params: { lambda: 0.1 } },
      ],
      [{ id: 'seen', type: 'data/observation', params: { noise: 0.01 } }],
      [
        { id: 'tv-loss', type: 'loss/inverse-problem', label: 'With total variation' },
        { id: 'nuclear-loss', type: 'loss/inverse-problem', label: 'With the nuclear norm' },
      ],
      [
        {
          id: 'admm',
          type: 'optimizer/admm',
          label: 'TV by ADMM',
          params: {
            maxSteps: 1000,
            tolerance: 1e-7,
            innerSteps: 8,
            rho: 0.6,
            relaxation: 1.8,
            balancing: false,
          },
        },
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'Rank by FISTA',
          params: { maxSteps: 800, tolerance: 1e-6 },
        },
      ],
      [
        { id: 'reconstruction', type: 'view/reconstruction' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of ADMM',
          params: { measure: 'suboptimality' },
        },
        {
          id: 'tv-gain',
          type: 'check/measure',
          label: 'Gain of total variation',
          params: { measure: 'psnrGain' },
        },
        {
          id: 'residual',
          type: 'check/measure',
          label: 'Gradient mapping of FISTA',
          params: { measure: 'residual' },
        },
        {
          id: 'nuclear-gain',
          type: 'check/measure',
          label: 'Gain of the nuclear norm',
          params: { measure: 'psnrGain' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'ADMM reaches f*',
          params: { label: 'f − f* ≤ 1e-6', relation: 'atMost', expected: 1e-6 },
        },
        {
          id: 'tv-gain-check',
          type: 'check/compare',
          label: 'Total variation fills the holes',
          params: { label: 'gain of PSNR ≥ 10 dB', relation: 'atLeast', expected: 10 },
        },
        {
          id: 'residual-check',
          type: 'check/compare',
          label: 'FISTA has arrived',
          params: { label: 'gradient mapping ≤ 1e-6', relation: 'atMost', expected: 1e-6 },
        },
        {
          id: 'nuclear-gain-check',
          type: 'check/compare',
          label: 'So do few independent rows',
          params: { label: 'gain of PSNR ≥ 3 dB', relation: 'atLeast', expected: 3 },
        },
      ],
    ],
    wires: [
      'image.dataset > mask.data',
      'image.dataset > seen.data',
      'mask.operator > seen.operator',
      'seen.dataset > tv-loss.data',
      'seen.dataset > nuclear-loss.data',
      'tv.regularizer > tv-loss.regularizer',
      'nuclear.regularizer > nuclear-loss.regularizer',
      'tv-loss.objective > admm.objective',
      'nuclear-loss.objective > fista.objective',
      'admm.run > reconstruction.runs',
      'fista.run > reconstruction.runs',
      'admm.run > curves.runs',
      'fista.run > curves.runs',
      'admm.run > gap.run',
      'admm.run > tv-gain.run',
      'fista.run > residual.run',
      'fista.run > nuclear-gain.run',
      'gap.value > gap-check.value',
      'tv-gain.value > tv-gain-check.value',
      'residual.value > residual-check.value',
      'nuclear-gain.value > nuclear-gain-check.value',
    ],
  }),
};
