import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Steps out of noise: total variation in one dimension';
const explanation = [
  'A signal that is constant on eight pieces is seen through noise of deviation 0.1. Total-variation denoising solves $\\min_x \\frac12\\lVert x - y\\rVert^2 + \\lambda \\sum_i \\lvert x_{i+1} - x_i\\rvert$: the penalty counts the height of every jump and does not care how steep it is, so noise is flattened and edges stay.',
  'The penalty is $\\lVert Kx\\rVert_1$ with $K$ the differences of neighbours, $\\lVert K\\rVert \\le 2$. Its prox is not soft thresholding, so FISTA refuses this problem. [ADMM](https://doi.org/10.1561/2200000016) and [Chambolle–Pock](https://doi.org/10.1007/s10851-010-0251-1) apply $K$ and soft thresholding separately.',
  'In one dimension the minimiser is a taut string pulled through a tube of radius $\\lambda$ around the cumulative sums of $y$, and [Condat’s algorithm](https://doi.org/10.1109/LSP.2013.2278339) finds it exactly. The checks say that both methods end within $10^{-8}$ of it.',
  'How large should $\\lambda$ be? A tenth of it leaves noise, ten times as much flattens steps: place by place, with $d_i$ the squared error for another $\\lambda$ less that for 0.3, $z = \\sum_i d_i/\\sqrt{\\sum_i d_i^2} \\ge 2$ for both. Try: move $\\lambda$ while it runs.',
];

const METHODS = [
  { id: 'admm', type: 'optimizer/admm', label: 'ADMM' },
  { id: 'cp', type: 'optimizer/chambolle-pock', label: 'Chambolle–Pock' },
];

const OTHERS = [
  { id: 'little', lambda: 0.03, name: 'small' },
  { id: 'much', lambda: 3, name: 'large' },
] as const;

export const tvSignal: Template = {
  id: 'tv-signal',
  title,
  summary: 'ADMM and Chambolle–Pock recover steps from noise and meet the exact taut string.',
  rows: ['tv-denoise'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Rudin, Osher, Fatemi, Nonlinear Total Variation Based Noise Removal Algorithms, Physica D 60, 1992',
      url: 'https://doi.org/10.1016/0167-2789(92)90242-F',
    },
    {
      text: 'Condat, A Direct Algorithm for 1-D Total Variation Denoising, IEEE Signal Process. Lett. 20(11), 2013',
      url: 'https://doi.org/10.1109/LSP.2013.2278339',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'signal', type: 'data/signal', params: { length: 200, pieces: 8, noise: 0.1 } }],
      [
        { id: 'loss', type: 'loss/tv-denoising', params: { lambda: 0.3 } },
        ...OTHERS.map(({ id, lambda }) => ({
          id: `${id}-loss`,
          type: 'loss/tv-denoising',
          label: `λ = ${lambda}`,
          params: { lambda },
        })),
      ],
      [
        { ...METHODS[0], params: { maxSteps: 4000, tolerance: 1e-11 } },
        { ...METHODS[1], params: { maxSteps: 20000, tolerance: 1e-11, innerSteps: 1 } },
        ...OTHERS.map(({ id, lambda }) => ({
          id,
          type: 'optimizer/admm',
          label: `λ = ${lambda}`,
          params: { maxSteps: 2000, tolerance: 1e-6 },
        })),
      ],
      [
        { id: 'reconstruction', type: 'view/reconstruction' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-distance`,
          type: 'check/measure',
          label: `${label} against the taut string`,
          params: { measure: 'minimiserDistance' },
        })),
        ...OTHERS.map(({ id, lambda }) => ({
          id: `${id}-paired`,
          type: 'check/paired',
          label: `λ = 0.3 against ${lambda}`,
          params: { score: 'signal' },
        })),
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${label} finds the taut string`,
          params: {
            label: `${label}: largest |x − x*| ≤ 1e-8`,
            relation: 'atMost',
            expected: 1e-8,
          },
        })),
        ...OTHERS.map(({ id, lambda, name }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `λ = ${lambda} is too ${name}`,
          params: {
            label: `λ = 0.3 nearer to the truth than ${lambda}, z ≥ 2`,
            relation: 'atLeast',
            expected: 2,
          },
        })),
      ],
    ],
    wires: [
      'signal.dataset > loss.data',
      ...METHODS.flatMap(({ id }) => [
        `loss.objective > ${id}.objective`,
        `${id}.run > reconstruction.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > ${id}-distance.run`,
        `${id}-distance.value > ${id}-check.value`,
      ]),
      ...OTHERS.flatMap(({ id }) => [
        `signal.dataset > ${id}-loss.data`,
        `${id}-loss.objective > ${id}.objective`,
        `${id}.run > reconstruction.runs`,
        `cp.run > ${id}-paired.run`,
        `${id}.run > ${id}-paired.baseline`,
        `${id}-paired.z > ${id}-check.value`,
      ]),
    ],
  }),
};
