import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Handwritten digits with a small network';
const explanation = [
  '1797 images of 8 × 8 grey levels, ten digits. A network with one hidden layer, $z = W_2\\,\\mathrm{relu}(W_1 x + b_1) + b_2$, is trained on three quarters of them with the softmax cross-entropy; Adam takes 64 images at a time. The pixels are scaled to $[0, 1]$ by the training set.',
  'The objective is not convex, so there is no certificate; what counts are images the network has not seen. The confusion matrix shows which digits are taken for which others.',
  'The check says that at least 95 % of the test images are read rightly. A linear model (no hidden layers) already reads about 96 %; the network gains a point or two.',
];

export const digitsMlp: Template = {
  id: 'digits-mlp',
  title,
  summary: 'A multilayer perceptron reads 8 × 8 images of digits, judged on a test set.',
  explanation,
  references: [
    {
      text: 'Alpaydin, Kaynak, Cascading Classifiers, Kybernetika 34(4), 1998 (the data)',
      url: 'https://doi.org/10.24432/C50P49',
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
        {
          id: 'table',
          type: 'data/table',
          label: 'Digits',
          params: { table: { source: 'builtin', name: 'digits' }, targetKind: 'classes' },
        },
      ],
      [{ id: 'split', type: 'data/split', params: { testFraction: 0.25 } }],
      [{ id: 'scale', type: 'data/standardize', params: { method: 'range' } }],
      [
        {
          id: 'model',
          type: 'model/mlp',
          params: { widths: [48], activation: 'relu', initializer: 'he-normal' },
        },
      ],
      [{ id: 'loss', type: 'loss/softmax-cross-entropy' }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Adam',
          params: { stepSize: 0.01, batchSize: 64, maxSteps: 400 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'confusion', type: 'view/confusion-matrix', label: 'Test images' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Test accuracy',
          params: { measure: 'accuracy' },
        },
      ],
      [
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'Digits are read',
          params: { label: 'Test accuracy ≥ 95 %', relation: 'atLeast', expected: 0.95 },
        },
      ],
    ],
    wires: [
      'table.dataset > split.dataset',
      'split.train > scale.data',
      'split.test > scale.test',
      'scale.data > model.data',
      'model.model > loss.model',
      'loss.objective > adam.objective',
      'adam.run > curves.runs',
      'adam.run > confusion.run',
      'scale.test > confusion.dataset',
      'adam.run > accuracy.run',
      'scale.test > accuracy.dataset',
      'accuracy.value > accuracy-check.value',
    ],
  }),
};
