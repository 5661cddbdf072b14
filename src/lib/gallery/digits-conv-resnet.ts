import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Small digits or large with a convolutional ResNet';
const explanation = [
  '1797 images of 8 × 8 grey levels; is the digit below five? A convolution of 3 × 3 pixels lifts each image to three channels, $h_0 = \\mathrm{relu}(K_0 * x + b_0)$; a residual block adds to it what two convolutions make of it, $h \\leftarrow h + \\Delta t\\,(K^\\prime * \\mathrm{relu}(K * h + b) + b^\\prime)$; a linear map of all pixels of all channels gives the logit.',
  'The same kernel is used at every pixel, so the weights of the convolutions see each stroke wherever it is. Blocks begin as the identity, for $K^\\prime = 0$ at the start; depth then costs nothing before it is learned to be useful.',
  'Without the nonlinear convolutions a logistic regression of the pixels is left; L-BFGS finds the best one, certified. On the same test images the network must be better than it by two standard errors, $z = (n_B - n_A)/\\sqrt{n_B + n_A} \\ge 2$ for the $n_B$ and $n_A$ images that the line alone and the network alone takes wrong. Ten digits would prove less: a line already reads 97 % of them. Try: more channels and steps on a GPU.',
];

const STEPS = 150;

export const digitsConvResnet: Template = {
  id: 'digits-conv-resnet',
  title,
  summary: 'Residual blocks of 3 × 3 convolutions sort images that no line sorts as well.',
  rows: ['cnn', 'resnet'],
  lesson: { course: 'numerical-methods', lecture: 6 },
  explanation,
  references: [
    {
      text: 'He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016',
      url: 'https://arxiv.org/abs/1512.03385',
    },
    {
      text: 'LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 86(11), 1998',
      url: 'https://doi.org/10.1109/5.726791',
    },
    {
      text: 'Ruthotto, Haber, Deep Neural Networks Motivated by Partial Differential Equations, J. Math. Imaging Vis. 62, 2020',
      url: 'https://arxiv.org/abs/1804.04272',
    },
    {
      text: 'Alpaydin, Kaynak, Cascading Classifiers, Kybernetika 34(4), 1998 (the data)',
      url: 'https://doi.org/10.24432/C50P49',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
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
          id: 'halves',
          type: 'data/group-classes',
          label: 'Below five or not',
          params: { groups: '0 to 4: 0, 1, 2, 3, 4; 5 to 9: 5, 6, 7, 8, 9' },
        },
      ],
      [{ id: 'split', type: 'data/split', params: { testFraction: 0.6 } }],
      [{ id: 'scale', type: 'data/standardize', params: { method: 'range' } }],
      [
        {
          id: 'model',
          type: 'model/conv-resnet',
          params: { height: 8, channels: 3, depth: 1, horizon: 1 },
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
          params: {
            stepSize: 0.02,
            batchSize: 64,
            maxSteps: STEPS,
            schedule: 'cosine',
            horizon: STEPS,
          },
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
          label: 'Convolutions help',
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
      'table.dataset > halves.dataset',
      'halves.dataset > split.dataset',
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
