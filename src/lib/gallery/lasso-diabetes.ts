import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Lasso on the diabetes table';
const explanation = [
  'Ten measurements of 442 patients predict how their diabetes progressed within a year. The lasso minimises $F(w,b) = \\frac1{2N}\\lVert Xw + b - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$: the $\\ell_1$ norm sets some weights to exactly zero and so chooses variables. The features have mean 0 and variance 1, and $\\lambda = 5$.',
  'Three methods start at zero. Gradient descent can only see the smooth part, so it ends at least squares: its curve levels off above $F^*$ and every weight is used. ISTA adds the prox of the $\\ell_1$ norm, soft thresholding, and is guaranteed $F(x_k) - F^* \\le \\lVert x_0 - x^*\\rVert^2/(2sk)$. FISTA adds momentum and improves this to $2\\lVert x_0 - x^*\\rVert^2/(s(k+1)^2)$; with restarts it reaches rounding error.',
  '$F^*$ is certified by a duality gap, not taken from the best curve. The checks say that FISTA is within $10^{-10}$ of $F^*$, that its weights are those of the certified minimiser, and that ISTA never exceeds its bound. Try: move $\\lambda$ while it runs, and watch weights vanish.',
];

export const lassoDiabetes: Template = {
  id: 'lasso-diabetes',
  title,
  summary: 'Gradient descent, ISTA and FISTA race on a sparse regression of real data.',
  rows: ['ista-fista'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Tibshirani, Regression Shrinkage and Selection via the Lasso, J. R. Stat. Soc. B 58(1), 1996',
      url: 'https://doi.org/10.1111/j.2517-6161.1996.tb02080.x',
    },
    {
      text: 'Beck, Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems, SIAM J. Imaging Sci. 2(1), 2009, theorems 3.1 and 4.4',
      url: 'https://doi.org/10.1137/080716542',
    },
    {
      text: 'Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression, Ann. Statist. 32(2), 2004 (the data)',
      url: 'https://doi.org/10.1214/009053604000000067',
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
          label: 'Diabetes',
          params: { table: { source: 'builtin', name: 'diabetes' } },
        },
      ],
      [{ id: 'scale', type: 'data/standardize' }],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 5 } },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'gd',
          type: 'optimizer/gradient-descent',
          label: 'GD, smooth part only',
          params: { smoothPartOnly: true, maxSteps: 2000, tolerance: 0 },
        },
        {
          id: 'ista',
          type: 'optimizer/proximal-gradient',
          label: 'ISTA',
          params: { maxSteps: 2000, tolerance: 0 },
        },
        {
          id: 'fista',
          type: 'optimizer/fista',
          label: 'FISTA',
          params: { maxSteps: 2000, tolerance: 0 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'coefficients', type: 'view/coefficients' },
        { id: 'comparison', type: 'view/comparison', params: { target: 1e-6 } },
      ],
      [
        {
          id: 'bound',
          type: 'check/measure',
          label: 'ISTA against its bound',
          params: { measure: 'boundRatio' },
        },
        {
          id: 'gap',
          type: 'check/measure',
          label: 'f − f* of FISTA',
          params: { measure: 'suboptimality' },
        },
        {
          id: 'distance',
          type: 'check/measure',
          label: 'Weights of FISTA',
          params: { measure: 'minimiserDistance' },
        },
      ],
      [
        {
          id: 'bound-check',
          type: 'check/compare',
          label: 'Theory holds for ISTA',
          params: {
            label: 'ISTA stays below ‖x₀ − x*‖²/(2sk)',
            relation: 'atMost',
            expected: 1,
          },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'FISTA reaches f*',
          params: { label: 'FISTA: f − f* ≤ 1e-10', relation: 'atMost', expected: 1e-10 },
        },
        {
          id: 'distance-check',
          type: 'check/compare',
          label: 'FISTA finds the minimiser',
          params: { label: 'FISTA: largest |x − x*| ≤ 1e-6', relation: 'atMost', expected: 1e-6 },
        },
      ],
    ],
    wires: [
      'table.dataset > scale.data',
      'scale.data > model.data',
      'model.model > loss.model',
      'l1.regularizer > loss.regularizer',
      'loss.objective > gd.objective',
      'loss.objective > ista.objective',
      'loss.objective > fista.objective',
      ...['gd', 'ista', 'fista'].flatMap((run) =>
        ['curves', 'coefficients', 'comparison'].map((view) => `${run}.run > ${view}.runs`),
      ),
      'ista.run > bound.run',
      'fista.run > gap.run',
      'fista.run > distance.run',
      'bound.value > bound-check.value',
      'gap.value > gap-check.value',
      'distance.value > distance-check.value',
    ],
  }),
};
