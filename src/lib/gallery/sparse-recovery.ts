import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Five coefficients out of two hundred';
const explanation = [
  'Two hundred unknowns, one hundred noisy measurements $y = X\\beta + 0.1\\,\\varepsilon$ of which twenty are kept aside: least squares has infinitely many solutions. But only five entries of $\\beta$ are not zero, and the lasso $\\frac1{2N}\\lVert Xw + b - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$ finds which.',
  'The bars show the weights beside the true coefficients: the right ones stand out, shrunk by the penalty, and the others are zero. The features are correlated, $\\Sigma_{jk} = 0.5^{|j-k|}$, which makes it harder.',
  'The checks say that the objective is within $10^{-10}$ of its certified minimum and that the weights predict the twenty measurements kept aside to a root mean square error of at most 0.5; predicting zero would give about 2. Try: a correlation of 0.95, twenty nonzeros, or a larger $\\lambda$.',
];

const data = { samples: 100, features: 200, nonzeros: 5, noise: 0.1, correlation: 0.5 };

export const sparseRecovery: Template = {
  id: 'sparse-recovery',
  title,
  summary: 'The lasso finds the few features that matter among more unknowns than measurements.',
  rows: ['ista-fista', 'compressed-sensing'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Wainwright, Sharp Thresholds for High-Dimensional and Noisy Sparsity Recovery Using ℓ1-Constrained Quadratic Programming (Lasso), IEEE Trans. Inform. Theory 55(5), 2009',
      url: 'https://doi.org/10.1109/TIT.2009.2016018',
    },
    {
      text: 'O’Donoghue, Candès, Adaptive Restart for Accelerated Gradient Schemes, Found. Comput. Math. 15, 2015',
      url: 'https://arxiv.org/abs/1204.3982',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'data', type: 'data/sparse-regression', params: data }],
      [{ id: 'split', type: 'data/split', params: { testFraction: 0.2 } }],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 0.1 } },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'FISTA with restart',
          params: { maxSteps: 3000, tolerance: 1e-9 },
        },
      ],
      [
        { id: 'coefficients', type: 'view/coefficients' },
        { id: 'predictions', type: 'view/predictions', label: 'Measurements kept aside' },
        {
          id: 'error',
          type: 'check/measure',
          label: 'Error on measurements kept aside',
          params: { measure: 'rmse' },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f*',
          params: { measure: 'suboptimality' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'The minimum is reached',
          params: { label: 'f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
        {
          id: 'error-check',
          type: 'check/compare',
          label: 'The right features are found',
          params: { label: 'RMSE on new data ≤ 0.5', relation: 'atMost', expected: 0.5 },
        },
      ],
    ],
    wires: [
      'data.dataset > split.dataset',
      'split.train > model.data',
      'model.model > loss.model',
      'l1.regularizer > loss.regularizer',
      'loss.objective > fista.objective',
      'fista.run > coefficients.runs',
      'fista.run > curves.runs',
      'fista.run > predictions.run',
      'split.test > predictions.dataset',
      'fista.run > gap.run',
      'fista.run > error.run',
      'split.test > error.dataset',
      'gap.value > gap-check.value',
      'error.value > error-check.value',
    ],
  }),
};
