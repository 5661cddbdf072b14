import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A generator trained by the Sinkhorn divergence';
const explanation = [
  'A network $g_\\theta$ carries Gaussian noise to points like the data, without a density: it is trained by a distance between clouds, the debiased Sinkhorn divergence $S_\\varepsilon = \\mathrm{OT}_\\varepsilon(x, y) - \\frac12\\mathrm{OT}_\\varepsilon(x, x) - \\frac12\\mathrm{OT}_\\varepsilon(y, y)$. Its gradient pulls each sample along the plan towards the data and away from the other samples; by the envelope theorem no iteration is differentiated.',
  'The noise level of such a distance is what two fresh draws of the data have between them. The exact cost between new samples and new data is compared with it.',
  'The checks: two draws of 200 points of the data cost at least 0.034 to carry one to the other, and 200 new samples of the generator cost at most that: by this measure they are no further from the data than the data are from themselves. Try: a smaller $\\varepsilon$ while it runs, or the sliced distance.',
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
          params: { samples: 200, noise: 0.1, seed: 1 },
        },
        {
          id: 'other',
          type: 'data/two-moons',
          label: 'More new data',
          params: { samples: 200, noise: 0.1, seed: 2 },
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
        { id: 'samples', type: 'data/generated', params: { samples: 200 } },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        { id: 'plan', type: 'check/exact-transport', label: 'New samples to new data' },
        { id: 'level', type: 'check/exact-transport', label: 'New data to new data' },
      ],
      [
        {
          id: 'plan-check',
          type: 'check/compare',
          label: 'Below the noise level',
          params: {
            label: 'Cost from new samples to new data',
            relation: 'atMost',
            expected: 0.034,
          },
        },
        {
          id: 'level-check',
          type: 'check/compare',
          label: 'The noise level',
          params: { label: 'Cost from new data to new data', relation: 'atLeast', expected: 0.034 },
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
      'other.dataset > level.source',
      'fresh.dataset > level.target',
      'plan.cost > plan-check.value',
      'level.cost > level-check.value',
    ],
  }),
};
