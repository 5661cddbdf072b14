import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Softmax regression on iris';
const explanation = [
  'Four lengths of a flower tell three species of iris apart. The model gives logits $z = xW + b$ and probabilities $p_k = e^{z_k}/\\sum_j e^{z_j}$; the loss is the negative log-likelihood $-\\frac1N\\sum_i\\log p_{y_i}$ plus $\\frac\\lambda2\\lVert W\\rVert^2$, which makes the minimiser unique up to a shift of the biases.',
  'Gradient descent, Nesterov’s method and FISTA, which restarts its momentum whenever it turns uphill, race on the same 75 training flowers. $f^*$ comes from Newton’s method in float64. The other 75 flowers judge the result: the confusion matrix shows which species are mixed up; setosa stands apart.',
  'Beside it runs the same model on the width of the sepals alone, one of the four lengths. The checks: both runs of FISTA are within $10^{-10}$ of their $f^*$; and the other lengths help. Of the test flowers that one of the two models alone names wrongly, $n_B$ by the one and $n_A$ by all four lengths, $z = (n_B - n_A)/\\sqrt{n_B + n_A}$ would be about normal if the others said nothing; it is at least 2. Try: the petals alone; both lengths of the sepals, which come nearer.',
];

export const irisSoftmax: Template = {
  id: 'iris-softmax',
  title,
  summary: 'Multiclass logistic regression with a certified optimum and a held-out test set.',
  rows: ['classification-tour'],
  lesson: { course: 'mathematics-of-ia', lecture: 1 },
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
        {
          id: 'one',
          type: 'data/table',
          label: 'Iris, one length',
          params: {
            table: { source: 'builtin', name: 'iris' },
            features: 'sepal_width_cm',
          },
        },
      ],
      [
        { id: 'split', type: 'data/split', params: { testFraction: 0.5 } },
        {
          id: 'one-split',
          type: 'data/split',
          label: 'The same split',
          params: { testFraction: 0.5 },
        },
      ],
      [
        { id: 'scale', type: 'data/standardize' },
        { id: 'one-scale', type: 'data/standardize' },
      ],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'one-model', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.003 } },
      ],
      [
        { id: 'loss', type: 'loss/softmax-cross-entropy' },
        { id: 'one-loss', type: 'loss/softmax-cross-entropy', label: 'One length' },
      ],
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
        {
          id: 'one-fista',
          type: 'optimizer/fista',
          label: 'FISTA, one length',
          params: { maxSteps: 2000, tolerance: 1e-10 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'confusion', type: 'view/confusion-matrix', label: 'Test flowers' },
        { id: 'paired', type: 'check/paired', label: 'All lengths against one' },
      ],
      [
        { id: 'coefficients', type: 'view/coefficients' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of FISTA',
          params: { measure: 'suboptimality' },
        },
        {
          id: 'one-gap',
          type: 'check/measure',
          label: 'f − f*, one length',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'FISTA reaches f*',
          params: { label: 'FISTA: f = f*', absoluteTolerance: 1e-10 },
        },
        {
          id: 'one-gap-check',
          type: 'check/compare',
          label: 'So does the baseline',
          params: { label: 'One length: f = f*', absoluteTolerance: 1e-10 },
        },
        {
          id: 'paired-check',
          type: 'check/compare',
          label: 'The other lengths help',
          params: {
            label: 'Fewer test errors than by one length, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
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
      'gap.value > gap-check.value',
      'one.dataset > one-split.dataset',
      'one-split.train > one-scale.data',
      'one-split.test > one-scale.test',
      'one-scale.data > one-model.data',
      'one-model.model > one-loss.model',
      'l2.regularizer > one-loss.regularizer',
      'one-loss.objective > one-fista.objective',
      'one-fista.run > one-gap.run',
      'one-gap.value > one-gap-check.value',
      'fista.run > paired.run',
      'one-fista.run > paired.baseline',
      'scale.test > paired.dataset',
      'one-scale.test > paired.other',
      'paired.z > paired-check.value',
    ],
  }),
};
