import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Deep and residual against deep and plain';
const explanation = [
  'Both networks have 32 layers of 8 units and the same number of weights. The residual one takes steps $h_{\\ell+1} = h_\\ell + \\Delta t\\,\\tanh(h_\\ell W_\\ell + b_\\ell)$ of an ordinary differential equation up to $T = L\\,\\Delta t = 4$; the plain one replaces $h$ by $\\tanh(h W_\\ell + b_\\ell)$. Their weights start alike, at $s/\\sqrt{8}$ times Gaussian draws with $s = 0.5$.',
  'What is left of a gradient after its way back through all layers, $\\lVert\\partial z/\\partial h_0\\rVert / \\lVert\\partial z/\\partial h_L\\rVert$, follows from the weights alone. A plain layer multiplies the mean square by $s^2\\,\\mathbb E\\,\\tanh^{\\prime 2} \\le s^2$, so that at most about $s^{32} = 2\\cdot10^{-10}$ is left. A residual layer multiplies by $I + \\Delta t\\, W \\operatorname{diag}(\\tanh^\\prime)$, whose singular values lie within $1 \\pm \\Delta t\\,\\lVert W\\rVert$, with $\\lVert W\\rVert \\approx 2s$: between $(1 - 2sT/L)^L = 0.014$ and $e^{2sT} = 55$ is left, and the first tends to $e^{-2sT}$ with depth.',
  'Both are checked over eight draws of the weights. The bound for the plain network is $10^{-8}$, as 32 random layers of 8 units scatter by a factor $e^{\\sqrt{32/16}} \\approx 4$ about their mean. The gradient in the weights $W_\\ell$ is as small in the last layer as in the first, for the states shrink on their way forwards too: the plot of norms shows it flat, many orders below that of the residual network and below the $\\varepsilon = 10^{-8}$ that Adam divides by, so that the plain network hardly moves. The residual one learns: of 500 new points let the plain one alone take $n_B$ wrong and the residual one alone $n_A$; if neither were better, $z = (n_B - n_A)/\\sqrt{n_B + n_A}$ would be about normal, and $z \\ge 2$ is asked. Try: depth 128, or $s = 1$.',
];

const adam = { stepSize: 0.02, batchSize: 0, maxSteps: 150 };
const shape = { width: 8, depth: 32, horizon: 4, initialScale: 0.5 };

export const resnetMoons: Template = {
  id: 'resnet-moons',
  title,
  summary: 'Gradients vanish through 32 plain layers and not through 32 residual ones.',
  rows: ['resnet'],
  lesson: { course: 'numerical-methods', lecture: 5 },
  explanation,
  references: [
    {
      text: 'He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016',
      url: 'https://arxiv.org/abs/1512.03385',
    },
    {
      text: 'Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli, Exponential expressivity in deep neural networks through transient chaos, NeurIPS 2016',
      url: 'https://arxiv.org/abs/1606.05340',
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
        { id: 'resnet-decay', type: 'check/gradient-decay', label: 'Residual: what is left' },
        { id: 'plain-decay', type: 'check/gradient-decay', label: 'Plain: what is left' },
      ],
      [
        { id: 'resnet-adam', type: 'optimizer/adam', label: 'Adam, residual', params: adam },
        { id: 'plain-adam', type: 'optimizer/adam', label: 'Adam, plain', params: adam },
        {
          id: 'resnet-check',
          type: 'check/compare',
          label: 'Not lost in residual layers',
          params: {
            label: 'First / last gradient ≥ (1 − 2sT/L)ᴸ',
            relation: 'atLeast',
            expected: elementary.pow(1 - 4 / 32, 32),
          },
        },
        {
          id: 'resnet-growth',
          type: 'check/compare',
          label: 'Nor blown up',
          params: {
            label: 'First / last gradient ≤ exp(2sT)',
            relation: 'atMost',
            expected: elementary.exp(4),
          },
        },
        {
          id: 'plain-check',
          type: 'check/compare',
          label: 'Vanishes in plain layers',
          params: { label: 'First / last gradient ≤ 10⁻⁸', relation: 'atMost', expected: 1e-8 },
        },
      ],
      [
        {
          id: 'norms',
          type: 'view/gradient-norms',
          label: 'Norms at the start',
          params: { at: 'start' },
        },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'regions', type: 'view/decision-regions', label: 'Regions, residual' },
        { id: 'paired', type: 'check/paired', label: 'Residual against plain' },
      ],
      [
        {
          id: 'paired-check',
          type: 'check/compare',
          label: 'Residual layers learn',
          params: {
            label: 'Fewer errors on new points than plain, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
        },
      ],
    ],
    wires: [
      'moons.dataset > resnet.data',
      'moons.dataset > plain.data',
      'resnet.model > resnet-loss.model',
      'plain.model > plain-loss.model',
      'resnet.model > resnet-decay.model',
      'plain.model > plain-decay.model',
      'resnet-decay.smallest > resnet-check.value',
      'resnet-decay.largest > resnet-growth.value',
      'plain-decay.largest > plain-check.value',
      'resnet-loss.objective > resnet-adam.objective',
      'plain-loss.objective > plain-adam.objective',
      'resnet-adam.run > norms.runs',
      'plain-adam.run > norms.runs',
      'resnet-adam.run > curves.runs',
      'plain-adam.run > curves.runs',
      'resnet-adam.run > regions.run',
      'resnet-adam.run > paired.run',
      'plain-adam.run > paired.baseline',
      'fresh.dataset > paired.dataset',
      'paired.z > paired-check.value',
    ],
  }),
};
