import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A residual network untangles two spirals';
const explanation = [
  'Forty residual layers of two units, $h \\leftarrow h + \\Delta t\\,\\tanh(h W_\\ell + b_\\ell)$ with $\\Delta t = \\tfrac1{10}$, move the plane along an ordinary differential equation $\\dot h = \\tanh(h W(t) + b(t))$ up to $T = 4$. At the end a straight line must tell the two arms apart: $z = h_L V + c$.',
  'Solutions are unique, so paths that begin apart never meet at one time: the layers can turn, stretch and squeeze the plane, but not tear or fold it. Two spirals can be unwound like that, for turning each circle by its own angle does it; a disc inside of a ring could not be separated. Press play in the panel of the trajectories and see how it is done; the regions show the same line drawn back through the layers to the data.',
  'The gradients of the outputs in the hidden states, at the start: through forty plain layers $h \\leftarrow \\tanh(h W_\\ell + b_\\ell)$ with the same weights they fall by orders of magnitude, through the residual ones they do not. The checks compare on 1000 new points what is told wrong. Let the plain network alone, or the best line without any layers, take $n_B$ points wrong and the residual one alone $n_A$: were they equally good, $z = (n_B - n_A)/\\sqrt{n_B + n_A}$ would be about normal. Against both $z \\ge 2$; the line is the best there is, by its certificate. Try: a width of 3, one and a half turns, or fewer layers.',
];

const adam = { stepSize: 0.2, batchSize: 0, maxSteps: 500, schedule: 'cosine', horizon: 500 };
const shape = { width: 2, depth: 40, horizon: 4 };
const BASELINES = [
  { id: 'plain', run: 'plain-adam', name: 'the plain network' },
  { id: 'line', run: 'lbfgs', name: 'a line' },
] as const;
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
        { id: 'line', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 1e-3 } },
      ],
      [
        { id: 'resnet-loss', type: 'loss/logistic' },
        { id: 'plain-loss', type: 'loss/logistic' },
        { id: 'line-loss', type: 'loss/logistic', label: 'Of the line' },
      ],
      [
        { id: 'resnet-adam', type: 'optimizer/adam', label: 'Adam, residual', params: adam },
        { id: 'plain-adam', type: 'optimizer/adam', label: 'Adam, plain', params: adam },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'Line',
          params: { maxSteps: 200, tolerance: 1e-8 },
        },
      ],
      [
        { id: 'paths', type: 'view/layer-trajectories', params: { samples: 150 } },
        { id: 'regions', type: 'view/decision-regions', label: 'Regions, residual' },
        { id: 'curves', type: 'view/loss-curves' },
      ],
      [
        {
          id: 'norms',
          type: 'view/gradient-norms',
          label: 'Gradients at the start',
          params: { of: 'states', at: 'start' },
        },
        { id: 'plain-paired', type: 'check/paired', label: 'Residual against plain' },
        { id: 'line-paired', type: 'check/paired', label: 'Residual against a line' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of the line',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        ...BASELINES.map(({ id, name }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `Better than ${name}`,
          params: {
            label: `Fewer errors on new points than ${name}, z ≥ 2`,
            relation: 'atLeast',
            expected: 2,
          },
        })),
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'The line is the best one',
          params: { label: 'f of the line is f*', absoluteTolerance: 1e-8 },
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
      'spirals.dataset > line.data',
      'line.model > line-loss.model',
      'l2.regularizer > line-loss.regularizer',
      'line-loss.objective > lbfgs.objective',
      'lbfgs.run > gap.run',
      'gap.value > gap-check.value',
      ...BASELINES.flatMap(({ id, run }) => [
        `resnet-adam.run > ${id}-paired.run`,
        `${run}.run > ${id}-paired.baseline`,
        `fresh.dataset > ${id}-paired.dataset`,
        `${id}-paired.z > ${id}-check.value`,
      ]),
    ],
  }),
};
