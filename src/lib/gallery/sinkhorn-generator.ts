import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A generator trained by the Sinkhorn divergence';
const explanation = [
  'A network $g_\\theta$ carries Gaussian noise to points like the data, without a density: it is trained by a distance between clouds, the debiased Sinkhorn divergence $S_\\varepsilon = \\mathrm{OT}_\\varepsilon(x, y) - \\frac12\\mathrm{OT}_\\varepsilon(x, x) - \\frac12\\mathrm{OT}_\\varepsilon(y, y)$. Its gradient pulls each sample along the plan towards the data and away from the other samples; by the envelope theorem no iteration is differentiated.',
  'While it trains, the plan from new samples to new data is drawn between the clouds. Its lines shorten until they are no longer than the data explain: two draws of 256 points of the same data have a distance too, $\\ell = W_2(\\text{data}, \\text{new data})$, the noise level.',
  'The check: new samples are at most $2\\ell$ from new data, in squares $W_2^2 \\le 4\\,\\ell^2$. The triangle inequality gives this to a generator whose samples are as near to the data it has seen as another draw of the data would be. Both distances are exact, and are measured here, so that the check holds for other seeds as well. Try: a smaller $\\varepsilon$ while it runs, the sliced or the exact distance.',
];
export const sinkhornGenerator: Template = {
  id: 'sinkhorn-generator',
  title,
  summary:
    'Noise is carried to two moons by a network that has only seen distances between clouds.',
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
      ],
      [{ id: 'generator', type: 'model/generator' }],
      [{ id: 'loss', type: 'loss/wasserstein', params: { entropicReg: 0.02, iterations: 12 } }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          params: {
            stepSize: 0.02,
            batchSize: 128,
            maxSteps: 300,
            schedule: 'cosine',
            horizon: 300,
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
        { id: 'level', type: 'check/exact-transport', label: 'Noise level' },
      ],
      [
        {
          id: 'near',
          type: 'check/compare',
          label: 'As near as data are',
          params: {
            label: 'W₂² from new samples to new data, at most four noise levels',
            relation: 'atMost',
            factor: 4,
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
      'data.dataset > level.source',
      'fresh.dataset > level.target',
      'cost.cost > near.value',
      'level.cost > near.expected',
    ],
  }),
};
