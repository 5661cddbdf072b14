import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A flow learns a checkerboard';
const explanation = [
  'Points are uniform on eight of the sixteen squares of a board over $[-2, 2]^2$: a density of $\\tfrac18$ there and $0$ elsewhere, with entropy $\\log 8 = 2.079$ nats. A continuous normalizing flow $\\dot z = v_\\theta(z, t)$ has a density that is smooth and positive everywhere, so it can come near but has to round the corners; its velocity has two hidden layers of 24 units here.',
  'Three facts are checked on 1000 points drawn anew, by the adaptive method of Dormand and Prince. The excess of $-\\log p_\\theta$ over $\\log 8$ is on average a divergence, so not negative. Each coordinate alone is uniform, and the density that is uniform on the whole board, which sees no squares, has an excess of $\\log 2 = 0.693$, the information that one coordinate holds about the other. The flow must find some of it beyond chance: its excess is below $\\log 2$ by at least two of its standard errors, and not below $0$ by more than four. And $\\int p_\\theta = 1$ to $10^{-3}$, or the likelihood would mean nothing.',
  'Press play in the panel of the trajectories: the paths part between squares that touch at a corner. Try: two squares along a side instead of four, or a table of your own points with two columns and no target.',
];

const STEPS = 300;

export const checkerboardFlow: Template = {
  id: 'checkerboard-flow',
  title,
  summary: 'Maximum likelihood finds the squares of a board, which neither coordinate alone shows.',
  rows: ['cnf'],
  lesson: { course: 'numerical-methods', lecture: 10 },
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
          params: { samples: 1000, seed: 1 },
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
          id: 'excess',
          type: 'check/density-measure',
          label: 'Excess on new points',
          params: { measure: 'excess' },
        },
        {
          id: 'mass',
          type: 'check/density-measure',
          label: 'Integral of the density',
          params: { measure: 'mass', resolution: 81 },
        },
      ],
      [
        {
          id: 'gained',
          type: 'check/arithmetic',
          label: 'Found of log 2',
          params: { label: 'log 2 less the excess', alpha: -1, gamma: Math.LN2 },
        },
      ],
      [
        {
          id: 'z',
          type: 'check/arithmetic',
          label: 'In standard errors',
          params: { label: 'z of what is found', operation: 'ratio' },
        },
      ],
      [
        { id: 'samples', type: 'view/samples' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'excess-check',
          type: 'check/compare',
          label: 'Finds the squares',
          params: {
            label: 'Divergence from the board below log 2, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
        },
        {
          id: 'floor-check',
          type: 'check/compare',
          label: 'Not beyond the truth',
          params: {
            label: 'Divergence ≥ 0, within four standard errors',
            relation: 'atLeast',
            factor: -4,
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
      'adam.run > excess.run',
      'fresh.dataset > excess.dataset',
      'adam.run > mass.run',
      'excess.value > gained.m',
      'gained.value > z.m',
      'excess.error > z.n',
      'z.value > excess-check.value',
      'excess.value > floor-check.value',
      'excess.error > floor-check.expected',
      'mass.value > mass-check.value',
    ],
  }),
};
