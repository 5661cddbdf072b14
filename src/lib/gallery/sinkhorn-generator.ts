import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A generator trained by the Sinkhorn divergence';
const explanation = [
  'A network $g_\\theta$ carries Gaussian noise to points like the data, without a density: it is trained by a distance between clouds, the debiased Sinkhorn divergence $S_\\varepsilon = \\mathrm{OT}_\\varepsilon(x, y) - \\frac12\\mathrm{OT}_\\varepsilon(x, x) - \\frac12\\mathrm{OT}_\\varepsilon(y, y)$. Its gradient pulls each sample along the plan towards the data and away from the other samples; by the envelope theorem no iteration is differentiated.',
  'While it trains, the plan from new samples to new data is drawn between the clouds. Its lines shorten until they are no longer than the data explain: two draws of 256 points of the same data have a distance too, the noise level $\\ell^2$.',
  'From finite draws the squared distance of two distributions is measured as their own and about a noise level on top: a perfect generator would stand at $\\ell^2$, not at 0. The check takes it off again: what is left, $W_2^2(\\text{new samples}, \\text{new data}) - \\ell^2$, is below $\\ell^2$, where $\\ell^2$ is the mean over four independent draws in turn, each with the next, so that the luck of one draw does not decide. All distances are exact. Try: a smaller $\\varepsilon$ while it runs, the sliced or the exact distance; a generator without hidden layers, which makes Gaussians alone.',
];
/** Independent draws of the same data. */
const PAIRS = [
  ['data', 'fresh'],
  ['fresh', 'draw-2'],
  ['draw-2', 'draw-3'],
] as const;

export const sinkhornGenerator: Template = {
  id: 'sinkhorn-generator',
  title,
  summary:
    'Noise is carried to two moons by a network that has only seen distances between clouds.',
  rows: ['ot-training', 'sinkhorn'],
  lesson: { course: 'mathematics-of-ia', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences (2019)',
      url: 'https://arxiv.org/abs/1810.08278',
    },
    {
      text: 'Genevay, Peyré, Cuturi, Learning generative models with Sinkhorn divergences (2018)',
      url: 'https://arxiv.org/abs/1706.00292',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/two-moons', params: { samples: 256, noise: 0.1 } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New data',
          params: { samples: 256, noise: 0.1, seed: 1 },
        },
        ...[2, 3].map((seed) => ({
          id: `draw-${seed}`,
          type: 'data/two-moons',
          label: `Draw ${seed}`,
          params: { samples: 256, noise: 0.1, seed },
        })),
      ],
      [{ id: 'generator', type: 'model/generator' }],
      [{ id: 'loss', type: 'loss/wasserstein', params: { entropicReg: 0.02, iterations: 12 } }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          params: {
            stepSize: 0.02,
            batchSize: 96,
            maxSteps: 240,
            schedule: 'cosine',
            horizon: 240,
          },
        },
      ],
      [
        { id: 'samples', type: 'data/generated' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        { id: 'plan', type: 'view/transport-plan', label: 'Plan while it trains' },
        { id: 'cost', type: 'check/exact-transport', label: 'New samples to new data' },
        ...PAIRS.map(([a, b], k) => ({
          id: `level-${k + 1}`,
          type: 'check/exact-transport',
          label: `Noise level, ${a} to ${b}`,
        })),
      ],
      [{ id: 'two', type: 'check/arithmetic', label: 'Sum of two levels' }],
      [
        {
          id: 'three',
          type: 'check/arithmetic',
          label: 'Mean noise level',
          params: { label: 'mean noise level ℓ²', alpha: 1 / 3, beta: 1 / 3 },
        },
      ],
      [
        {
          id: 'debiased',
          type: 'check/arithmetic',
          label: 'Distance without noise',
          params: { label: 'W₂² less the noise level', beta: -1 },
        },
      ],
      [
        {
          id: 'near',
          type: 'check/compare',
          label: 'As near as data are',
          params: {
            label: 'W₂² from new samples to new data less ℓ², at most ℓ²',
            relation: 'atMost',
          },
        },
      ],
    ],
    wires: [
      'data.dataset > generator.data',
      'generator.model > loss.model',
      'data.dataset > loss.data',
      'loss.objective > adam.objective',
      'adam.run > samples.run',
      'adam.run > curves.runs',
      'samples.dataset > plan.source',
      'fresh.dataset > plan.target',
      'samples.dataset > cost.source',
      'fresh.dataset > cost.target',
      ...PAIRS.flatMap(([a, b], k) => [
        `${a}.dataset > level-${k + 1}.source`,
        `${b}.dataset > level-${k + 1}.target`,
      ]),
      'level-1.cost > two.m',
      'level-2.cost > two.n',
      'two.value > three.m',
      'level-3.cost > three.n',
      'cost.cost > debiased.m',
      'three.value > debiased.n',
      'debiased.value > near.value',
      'three.value > near.expected',
    ],
  }),
};
