import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Five coefficients out of two hundred';
const explanation = [
  'Two hundred unknowns, eighty noisy measurements $y = X\\beta + 0.1\\,\\varepsilon$, and 920 more that are kept aside: least squares has infinitely many solutions. But only five entries of $\\beta$ are not zero, and the lasso $\\frac1{2N}\\lVert Xw + b - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$ finds which.',
  'The bars show the weights beside the true coefficients: the right ones stand out, shrunk by the penalty, and the others are zero. The features are correlated, $\\Sigma_{jk} = 0.5^{|j-k|}$, which makes it harder.',
  'Least squares with a small $\\ell_2$ penalty stands beside it: of the many solutions the one of least norm, which spreads over all features. The checks: both objectives are at their certified minima; on the measurements kept aside the squared errors $b_i$ of the dense solution and $a_i$ of the lasso have $z = \\sum_i d_i/\\sqrt{\\sum_i d_i^2} \\ge 2$ with $d_i = b_i - a_i$; and the error of the lasso is not below the noise $\\sigma$, which no prediction beats, by more than four standard errors $\\sigma/\\sqrt{2n}$. Try: a correlation of 0.95, twenty nonzeros, or a larger $\\lambda$.',
];

const SIGMA = 0.1;
const [SEEN, FRESH] = [80, 920];
const data = { samples: SEEN + FRESH, features: 200, nonzeros: 5, noise: SIGMA, correlation: 0.5 };

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
      [{ id: 'split', type: 'data/split', params: { testFraction: FRESH / (SEEN + FRESH) } }],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 0.1 } },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 1e-3 } },
      ],
      [
        { id: 'loss', type: 'loss/squared-error', label: 'Lasso' },
        { id: 'dense-loss', type: 'loss/squared-error', label: 'Ridge' },
      ],
      [
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'FISTA with restart',
          params: { maxSteps: 3000, tolerance: 1e-9 },
        },
        { id: 'dense', type: 'optimizer/direct', label: 'Dense, direct' },
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
          label: 'f − f* of the lasso',
          params: { measure: 'suboptimality' },
        },
        {
          id: 'dense-gap',
          type: 'check/measure',
          label: 'f − f* of the ridge',
          params: { measure: 'suboptimality' },
        },
        {
          id: 'paired',
          type: 'check/paired',
          label: 'Sparse against dense',
          params: { score: 'squares' },
        },
      ],
      [
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'The minimum is reached',
          params: { label: 'Lasso: f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
        {
          id: 'dense-gap-check',
          type: 'check/compare',
          label: 'So does the baseline',
          params: { label: 'Ridge: f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
        {
          id: 'paired-check',
          type: 'check/compare',
          label: 'Few features are better',
          params: {
            label: 'Lasso nearer to new data than the ridge, z ≥ 2',
            relation: 'atLeast',
            expected: 2,
          },
        },
        {
          id: 'error-check',
          type: 'check/compare',
          label: 'Noise is left',
          params: {
            label: 'RMSE on new data ≥ σ, within four standard errors',
            relation: 'atLeast',
            expected: SIGMA - (4 * SIGMA) / Math.sqrt(2 * FRESH),
          },
        },
      ],
    ],
    wires: [
      'data.dataset > split.dataset',
      'split.train > model.data',
      'model.model > loss.model',
      'l1.regularizer > loss.regularizer',
      'loss.objective > fista.objective',
      'model.model > dense-loss.model',
      'l2.regularizer > dense-loss.regularizer',
      'dense-loss.objective > dense.objective',
      'fista.run > coefficients.runs',
      'dense.run > coefficients.runs',
      'dense.run > dense-gap.run',
      'dense-gap.value > dense-gap-check.value',
      'fista.run > paired.run',
      'dense.run > paired.baseline',
      'split.test > paired.dataset',
      'paired.z > paired-check.value',
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
