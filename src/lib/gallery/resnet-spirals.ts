import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A residual network untangles two spirals';
const explanation = [
  'Forty residual layers of two units, $h \\leftarrow h + \\Delta t\\,\\tanh(h W_\\ell + b_\\ell)$ with $\\Delta t = \\tfrac1{10}$, move the plane along an ordinary differential equation $\\dot h = \\tanh(h W(t) + b(t))$ up to $T = 4$. At the end a straight line must tell the two arms apart: $z = h_L V + c$.',
  'Solutions are unique, so paths that begin apart never meet at one time: the layers can turn, stretch and squeeze the plane, but not tear or fold it. Two spirals can be unwound like that, for turning each circle by its own angle does it; a disc inside of a ring could not be separated. Press play in the panel of the trajectories and see how it is done; the regions show the same line drawn back through the layers to the data.',
  'The gradients of the outputs in the hidden states, at the start: through forty plain layers $h \\leftarrow \\tanh(h W_\\ell + b_\\ell)$ with the same weights they fall by orders of magnitude, through the residual ones they do not. The arms overlap hardly at all at $\\sigma = 0.03$, so nearly all new points can be told; the check asks for 97 % of 1000. Try: a width of 3, one and a half turns, or fewer layers.',
];

const adam = { stepSize: 0.2, batchSize: 0, maxSteps: 500, schedule: 'cosine', horizon: 500 };
const shape = { width: 2, depth: 40, horizon: 4 };
const spirals = { turns: 1, noise: 0.03 };

export const resnetSpirals: Template = {
  id: 'resnet-spirals',
  title,
  summary: 'Forty layers of two units unwind the plane until a line separates the arms.',
  rows: ['resnet', 'mlp-2d'],
  lesson: { course: 'numerical-methods', lecture: 5 },
  explanation,
  references: [
    {
      text: 'E, A Proposal on Machine Learning via Dynamical Systems, Communications in Mathematics and Statistics 5, 2017',
      url: 'https://doi.org/10.1007/s40304-017-0103-z',
    },
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017',
      url: 'https://arxiv.org/abs/1705.03341',
    },
    {
      text: 'Dupont, Doucet, Teh, Augmented Neural ODEs, NeurIPS 2019, section 3 (what cannot be separated)',
      url: 'https://arxiv.org/abs/1904.01681',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'spirals', type: 'data/spirals', params: { ...spirals, samples: 300 } },
        {
          id: 'fresh',
          type: 'data/spirals',
          label: 'New points',
          params: { ...spirals, samples: 1000, seed: 1 },
        },
      ],
      [
        { id: 'resnet', type: 'model/resnet', label: 'Residual', params: shape },
        {
          id: 'plain',
          type: 'model/resnet',
          label: 'Plain',
          params: { ...shape, residual: false },
        },
      ],
      [
        { id: 'resnet-loss', type: 'loss/logistic' },
        { id: 'plain-loss', type: 'loss/logistic' },
      ],
      [
        { id: 'resnet-adam', type: 'optimizer/adam', label: 'Adam, residual', params: adam },
        { id: 'plain-adam', type: 'optimizer/adam', label: 'Adam, plain', params: adam },
      ],
      [
        { id: 'paths', type: 'view/layer-trajectories', params: { samples: 150 } },
        { id: 'regions', type: 'view/decision-regions', label: 'Regions, residual' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Accuracy, residual',
          params: { measure: 'accuracy' },
        },
        {
          id: 'norms',
          type: 'view/gradient-norms',
          label: 'Gradients at the start',
          params: { of: 'states', at: 'start' },
        },
      ],
      [
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'The arms are separated',
          params: { label: 'Accuracy on new points ≥ 97 %', relation: 'atLeast', expected: 0.97 },
        },
      ],
    ],
    wires: [
      'spirals.dataset > resnet.data',
      'spirals.dataset > plain.data',
      'resnet.model > resnet-loss.model',
      'plain.model > plain-loss.model',
      'resnet-loss.objective > resnet-adam.objective',
      'plain-loss.objective > plain-adam.objective',
      'resnet-adam.run > paths.run',
      'resnet-adam.run > regions.run',
      'resnet-adam.run > curves.runs',
      'plain-adam.run > curves.runs',
      'resnet-adam.run > norms.runs',
      'plain-adam.run > norms.runs',
      'resnet-adam.run > accuracy.run',
      'fresh.dataset > accuracy.dataset',
      'accuracy.value > accuracy-check.value',
    ],
  }),
};
