import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two moons by straight paths: OT-Flow';
const explanation = [
  'Many velocity fields carry a Gaussian to the same density. OT-Flow prefers the one of least work: it adds $\\lambda\\,\\frac1N\\sum_i\\int_0^1\\frac12\\lVert v_\\theta(z_i(t), t)\\rVert^2\\,\\mathrm dt$ to $-\\frac1N\\sum_i\\log p_\\theta(x_i)$. By Benamou and Brenier the field of least kinetic energy between two densities is that of optimal transport, along which every point moves on a straight line at constant speed.',
  'Both flows start at the same weights and see the same batches; one has $\\lambda = 0.3$, the other none. Compare the trajectories.',
  'How little work is possible? Between any density and $\\mathcal N(0, I)$ the cost is at least $\\frac12 W_2^2$, and [Gelbrich’s bound](https://doi.org/10.1002/mana.19901470121) $W_2^2 \\ge \\lVert m\\rVert^2 + \\sum_i(1 - s_i)^2$ needs only the mean $m$ of the moons and the roots $s_i^2$ of their covariance, which are integrals of sines: $W_2^2 \\ge 0.641$. The checks, on new points: of the work beyond that bound that the flow without the term does, OT-Flow saves more than half; and its density is a good one: a Gaussian of the same mean and covariance has $-\\log p$ of $\\log 2\\pi e + \\frac12\\log\\det\\Sigma = 1.908$ on average, and of what that is above the truth at most half is left. Try: move $\\lambda$ while it runs.',
];

const steps = {
  stepSize: 0.03,
  batchSize: 128,
  beta2: 0.99,
  maxSteps: 160,
  schedule: 'cosine',
  horizon: 160,
} as const;
const moons = { noise: 0.1 };
const WIDTH = 32;
const SAMPLES = 400;

/** Of the moons of noise σ, whose two half circles have t uniform: means, variances and covariance are integrals of sines. */
function moments(sigma: number) {
  const [meanX, meanY] = [1 / 2, 1 / 4];
  const varX = 1 - meanX ** 2 + sigma ** 2;
  const varY = (1 / 2 + (3 / 4 - 2 / Math.PI)) / 2 - meanY ** 2 + sigma ** 2;
  const covariance = (1 / 2 - 2 / Math.PI) / 2 - meanX * meanY;
  return { meanX, meanY, varX, varY, covariance };
}
const { meanX, meanY, varX, varY, covariance } = moments(moons.noise);
const determinant = varX * varY - covariance ** 2;
/** Expected −log p of the Gaussian with these moments. */
const GAUSSIAN = 1 + elementary.log(2 * Math.PI) + elementary.log(determinant) / 2;
/** Gelbrich's bound of ½W₂² from N(0, I): √λ₁ + √λ₂ of the covariance is √(tr + 2√det). */
const LEAST =
  (meanX ** 2 +
    meanY ** 2 +
    2 +
    varX +
    varY -
    2 * Math.sqrt(varX + varY + 2 * Math.sqrt(determinant))) /
  2;

export const moonsTransportFlow: Template = {
  id: 'moons-transport-flow',
  title,
  summary: 'A flow to two moons with and without the cost of transport: straight paths or winding.',
  rows: ['cnf'],
  lesson: { course: 'numerical-methods', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Onken, Wu Fung, Li, Ruthotto, OT-Flow, AAAI 2021, equations (5) and (6)',
      url: 'https://arxiv.org/abs/2006.00104',
    },
    {
      text: 'Gelbrich, On a Formula for the L² Wasserstein Metric between Measures on Euclidean and Hilbert Spaces, Math. Nachr. 147, 1990, theorem 2.1',
      url: 'https://doi.org/10.1002/mana.19901470121',
    },
    {
      text: 'Benamou, Brenier, A computational fluid mechanics solution to the Monge–Kantorovich mass transfer problem, Numer. Math. 84, 2000',
      url: 'https://doi.org/10.1007/s002110050002',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/two-moons', params: { ...moons, samples: SAMPLES } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New points',
          params: { ...moons, samples: 600, seed: 1 },
        },
      ],
      [{ id: 'flow', type: 'model/cnf', params: { widths: [WIDTH], steps: 5 } }],
      [
        {
          id: 'transport',
          type: 'loss/density-likelihood',
          label: 'With transport cost',
          params: { transportCost: true, lambda: 0.3 },
        },
        { id: 'plain', type: 'loss/density-likelihood', label: 'Likelihood alone' },
      ],
      [
        { id: 'ot', type: 'optimizer/adam', label: 'OT-Flow', params: steps },
        { id: 'free', type: 'optimizer/adam', label: 'Likelihood alone', params: steps },
      ],
      [
        { id: 'ot-paths', type: 'view/trajectories', label: 'Paths of OT-Flow' },
        { id: 'free-paths', type: 'view/trajectories', label: 'Paths without the cost' },
        {
          id: 'ot-cost',
          type: 'check/density-measure',
          label: 'Transport cost of OT-Flow',
          params: { measure: 'transport' },
        },
        {
          id: 'free-cost',
          type: 'check/density-measure',
          label: 'Transport cost without',
          params: { measure: 'transport' },
        },
        {
          id: 'nll',
          type: 'check/density-measure',
          label: 'Likelihood of new points',
          params: { measure: 'nll' },
        },
        {
          id: 'excess',
          type: 'check/density-measure',
          label: 'Excess on new points',
          params: { measure: 'excess' },
        },
      ],
      [
        { id: 'density', type: 'view/density', label: 'Density of OT-Flow' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'missed',
          type: 'check/arithmetic',
          label: 'Better than a Gaussian by',
          params: { label: 'likelihood gained over a Gaussian', alpha: -1, gamma: GAUSSIAN },
        },
        {
          id: 'halfway',
          type: 'check/arithmetic',
          label: 'Half of what is saved',
          params: { label: 'halfway to the least', alpha: 0.5, gamma: LEAST / 2 },
        },
      ],
      [
        {
          id: 'saved-check',
          type: 'check/compare',
          label: 'Little work',
          params: { label: 'More than half of the spare work is saved', relation: 'atMost' },
        },
        {
          id: 'excess-check',
          type: 'check/compare',
          label: 'Still a good fit',
          params: {
            label: 'At most half of what a Gaussian misses is left',
            relation: 'atMost',
          },
        },
      ],
    ],
    wires: [
      'data.dataset > flow.data',
      'flow.model > transport.model',
      'flow.model > plain.model',
      'transport.objective > ot.objective',
      'plain.objective > free.objective',
      'ot.run > ot-paths.run',
      'free.run > free-paths.run',
      'ot.run > density.run',
      'ot.run > curves.runs',
      'free.run > curves.runs',
      'ot.run > ot-cost.run',
      'free.run > free-cost.run',
      'fresh.dataset > ot-cost.dataset',
      'fresh.dataset > free-cost.dataset',
      'ot.run > excess.run',
      'fresh.dataset > excess.dataset',
      'free-cost.value > halfway.m',
      'ot-cost.value > saved-check.value',
      'halfway.value > saved-check.expected',
      'ot.run > nll.run',
      'fresh.dataset > nll.dataset',
      'nll.value > missed.m',
      'excess.value > excess-check.value',
      'missed.value > excess-check.expected',
    ],
  }),
};
