import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two pixels in five: inpainting';
const explanation = [
  'Of a picture of 40 × 40 pixels only two in five are left, at random, with a little noise: $b = m \\odot x + 0.01\\,\\varepsilon$ where $m_i = 1$. The data term $\\frac12\\lVert m \\odot x - b\\rVert^2$ says nothing about the other pixels; the penalty alone fills them in.',
  '[Total variation](https://doi.org/10.1016/0167-2789%2892%2990242-F) fills gaps with flat pieces and short edges, by ADMM. The [nuclear norm](https://doi.org/10.1007/s10208-009-9045-5) does not know what a neighbour is: it asks for few independent rows, $\\min_X \\frac12\\lVert m \\odot X - b\\rVert^2 + \\lambda\\lVert X\\rVert_*$, which is matrix completion, by FISTA with the thresholding of singular values.',
  'The minimum with total variation is certified by a duality gap, to about a millionth of $F$; ADMM ends within a hundred-thousandth, ten times as much. For the nuclear norm convexity gives a bound from the gradient $G = m \\odot X - b$ at the end of the run alone, $F - F^* \\le \\lambda\\lVert X\\rVert_* + \\langle G, X\\rangle + \\frac{F(0)}\\lambda(\\lVert G\\rVert_2 - \\lambda)_+$: at most a thousandth of $F$. Pixel by pixel, with $d_i$ the squared error of one picture less that of another, $z = \\sum_i d_i/\\sqrt{\\sum_i d_i^2}$ is at least 4 for the nuclear norm against the picture with holes, and for total variation against itself with a hundred times the $\\lambda$, which flattens the shapes. (Which of the two penalties is nearer depends on which pixels are left.) Try: a missing block, or the Shepp–Logan phantom.',
];

export const inpainting: Template = {
  id: 'inpainting',
  title,
  summary: 'Total variation and the nuclear norm fill in what a mask took away.',
  rows: ['inverse-problems'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
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
        {
          id: 'flat-tv',
          type: 'regularizer/total-variation',
          label: 'A hundred times λ',
          params: { lambda: 1 },
        },
        { id: 'nuclear', type: 'regularizer/nuclear-norm', params: { lambda: 0.1 } },
      ],
      [{ id: 'seen', type: 'data/observation', params: { noise: 0.01 } }],
      [
        { id: 'tv-loss', type: 'loss/inverse-problem', label: 'With total variation' },
        { id: 'flat-loss', type: 'loss/inverse-problem', label: 'With a hundred times λ' },
        { id: 'nuclear-loss', type: 'loss/inverse-problem', label: 'With the nuclear norm' },
      ],
      [
        {
          id: 'admm',
          type: 'optimizer/admm',
          label: 'TV by ADMM',
          params: {
            maxSteps: 2000,
            tolerance: 1e-7,
            innerSteps: 8,
            rho: 0.6,
            relaxation: 1.8,
            balancing: false,
          },
        },
        {
          id: 'flat',
          type: 'optimizer/admm',
          label: 'TV, a hundred times λ',
          params: { maxSteps: 100, tolerance: 1e-4, innerSteps: 8, rho: 0.6 },
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
        { id: 'tv-value', type: 'check/measure', label: 'f of ADMM' },
        {
          id: 'nuclear-value',
          type: 'check/measure',
          label: 'f of FISTA',
        },
        { id: 'optimality', type: 'check/optimality', label: 'Optimality of FISTA' },
      ],
      [
        {
          id: 'tv-paired',
          type: 'check/paired',
          label: 'TV against flat TV',
          params: { score: 'signal' },
        },
        {
          id: 'nuclear-paired',
          type: 'check/paired',
          label: 'Rank against holes',
          params: { score: 'signal' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'ADMM reaches f*',
          params: { label: 'ADMM: f − f* ≤ f / 100 000', relation: 'atMost', factor: 1e-5 },
        },
        {
          id: 'optimality-check',
          type: 'check/compare',
          label: 'FISTA reaches f*',
          params: { label: 'FISTA: f − f* ≤ f / 1000', relation: 'atMost', factor: 1e-3 },
        },
        {
          id: 'tv-check',
          type: 'check/compare',
          label: 'Shapes stay',
          params: { label: 'TV nearer than with 100 λ, z ≥ 4', relation: 'atLeast', expected: 4 },
        },
        {
          id: 'nuclear-check',
          type: 'check/compare',
          label: 'Few rows fill holes',
          params: { label: 'Rank nearer than holes, z ≥ 4', relation: 'atLeast', expected: 4 },
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
      'fista.run > optimality.run',
      'fista.run > nuclear-value.run',
      'seen.dataset > flat-loss.data',
      'flat-tv.regularizer > flat-loss.regularizer',
      'flat-loss.objective > flat.objective',
      'admm.run > tv-paired.run',
      'flat.run > tv-paired.baseline',
      'fista.run > nuclear-paired.run',
      'admm.run > tv-value.run',
      'gap.value > gap-check.value',
      'tv-value.value > gap-check.expected',
      'optimality.bound > optimality-check.value',
      'nuclear-value.value > optimality-check.expected',
      'tv-paired.z > tv-check.value',
      'nuclear-paired.z > nuclear-check.value',
    ],
  }),
};
