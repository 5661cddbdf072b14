import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const title = 'Kernel ridge: the error is U-shaped in the bandwidth';
const explanation = [
  'A Gaussian kernel machine $z(x) = \\sum_i e^{-(x - x_i)^2/(2\\sigma^2)}\\,\\alpha_i$ fits 120 noisy points of $\\sin 2\\pi x$. With squared error and the penalty $\\frac\\lambda2\\alpha^\\top K\\alpha$ the minimiser is $\\alpha = (K + N\\lambda I)^{-1}y$, and the direct solver finds it in one step.',
  'Four branches differ in the bandwidth $\\sigma$ alone. Too narrow, and the function falls back to zero between the points; too wide, and it cannot bend enough. The distance to the curve itself, on 500 new points without noise, is least between: of the squared errors $b_i$ of another bandwidth and $a_i$ of the good one, the differences $d_i = b_i - a_i$ have $z = \\sum_i d_i/\\sqrt{\\sum_i d_i^2} \\ge 2$.',
  'How good is good? The fit is linear in $y$, so the noise in it has a mean variance of about $\\sigma_y^2 d/N$ with the effective dimension $d = \\operatorname{tr} K(K + N\\lambda I)^{-1}$, which the spectrum gives. New points with noise of their own are then missed by $\\sigma_y\\sqrt{1 + d/N} \\approx \\sigma_y(1 + \\frac{d}{2N})$, and the measured error has a standard error of $\\sigma_y/\\sqrt{2n}$ over $n = 500$ of them: the good bandwidth is checked to be within four. Conjugate gradients solve the same system from products $K v$ alone, and must meet the closed form: the largest difference of a coefficient is checked.',
];

const NOISE = 0.1;
const SEEN = 120;
const FRESH = 500;
const BRANCHES = [
  { id: 'narrow', sigma: 0.005, claim: 'σ = 0.005 is too narrow' },
  { id: 'tight', sigma: 0.05, claim: 'σ = 0.05 is still narrow' },
  { id: 'good', sigma: 0.3, claim: 'σ = 0.3 is good' },
  { id: 'wide', sigma: 3, claim: 'σ = 3 is too wide' },
] as const;
const WORSE = BRANCHES.filter(({ id }) => id !== 'good');

const each = (make: (branch: (typeof BRANCHES)[number]) => Placed): Placed[] => BRANCHES.map(make);

export const kernelBandwidth: Template = {
  id: 'kernel-bandwidth',
  title,
  summary: 'Four bandwidths side by side: from too narrow to too wide.',
  rows: ['kernel-ridge'],
  lesson: { course: 'mathematics-of-ia', lecture: 4 },
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
      [
        {
          id: 'curve',
          type: 'data/curve',
          params: { samples: SEEN, noise: NOISE, places: 'even' },
        },
      ],
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
        { id: 'spectrum', type: 'view/spectrum', label: 'Spectrum, σ = 0.3' },
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
          params: { samples: FRESH, noise: 0, seed: 1 },
        },
        {
          id: 'fresh',
          type: 'data/curve',
          label: 'New noisy points',
          params: { samples: FRESH, noise: NOISE, seed: 2 },
        },
      ],
      [
        ...WORSE.map(({ id, sigma }) => ({
          id: `against-${id}`,
          type: 'check/paired',
          label: `σ = 0.3 against σ = ${sigma}`,
          params: { score: 'squares' },
        })),
        {
          id: 'error',
          type: 'check/measure',
          label: 'Error on noisy points',
          params: { measure: 'rmse' },
        },
        {
          id: 'foreseen',
          type: 'check/arithmetic',
          label: 'Error foreseen',
          params: { label: 'σ(1 + d/2N)', alpha: NOISE / (2 * SEEN), gamma: NOISE },
        },
        {
          id: 'distance',
          type: 'check/measure',
          label: 'Distance to the closed form',
          params: { measure: 'minimiserDistance' },
        },
      ],
      [
        ...WORSE.map(({ id, claim }) => ({
          id: `check-${id}`,
          type: 'check/compare',
          label: claim,
          params: { label: `${claim}: z ≥ 2`, relation: 'atLeast', expected: 2 },
        })),
        {
          id: 'check-good',
          type: 'check/compare',
          label: 'σ = 0.3 is good',
          params: {
            label: 'RMSE on new points is σ(1 + d/2N), within four standard errors',
            absoluteTolerance: (4 * NOISE) / Math.sqrt(2 * FRESH),
          },
        },
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
      ]),
      ...WORSE.flatMap(({ id }) => [
        `direct-good.run > against-${id}.run`,
        `direct-${id}.run > against-${id}.baseline`,
        `truth.dataset > against-${id}.dataset`,
        `against-${id}.z > check-${id}.value`,
      ]),
      'loss-tight.objective > cg.objective',
      'direct-narrow.run > narrow-curve.run',
      'direct-good.run > good-curve.run',
      'direct-wide.run > wide-curve.run',
      'direct-good.run > error.run',
      'fresh.dataset > error.dataset',
      'error.value > check-good.value',
      'model-good.model > spectrum.model',
      'spectrum.dimension > foreseen.m',
      'foreseen.value > check-good.expected',
      'cg.run > distance.run',
      'distance.value > check-distance.value',
    ],
  }),
};
