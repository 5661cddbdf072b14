import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two moons and the regions of a network';
const explanation = [
  'No line separates two interleaved moons. A network of two hidden layers with tanh, $z = W_3\\tanh(W_2\\tanh(W_1 x + b_1) + b_2) + b_3$, bends the plane until one does: the picture shows for each point the class it would choose and how sure it is, while it learns.',
  'The logistic loss $\\frac1N\\sum_i\\log(1 + e^{z_i}) - y_i z_i$ is the negative log-likelihood of the two classes. Adam and SGD with momentum start at the same weights and see the same batches, so the race is about the method alone.',
  'The best line is the measure: L-BFGS finds the minimum of the logistic loss of $z = w^\\top x + b$, certified. Of 500 points drawn anew, let the line alone take $n_B$ wrong and a network alone $n_A$. If they were equally good, $z = (n_B - n_A)/\\sqrt{n_B + n_A}$ would be about normal; the checks ask of both networks that $z \\ge 2$, and of the line that it is the best one. Try: one hidden unit, which draws a line again, or the spirals instead of the moons.',
];

const steps = { batchSize: 32, maxSteps: 1500 };

export const twoMoons: Template = {
  id: 'two-moons',
  title,
  summary: 'Watch a small network bend its decision boundary around two moons.',
  rows: ['mlp-2d'],
  lesson: { course: 'mathematics-of-ia', lecture: 5 },
  explanation,
  references: [
    {
      text: 'Goodfellow, Bengio, Courville, Deep Learning, MIT Press 2016, ch. 6',
      url: 'https://www.deeplearningbook.org',
    },
    {
      text: 'Kingma, Ba, Adam: A Method for Stochastic Optimization, ICLR 2015',
      url: 'https://arxiv.org/abs/1412.6980',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'auto',
    columns: [
      [
        { id: 'moons', type: 'data/two-moons', params: { samples: 300, noise: 0.15 } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New points',
          params: { samples: 500, noise: 0.15, seed: 1 },
        },
      ],
      [
        { id: 'model', type: 'model/mlp', params: { widths: [16, 16] } },
        { id: 'line', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 1e-3 } },
      ],
      [
        { id: 'loss', type: 'loss/logistic', label: 'Of the network' },
        { id: 'line-loss', type: 'loss/logistic', label: 'Of the line' },
      ],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Adam',
          params: { ...steps, stepSize: 0.01 },
        },
        {
          id: 'sgd',
          type: 'optimizer/sgd',
          label: 'SGD with momentum',
          params: { ...steps, stepSize: 0.1, momentum: 0.9 },
        },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'Line',
          params: { maxSteps: 200, tolerance: 1e-8 },
        },
      ],
      [
        { id: 'regions', type: 'view/decision-regions', label: 'Regions of Adam' },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'sgd-regions', type: 'view/decision-regions', label: 'Regions of SGD' },
      ],
      [
        { id: 'adam-paired', type: 'check/paired', label: 'Adam against the line' },
        { id: 'sgd-paired', type: 'check/paired', label: 'SGD against the line' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of the line',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        ...(['adam', 'sgd'] as const).map((id) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${id === 'adam' ? 'Adam' : 'SGD'} bends the boundary`,
          params: {
            label: 'Fewer errors on new points than the line, z ≥ 2',
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
      'moons.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > adam.objective',
      'loss.objective > sgd.objective',
      'adam.run > regions.run',
      'adam.run > curves.runs',
      'sgd.run > curves.runs',
      'sgd.run > sgd-regions.run',
      'moons.dataset > line.data',
      'line.model > line-loss.model',
      'l2.regularizer > line-loss.regularizer',
      'line-loss.objective > lbfgs.objective',
      'lbfgs.run > gap.run',
      'gap.value > gap-check.value',
      ...['adam', 'sgd'].flatMap((id) => [
        `${id}.run > ${id}-paired.run`,
        `lbfgs.run > ${id}-paired.baseline`,
        `fresh.dataset > ${id}-paired.dataset`,
        `${id}-paired.z > ${id}-check.value`,
      ]),
    ],
  }),
};
