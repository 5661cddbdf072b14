import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Softmax regression on iris';
const explanation = [
  'Four lengths of a flower tell three species of iris apart. The model gives logits $z = xW + b$ and probabilities $p_k = e^{z_k}/\\sum_j e^{z_j}$; the loss is the negative log-likelihood $-\\frac1N\\sum_i\\log p_{y_i}$ plus $\\frac\\lambda2\\lVert W\\rVert^2$, which makes the minimiser unique up to a shift of the biases.',
  'Gradient descent, Nesterov’s method and FISTA, which restarts its momentum whenever it turns uphill, race on the same 105 training flowers. $f^*$ comes from Newton’s method in float64. The other 45 flowers judge the result: the confusion matrix shows which species are mixed up; setosa stands apart.',
  'The checks say that FISTA is within $10^{-10}$ of $f^*$ and that at least 85 % of the test flowers are named rightly (the share of 45 flowers has a standard error of about 3 %).',
];

export const irisSoftmax: Template = {
  id: 'iris-softmax',
  title,
  summary: 'Multiclass logistic regression with a certified optimum and a held-out test set.',
  explanation,
  references: [
    {
      text: 'Fisher, The Use of Multiple Measurements in Taxonomic Problems, Ann. Eugenics 7(2), 1936',
      url: 'https://doi.org/10.1111/j.1469-1809.1936.tb02137.x',
    },
    { text: 'Bishop, Pattern Recognition and Machine Learning, Springer 2006, §4.3.4' },
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
          label: 'Iris',
          params: { table: { source: 'builtin', name: 'iris' } },
        },
      ],
      [{ id: 'split', type: 'data/split', params: { testFraction: 0.3 } }],
      [{ id: 'scale', type: 'data/standardize' }],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.003 } },
      ],
      [{ id: 'loss', type: 'loss/softmax-cross-entropy' }],
      [
        {
          id: 'gd',
          type: 'optimizer/gradient-descent',
          label: 'Gradient descent',
          params: { maxSteps: 2000, tolerance: 0 },
        },
        {
          id: 'nesterov',
          type: 'optimizer/nesterov',
          label: 'Nesterov',
          params: { maxSteps: 2000, tolerance: 0 },
        },
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'FISTA with restart',
          params: { maxSteps: 2000, tolerance: 0 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'confusion', type: 'view/confusion-matrix', label: 'Test flowers' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Test accuracy',
          params: { measure: 'accuracy' },
        },
      ],
      [
        { id: 'coefficients', type: 'view/coefficients' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of FISTA',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'FISTA reaches f*',
          params: { label: 'FISTA: f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'Species are told apart',
          params: { label: 'Test accuracy ≥ 85 %', relation: 'atLeast', expected: 0.85 },
        },
      ],
    ],
    wires: [
      'table.dataset > split.dataset',
      'split.train > scale.data',
      'split.test > scale.test',
      'scale.data > model.data',
      'model.model > loss.model',
      'l2.regularizer > loss.regularizer',
      'loss.objective > gd.objective',
      'loss.objective > nesterov.objective',
      'loss.objective > fista.objective',
      'gd.run > curves.runs',
      'nesterov.run > curves.runs',
      'fista.run > curves.runs',
      'fista.run > confusion.run',
      'scale.test > confusion.dataset',
      'fista.run > coefficients.runs',
      'fista.run > gap.run',
      'fista.run > accuracy.run',
      'scale.test > accuracy.dataset',
      'gap.value > gap-check.value',
      'accuracy.value > accuracy-check.value',
    ],
  }),
};
