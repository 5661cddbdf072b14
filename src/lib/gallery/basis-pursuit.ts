import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Seventeen spikes out of a hundred measurements';
const explanation = [
  'A signal of 400 samples is zero but for 17 spikes $\\pm 1$ at unknown places. It is measured 100 times, $b = Kx$ with random numbers $K_{ij} \\sim \\mathcal N(0, 1/100)$: four unknowns for each equation. [Basis pursuit](https://doi.org/10.1137/S1064827596304010) takes the solution of least $\\ell_1$ norm, $\\min \\lVert x\\rVert_1$ subject to $Kx = b$, a linear program.',
  '[Theory](https://doi.org/10.1090/S0894-0347-08-00600-0) says that it is the true signal, exactly and with overwhelming probability, as long as the spikes are few: for a quarter as many measurements as unknowns, up to about a quarter of the measurements. At 31 spikes the $\\ell_1$ norm of another solution is nearly always smaller.',
  'There is no smooth part. Douglas–Rachford and ADMM alternate soft thresholding with the projection $v + K^{+}(b - Kv)$ onto the solutions; Chambolle–Pock takes products with $K$ alone and meets the equation in the limit, as its infeasibility shows. The first three checks say that all methods meet in the certified minimiser to $10^{-10}$, the last that it is the signal: a peak signal-to-noise ratio of 180 dB is an error of $2 \\cdot 10^{-9}$. Try: 31 nonzeros, or other seeds.',
];

const METHODS = [
  { id: 'dr', type: 'optimizer/douglas-rachford', label: 'Douglas–Rachford' },
  { id: 'admm', type: 'optimizer/admm', label: 'ADMM' },
  { id: 'cp', type: 'optimizer/chambolle-pock', label: 'Chambolle–Pock' },
];

export const basisPursuit: Template = {
  id: 'basis-pursuit',
  title,
  summary: 'Three splitting methods recover a sparse signal exactly from few random measurements.',
  rows: ['compressed-sensing', 'admm-dr-pd'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Chen, Donoho, Saunders, Atomic Decomposition by Basis Pursuit, SIAM J. Sci. Comput. 20(1), 1998',
      url: 'https://doi.org/10.1137/S1064827596304010',
    },
    {
      text: 'Donoho, Tanner, Counting Faces of Randomly Projected Polytopes When the Projection Radically Lowers Dimension, J. Amer. Math. Soc. 22(1), 2009',
      url: 'https://doi.org/10.1090/S0894-0347-08-00600-0',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'signal', type: 'data/sparse-signal', params: { length: 400, nonzeros: 17 } }],
      [{ id: 'matrix', type: 'operator/matrix', params: { rows: 100 } }],
      [{ id: 'measured', type: 'data/observation', params: { noise: 0 } }],
      [{ id: 'loss', type: 'loss/basis-pursuit' }],
      [
        { ...METHODS[0], params: { maxSteps: 2000, tolerance: 1e-12 } },
        { ...METHODS[1], params: { maxSteps: 2000, tolerance: 1e-12, rho: 3 } },
        { ...METHODS[2], params: { maxSteps: 4000, tolerance: 1e-12 } },
      ],
      [
        { id: 'reconstruction', type: 'view/reconstruction' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-distance`,
          type: 'check/measure',
          label: `${label} against the certified minimiser`,
          params: { measure: 'minimiserDistance' },
        })),
        { id: 'psnr', type: 'check/measure', label: 'PSNR', params: { measure: 'psnr' } },
      ],
      [
        ...METHODS.map(({ id, label }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${label} finds the minimiser`,
          params: {
            label: `${label}: largest |x − x*| ≤ 1e-10`,
            relation: 'atMost',
            expected: 1e-10,
          },
        })),
        {
          id: 'psnr-check',
          type: 'check/compare',
          label: 'It is the signal',
          params: { label: 'PSNR ≥ 180 dB', relation: 'atLeast', expected: 180 },
        },
      ],
    ],
    wires: [
      'signal.dataset > matrix.data',
      'signal.dataset > measured.data',
      'matrix.operator > measured.operator',
      'measured.dataset > loss.data',
      ...METHODS.flatMap(({ id }) => [
        `loss.objective > ${id}.objective`,
        `${id}.run > reconstruction.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > ${id}-distance.run`,
        `${id}-distance.value > ${id}-check.value`,
      ]),
      'dr.run > psnr.run',
      'psnr.value > psnr-check.value',
    ],
  }),
};
