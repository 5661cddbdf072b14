import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Deep and residual against deep and plain';
const explanation = [
  'Both networks have 24 layers of 6 units and the same number of weights. The residual one takes steps $h_{\\ell+1} = h_\\ell + \\Delta t\\,\\tanh(h_\\ell W_\\ell + b_\\ell)$ of an ordinary differential equation; the plain one replaces $h$ by $\\tanh(h W_\\ell + b_\\ell)$. Their weights start alike, at $0.5/\\sqrt{6}$ times Gaussian draws.',
  'The norms of $\\partial f/\\partial W_\\ell$ tell why one of them learns: in the plain network the gradient shrinks by a factor with each layer on its way back, in the residual one it does not.',
  'The checks use 500 new points: the residual network must reach 95 % of them, and the plain one is not expected to leave the level of guessing.',
];

const adam = { stepSize: 0.02, batchSize: 0, maxSteps: 150 };
const shape = { width: 6, depth: 24, initialScale: 0.5 };

export const resnetMoons: Template = {
  id: 'resnet-moons',
  title,
  summary: 'Gradients vanish through 24 plain layers and not through 24 residual ones.',
  explanation,
  references: [
    {
      text: 'He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016',
      url: 'https://arxiv.org/abs/1512.03385',
    },
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017',
      url: 'https://arxiv.org/abs/1705.03341',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'auto',
    columns: [
      [
        { id: 'moons', type: 'data/two-moons', params: { samples: 150, noise: 0.1 } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New points',
          params: { samples: 500, noise: 0.1, seed: 1 },
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
        {
          id: 'norms',
          type: 'view/gradient-norms',
          label: 'Gradient norms at the start',
          params: { at: 'start' },
        },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'regions', type: 'view/decision-regions', label: 'Regions of the residual network' },
        {
          id: 'resnet-accuracy',
          type: 'check/measure',
          label: 'Accuracy, residual',
          params: { measure: 'accuracy' },
        },
        {
          id: 'plain-accuracy',
          type: 'check/measure',
          label: 'Accuracy, plain',
          params: { measure: 'accuracy' },
        },
      ],
      [
        {
          id: 'resnet-check',
          type: 'check/compare',
          label: 'The residual network learns',
          params: { label: 'Accuracy on new points ≥ 95 %', relation: 'atLeast', expected: 0.95 },
        },
        {
          id: 'plain-check',
          type: 'check/compare',
          label: 'The plain network does not',
          params: { label: 'Accuracy on new points ≤ 90 %', relation: 'atMost', expected: 0.9 },
        },
      ],
    ],
    wires: [
      'moons.dataset > resnet.data',
      'moons.dataset > plain.data',
      'resnet.model > resnet-loss.model',
      'plain.model > plain-loss.model',
      'resnet-loss.objective > resnet-adam.objective',
      'plain-loss.objective > plain-adam.objective',
      'resnet-adam.run > norms.runs',
      'plain-adam.run > norms.runs',
      'resnet-adam.run > curves.runs',
      'plain-adam.run > curves.runs',
      'resnet-adam.run > regions.run',
      'resnet-adam.run > resnet-accuracy.run',
      'fresh.dataset > resnet-accuracy.dataset',
      'plain-adam.run > plain-accuracy.run',
      'fresh.dataset > plain-accuracy.dataset',
      'resnet-accuracy.value > resnet-check.value',
      'plain-accuracy.value > plain-check.value',
    ],
  }),
};
