import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two moons and the regions of a network';
const explanation = [
  'No line separates two interleaved moons. A network of two hidden layers with tanh, $z = W_3\\tanh(W_2\\tanh(W_1 x + b_1) + b_2) + b_3$, bends the plane until one does: the picture shows for each point the class it would choose and how sure it is, while it learns.',
  'The logistic loss $\\frac1N\\sum_i\\log(1 + e^{z_i}) - y_i z_i$ is the negative log-likelihood of the two classes. Adam and SGD with momentum start at the same weights and see the same batches, so the race is about the method alone.',
  'The check uses 500 points drawn anew with another seed: at least 95 % must fall on the right side. Try: one hidden unit, or the spirals instead of the moons.',
];

const steps = { batchSize: 32, maxSteps: 1500 };

export const twoMoons: Template = {
  id: 'two-moons',
  title,
  summary: 'Watch a small network bend its decision boundary around two moons.',
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
      [{ id: 'model', type: 'model/mlp', params: { widths: [16, 16] } }],
      [{ id: 'loss', type: 'loss/logistic' }],
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
      ],
      [
        { id: 'regions', type: 'view/decision-regions', label: 'Regions of Adam' },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'sgd-regions', type: 'view/decision-regions', label: 'Regions of SGD' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Accuracy on new points',
          params: { measure: 'accuracy' },
        },
      ],
      [
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'The moons are apart',
          params: { label: 'Accuracy on new points ≥ 95 %', relation: 'atLeast', expected: 0.95 },
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
      'adam.run > accuracy.run',
      'fresh.dataset > accuracy.dataset',
      'accuracy.value > accuracy-check.value',
    ],
  }),
};
