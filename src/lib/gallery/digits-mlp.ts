import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Odd or even: what a hidden layer is for';
const explanation = [
  '1797 images of 8 × 8 grey levels, handwritten digits, to be told even from odd. Ten digits are nearly separable by planes, but the even ones together are not a half-space: the logistic regression $z = w^\\top x + b$ adds evidence of single pixels, and a stroke that speaks for 3 speaks against 8. One hidden layer, $z = W_2\\,\\mathrm{relu}(W_1 x + b_1) + b_2$, can first find parts of digits and then add.',
  'The linear model is the best there is: its loss with $\\frac\\lambda2\\lVert w\\rVert^2$ is convex, and L-BFGS ends at the certified minimum, so that the comparison is with the model and not with a poor run. For the network there is no certificate; what counts are the images kept aside.',
  'Both are judged on the same 449 test images. Of the images that one of them alone takes wrong, $n_B$ by the line and $n_A$ by the network, each is as likely to be either if neither is better, so $z = (n_B - n_A)/\\sqrt{n_B + n_A}$ is about normal ([McNemar](https://doi.org/10.1007/BF02295996)). The checks ask for $z \\ge 2$, and for the baseline to be at its minimum. Try: no hidden layer, or a single unit.',
];

export const digitsMlp: Template = {
  id: 'digits-mlp',
  title,
  summary:
    'A hidden layer tells even digits from odd where the best line fails, measured by a test.',
  rows: ['classification-tour'],
  lesson: { course: 'mathematics-of-ia', lecture: 5 },
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
    {
      text: 'McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12, 1947',
      url: 'https://doi.org/10.1007/BF02295996',
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
      [
        {
          id: 'parity',
          type: 'data/group-classes',
          label: 'Even or odd',
          params: { groups: 'even: 0, 2, 4, 6, 8; odd: 1, 3, 5, 7, 9' },
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
        { id: 'linear', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 3e-4 } },
      ],
      [
        { id: 'loss', type: 'loss/logistic', label: 'Of the network' },
        { id: 'linear-loss', type: 'loss/logistic', label: 'Of the line' },
      ],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Network',
          params: { stepSize: 0.01, batchSize: 64, maxSteps: 400 },
        },
        {
          id: 'lbfgs',
          type: 'optimizer/l-bfgs',
          label: 'Line',
          params: { maxSteps: 400, tolerance: 1e-7 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'confusion', type: 'view/confusion-matrix', label: 'Test images' },
        { id: 'paired', type: 'check/paired', label: 'Network against line' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of the line',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'paired-check',
          type: 'check/compare',
          label: 'A hidden layer helps',
          params: {
            label: 'Fewer test errors than the line, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'The line is the best one',
          params: { label: 'f of the line is f*', absoluteTolerance: 1e-6 },
        },
      ],
    ],
    wires: [
      'table.dataset > parity.dataset',
      'parity.dataset > split.dataset',
      'split.train > scale.data',
      'split.test > scale.test',
      'scale.data > model.data',
      'scale.data > linear.data',
      'model.model > loss.model',
      'linear.model > linear-loss.model',
      'l2.regularizer > linear-loss.regularizer',
      'loss.objective > adam.objective',
      'linear-loss.objective > lbfgs.objective',
      'adam.run > curves.runs',
      'lbfgs.run > curves.runs',
      'adam.run > confusion.run',
      'scale.test > confusion.dataset',
      'adam.run > paired.run',
      'lbfgs.run > paired.baseline',
      'scale.test > paired.dataset',
      'lbfgs.run > gap.run',
      'paired.z > paired-check.value',
      'gap.value > gap-check.value',
    ],
  }),
};
