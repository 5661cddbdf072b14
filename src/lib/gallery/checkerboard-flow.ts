import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A flow learns a checkerboard';
const explanation = [
  'Points are uniform on eight of the sixteen squares of a board over $[-2, 2]^2$: a density of $\\tfrac18$ there and $0$ elsewhere, with entropy $\\log 8 = 2.079$ nats. A continuous normalizing flow $\\dot z = v_\\theta(z, t)$ has a density that is smooth and positive everywhere, so it can come near but has to round the corners; its velocity has two hidden layers of 24 units here.',
  'Three facts are checked on 2000 points drawn anew, by the adaptive method of Dormand and Prince. Gibbs’ inequality: the expectation of $-\\log p_\\theta$ is never below the entropy, for any density. A mean over 2000 points has a standard error of about 0.011, so 2.02 leaves five of them. The density that is uniform on the whole board, and sees no squares, has $\\log 16 = 2.773$: the flow must be below that by a quarter of a nat at least, so must have found the squares. And $\\int p_\\theta = 1$ to $10^{-3}$.',
  'Press play in the panel of the trajectories: the paths part between squares that touch at a corner. Try: two squares along a side instead of four, or a table of your own points with two columns and no target.',
];

const STEPS = 300;

export const checkerboardFlow: Template = {
  id: 'checkerboard-flow',
  title,
  summary:
    'Maximum likelihood finds the squares of a board, between its entropy and a flat density.',
  explanation,
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, theorem 1',
      url: 'https://arxiv.org/abs/1806.07366',
    },
    {
      text: 'Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, section 4.1 (the checkerboard)',
      url: 'https://arxiv.org/abs/1810.01367',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/checkerboard', params: { samples: 2500 } },
        {
          id: 'fresh',
          type: 'data/checkerboard',
          label: 'New points',
          params: { samples: 2000, seed: 1 },
        },
      ],
      [{ id: 'flow', type: 'model/cnf', params: { widths: [24, 24], steps: 5 } }],
      [{ id: 'loss', type: 'loss/density-likelihood' }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Adam',
          params: {
            stepSize: 0.05,
            batchSize: 64,
            beta2: 0.99,
            maxSteps: STEPS,
            schedule: 'cosine',
            horizon: STEPS,
          },
        },
      ],
      [
        { id: 'density', type: 'view/density' },
        { id: 'trajectories', type: 'view/trajectories' },
        {
          id: 'likelihood',
          type: 'check/density-measure',
          label: 'Likelihood of new points',
          params: { measure: 'nll' },
        },
        {
          id: 'mass',
          type: 'check/density-measure',
          label: 'Integral of the density',
          params: { measure: 'mass' },
        },
      ],
      [
        { id: 'samples', type: 'view/samples' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'entropy-check',
          type: 'check/compare',
          label: 'Not below the entropy',
          params: {
            label: 'Negative log-likelihood ≥ 2.079 − 0.06',
            relation: 'atLeast',
            expected: 2.02,
          },
        },
        {
          id: 'likelihood-check',
          type: 'check/compare',
          label: 'Finds the squares',
          params: {
            label: 'Negative log-likelihood ≤ log 16 − 1/4',
            relation: 'atMost',
            expected: elementary.log(16) - 0.25,
          },
        },
        {
          id: 'mass-check',
          type: 'check/compare',
          label: 'A density',
          params: { label: '∫ p = 1', expected: 1, absoluteTolerance: 1e-3 },
        },
      ],
    ],
    wires: [
      'data.dataset > flow.data',
      'flow.model > loss.model',
      'loss.objective > adam.objective',
      'adam.run > density.run',
      'adam.run > trajectories.run',
      'adam.run > samples.run',
      'adam.run > curves.runs',
      'adam.run > likelihood.run',
      'fresh.dataset > likelihood.dataset',
      'adam.run > mass.run',
      'likelihood.value > entropy-check.value',
      'likelihood.value > likelihood-check.value',
      'mass.value > mass-check.value',
    ],
  }),
};
