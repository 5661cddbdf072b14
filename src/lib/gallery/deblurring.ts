import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const title = 'Sharp again: deblurring with total variation';
const explanation = [
  'A phantom of 40 × 40 pixels is blurred by a Gaussian of 1.5 pixels and seen through a little noise, $b = Kx + 0.01\\,\\varepsilon$. The blur $K$ damps the fastest oscillations by a factor of more than $10^{8}$, so $K^{-1}b$ is nothing but amplified noise: the inverse problem is ill-posed.',
  'A penalty decides what is lost. The ridge $\\min_x \\frac12\\lVert Kx - b\\rVert^2 + \\frac\\mu2\\lVert x\\rVert^2$ ([Tikhonov](https://doi.org/10.1137/1.9780898718836)) has a linear system, solved by conjugate gradients; it gains a little and rings at edges. [Total variation](https://doi.org/10.1016/0167-2789%2892%2990242-F), $\\frac12\\lVert Kx - b\\rVert^2 + \\lambda\\lVert\\nabla x\\rVert_{2,1}$, knows that there are edges. ADMM takes it apart; its system $K^\\top K + \\rho\\nabla^\\top\\nabla$ needs only products with the blur.',
  'Both minima are certified: the quadratic one to rounding, the other by a duality gap, for which $K^\\top r + \\nabla^\\top p = 0$ has to hold exactly. The checks say that both runs end within $10^{-6}$ of them, and that the operator is what it claims: $\\langle Kx, y\\rangle = \\langle x, K^\\top y\\rangle$ to rounding for random $x$ and $y$, and $\\lVert K\\rVert \\le 1$. Which image is nearer to the truth is asked pixel by pixel: with $d_i$ the squared error of one less that of another, $z = \\sum_i d_i/\\sqrt{\\sum_i d_i^2}$ is at least 4 for the ridge against the blurred image, and for total variation against the ridge, whose $\\mu$ is near its best. (Pixels err together, so 4 stands in for 2.) Try: $\\lambda$, the width of the blur, or the circular boundary.',
];

const METHODS = [
  { id: 'admm', type: 'optimizer/admm', label: 'TV by ADMM' },
  {
    id: 'cg',
    type: 'optimizer/conjugate-gradient',
    label: 'Ridge by CG',
  },
];

/** The squared distance of each pixel to the truth. */
const SIGNAL: Placed['params'] = { score: 'signal' };

export const deblurring: Template = {
  id: 'deblurring',
  title,
  summary: 'Total variation brings edges back where a ridge rings, both with certified minima.',
  rows: ['inverse-problems'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
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
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.01 } },
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
      METHODS.flatMap(({ id, label }): Placed[] => [
        {
          id: `${id}-gap`,
          type: 'check/measure',
          label: `f − f* of ${label}`,
          params: { measure: 'suboptimality' },
        },
      ]).concat([
        { id: 'tv-paired', type: 'check/paired', label: 'TV against the ridge', params: SIGNAL },
        { id: 'ridge-paired', type: 'check/paired', label: 'Ridge against none', params: SIGNAL },
        {
          id: 'adjoint',
          type: 'check/adjoint',
          label: 'The blur',
          params: { iterations: 100 },
        },
      ]),
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${label}: the minimum is reached`,
          params: { label: 'f = f*', absoluteTolerance: 1e-6 },
        })),
        {
          id: 'tv-check',
          type: 'check/compare',
          label: 'Edges come back',
          params: { label: 'TV nearer than the ridge, z ≥ 4', relation: 'atLeast', expected: 4 },
        },
        {
          id: 'ridge-check',
          type: 'check/compare',
          label: 'The ridge sharpens',
          params: { label: 'Ridge nearer than the blur, z ≥ 4', relation: 'atLeast', expected: 4 },
        },
        {
          id: 'adjoint-check',
          type: 'check/compare',
          label: 'The adjoint',
          params: { label: '⟨Kx, y⟩ = ⟨x, Kᵀy⟩', absoluteTolerance: 1e-14 },
        },
        {
          id: 'norm-check',
          type: 'check/compare',
          label: 'The norm',
          params: { label: '‖K‖ is its bound', expected: 1, absoluteTolerance: 1e-2 },
        },
      ],
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
        `${id}-gap.value > ${id}-check.value`,
      ]),
      'admm.run > tv-paired.run',
      'cg.run > tv-paired.baseline',
      'cg.run > ridge-paired.run',
      'blur.operator > adjoint.operator',
      'tv-paired.z > tv-check.value',
      'ridge-paired.z > ridge-check.value',
      'adjoint.difference > adjoint-check.value',
      'adjoint.share > norm-check.value',
    ],
  }),
};
