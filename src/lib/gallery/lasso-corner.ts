import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const title = 'A corner in the level sets';
const explanation = [
  'The lasso $\\min_w \\frac1{2N}\\lVert Xw - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$ of two weights, one of them superfluous. The level sets have corners where they cross an axis, and the minimum lies on one: the derivative of $\\lambda\\lvert w_2\\rvert$ jumps there by $2\\lambda$, more than the slope of the rest, so $w_2 = 0$ exactly.',
  'All three methods start at the square, off the axes. [ISTA](https://doi.org/10.1137/080716542) follows the quadratic until soft thresholding puts $w_2$ to zero, and then slides along the axis. The momentum of FISTA carries it across the axis first, and along it past the minimum and back. The subgradient method knows no prox: it jumps across the axis to and fro, $w_2$ is never zero, and $f - f^*$ stays where the step size $s$ leaves it.',
  'The checks say that ISTA and FISTA end within $10^{-10}$ of the minimiser, which coordinate descent certifies by a duality gap. Try: $\\lambda$ while it runs, or the correlation of the two features.',
];

/** A fifth of 1/L and less, so that the paths are smooth. */
const STEP = { step: 'constant', stepSize: 0.1 };

const METHODS: readonly Placed[] = [
  {
    id: 'ista',
    type: 'optimizer/proximal-gradient',
    label: 'ISTA',
    params: { ...STEP, maxSteps: 600, tolerance: 1e-12 },
  },
  {
    id: 'fista',
    type: 'optimizer/fista',
    label: 'FISTA',
    params: { ...STEP, maxSteps: 600, tolerance: 1e-12, restart: 'none' },
  },
  {
    id: 'subgradient',
    type: 'optimizer/sgd',
    label: 'Subgradient',
    params: { batchSize: 0, stepSize: 0.4, maxSteps: 300, tolerance: 0 },
  },
];
const CHECKED = METHODS.slice(0, 2);

export const lassoCorner: Template = {
  id: 'lasso-corner',
  title,
  summary:
    'ISTA, FISTA and subgradients meet a kink: who lands on the axis, and who jumps over it.',
  rows: ['ista-fista', 'subgradient'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Tibshirani, Regression Shrinkage and Selection via the Lasso, J. R. Stat. Soc. B 58, 1996, figure 2',
      url: 'https://doi.org/10.1111/j.2517-6161.1996.tb02080.x',
    },
    {
      text: 'Beck, Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems, SIAM J. Imaging Sci. 2, 2009',
      url: 'https://doi.org/10.1137/080716542',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    seed: 43,
    columns: [
      [
        {
          id: 'data',
          type: 'data/sparse-regression',
          params: { samples: 50, features: 2, nonzeros: 1, noise: 0.2, correlation: 0.7 },
        },
      ],
      [
        { id: 'model', type: 'model/linear', params: { bias: false, initialScale: 3 } },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 0.3 } },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      METHODS,
      [
        { id: 'map', type: 'view/level-sets' },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'weights', type: 'view/coefficients' },
      ],
      CHECKED.map(({ id, label }) => ({
        id: `${id}-distance`,
        type: 'check/measure',
        label: `${label} to w*`,
        params: { measure: 'minimiserDistance' },
      })),
      CHECKED.map(({ id, label }) => ({
        id: `${id}-check`,
        type: 'check/compare',
        label: `${label} arrives`,
        params: { label: `${label}: max |w − w*| ≤ 1e-10`, relation: 'atMost', expected: 1e-10 },
      })),
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'l1.regularizer > loss.regularizer',
      ...METHODS.flatMap(({ id }) => [
        `loss.objective > ${id}.objective`,
        `${id}.run > map.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > weights.runs`,
      ]),
      ...CHECKED.flatMap(({ id }) => [
        `${id}.run > ${id}-distance.run`,
        `${id}-distance.value > ${id}-check.value`,
      ]),
    ],
  }),
};
