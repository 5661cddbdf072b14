import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const title = 'Kernel ridge: the error is U-shaped in the bandwidth';
const explanation = [
  'A Gaussian kernel machine $z(x) = \\sum_i e^{-(x - x_i)^2/(2\\sigma^2)}\\,\\alpha_i$ fits 60 noisy points of $\\sin 2\\pi x$. With squared error and the penalty $\\frac\\lambda2\\alpha^\\top K\\alpha$ the minimiser is $\\alpha = (K + N\\lambda I)^{-1}y$, and the direct solver finds it in one step.',
  'Four branches differ in the bandwidth $\\sigma$ alone. Too narrow, and the function falls back to zero between the points; too wide, and it cannot bend enough. The distance to the curve itself, on 500 new points without noise, is least between.',
  'Conjugate gradients solve the same system from products $K v$ alone, and must meet the closed form: the largest difference of a coefficient is checked.',
];

const BRANCHES = [
  {
    id: 'narrow',
    sigma: 0.005,
    relation: 'atLeast',
    expected: 0.3,
    claim: 'σ = 0.005 is too narrow: RMSE ≥ 0.3',
  },
  {
    id: 'tight',
    sigma: 0.05,
    relation: 'atLeast',
    expected: 0.1,
    claim: 'σ = 0.05 is still narrow: RMSE ≥ 0.1',
  },
  {
    id: 'good',
    sigma: 0.3,
    relation: 'atMost',
    expected: 0.06,
    claim: 'σ = 0.3 is good: RMSE ≤ 0.06',
  },
  {
    id: 'wide',
    sigma: 3,
    relation: 'atLeast',
    expected: 0.3,
    claim: 'σ = 3 is too wide: RMSE ≥ 0.3',
  },
] as const;

const each = (make: (branch: (typeof BRANCHES)[number]) => Placed): Placed[] => BRANCHES.map(make);

export const kernelBandwidth: Template = {
  id: 'kernel-bandwidth',
  title,
  summary: 'Four bandwidths side by side: from too narrow to too wide.',
  explanation,
  references: [
    {
      text: 'Schölkopf, Smola, Learning with Kernels, MIT Press 2002, ch. 4',
      url: 'https://mitpress.mit.edu/9780262536578/',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'curve', type: 'data/curve', params: { samples: 60, noise: 0.1 } }],
      each(({ id, sigma }) => ({
        id: `model-${id}`,
        type: 'model/kernel',
        label: `σ = ${sigma}`,
        params: { bandwidth: sigma, lambda: 1e-4 },
      })),
      each(({ id }) => ({ id: `loss-${id}`, type: 'loss/squared-error' })),
      [
        ...each(({ id, sigma }) => ({
          id: `direct-${id}`,
          type: 'optimizer/direct',
          label: `Direct, σ = ${sigma}`,
        })),
        {
          id: 'cg',
          type: 'optimizer/conjugate-gradient',
          label: 'Conjugate gradients, σ = 0.05',
          params: { maxSteps: 200, tolerance: 1e-12 },
        },
      ],
      [
        { id: 'narrow-curve', type: 'view/predictions', label: 'Too narrow' },
        { id: 'good-curve', type: 'view/predictions', label: 'Good' },
        { id: 'wide-curve', type: 'view/predictions', label: 'Too wide' },
        {
          id: 'truth',
          type: 'data/curve',
          label: 'The curve itself',
          params: { samples: 500, noise: 0, seed: 1 },
        },
      ],
      [
        ...each(({ id, sigma }) => ({
          id: `error-${id}`,
          type: 'check/measure',
          label: `Error, σ = ${sigma}`,
          params: { measure: 'rmse' },
        })),
        {
          id: 'distance',
          type: 'check/measure',
          label: 'Distance to the closed form',
          params: { measure: 'minimiserDistance' },
        },
      ],
      [
        ...each(({ id, relation, expected, claim }) => ({
          id: `check-${id}`,
          type: 'check/compare',
          label: claim.slice(0, claim.indexOf(':')),
          params: { label: claim, relation, expected },
        })),
        {
          id: 'check-distance',
          type: 'check/compare',
          label: 'The closed form is met',
          params: {
            label: 'max |α − (K + NλI)⁻¹y| ≤ 1e-8',
            relation: 'atMost',
            expected: 1e-8,
          },
        },
      ],
    ],
    wires: [
      ...BRANCHES.flatMap(({ id }) => [
        `curve.dataset > model-${id}.data`,
        `model-${id}.model > loss-${id}.model`,
        `loss-${id}.objective > direct-${id}.objective`,
        `direct-${id}.run > error-${id}.run`,
        `truth.dataset > error-${id}.dataset`,
        `error-${id}.value > check-${id}.value`,
      ]),
      'loss-tight.objective > cg.objective',
      'direct-narrow.run > narrow-curve.run',
      'direct-good.run > good-curve.run',
      'direct-wide.run > wide-curve.run',
      'cg.run > distance.run',
      'distance.value > check-distance.value',
    ],
  }),
};
