import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Convergence orders of ISTA and FISTA';
const explanation = [
  'Without strong convexity theory promises $f(x_k) - f^* \\le \\frac{\\lVert x_0 - x^*\\rVert^2}{2sk}$ for proximal gradient steps (ISTA) and $\\frac{2\\lVert x_0 - x^*\\rVert^2}{s(k+1)^2}$ for [FISTA](https://doi.org/10.1137/080716542), with $s = 1/L$. Bounds hold in the worst case; a run may be faster. The quadratic here shows both orders as they are.',
  'Its eigenvalues are spread evenly in $\\log\\lambda$ from $\\mu = 10^{-8}$ to $L = 1$ and $x^*$ is drawn from $\\mathcal N(0, I)$, so gradient steps leave $f(x_k) - f^* = \\frac12\\sum_i \\lambda_i(1-\\lambda_i)^{2k}x_i^{*2} \\approx c\\int e^{-2k\\lambda}\\,\\mathrm d\\lambda = \\frac{c}{2k}$: order 1, until $k$ comes near $\\kappa = 10^8$. FISTA turns each mode into a Bessel function, $\\bigl(2J_1(k\\sqrt\\lambda)/(k\\sqrt\\lambda)\\bigr)^2$, whose integral is $4c/k^2$: order 2, until $k$ comes near $\\sqrt\\kappa = 10^4$. Show the curves with both axes logarithmic: the slopes are the orders.',
  'The orders are fitted from $k = 10$ to $1000$. Over draws of $x^*$ they come out as $0.98$ and $1.88$ with a standard deviation of $0.05$, since $k = 10$ is not yet large; the checks allow $0.25$. Below, the lasso has more features than samples and neighbours correlated by 0.95: its $f^*$ is certified by a duality gap, and no run may exceed its bound.',
];

const run = { maxSteps: 1000, tolerance: 0 };
const METHODS = [
  { id: 'ista', type: 'optimizer/proximal-gradient', name: 'ISTA', order: 1, params: run },
  // Restarts would cut the sequence that the bound is about.
  {
    id: 'fista',
    type: 'optimizer/fista',
    name: 'FISTA',
    order: 2,
    params: { ...run, restart: 'none' },
  },
] as const;

export const convergenceOrders: Template = {
  id: 'convergence-orders',
  title,
  summary: 'Orders 1 and 2 measured on a quadratic, and bounds that hold on a certified lasso.',
  rows: ['ista-fista', 'gd-rates'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Beck, Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems, SIAM J. Imaging Sci. 2, 2009, theorems 3.1 and 4.4',
      url: 'https://doi.org/10.1137/080716542',
    },
    {
      text: 'Su, Boyd, Candès, A Differential Equation for Modeling Nesterov’s Accelerated Gradient Method, J. Mach. Learn. Res. 17, 2016, section 3.3 (the Bessel function)',
      url: 'https://arxiv.org/abs/1503.01243',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'data',
          type: 'data/sparse-regression',
          params: { samples: 60, features: 100, nonzeros: 8, noise: 0.1, correlation: 0.95 },
        },
      ],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 0.01 } },
      ],
      [
        {
          id: 'quadratic',
          type: 'loss/quadratic',
          params: { dimension: 512, condition: 1e8, basis: 'diagonal' },
        },
        { id: 'lasso', type: 'loss/squared-error' },
      ],
      [
        ...METHODS.map(({ id, type, name, params }) => ({
          id: `${id}-quadratic`,
          type,
          label: `${name} on the quadratic`,
          params,
        })),
        ...METHODS.map(({ id, type, name, params }) => ({
          id: `${id}-lasso`,
          type,
          label: `${name} on the lasso`,
          params,
        })),
      ],
      [
        { id: 'quadratic-curves', type: 'view/loss-curves', label: 'The quadratic' },
        { id: 'lasso-curves', type: 'view/loss-curves', label: 'The lasso' },
      ],
      [
        ...METHODS.map(({ id, name }) => ({
          id: `${id}-order`,
          type: 'check/measure',
          label: `Order of ${name}`,
          params: { measure: 'order', from: 10, to: 1000 },
        })),
        ...METHODS.map(({ id, name }) => ({
          id: `${id}-bound`,
          type: 'check/measure',
          label: `${name} against its bound`,
          params: { measure: 'boundRatio' },
        })),
      ],
      [
        ...METHODS.map(({ id, name, order }) => ({
          id: `${id}-order-check`,
          type: 'check/compare',
          label: `${name} has order ${order}`,
          params: {
            label: `${name}: f − f* falls like 1/k${order === 2 ? '²' : ''}`,
            relation: 'approximately',
            expected: order,
            absoluteTolerance: 0.25,
          },
        })),
        ...METHODS.map(({ id, name }) => ({
          id: `${id}-bound-check`,
          type: 'check/compare',
          label: `Theory holds for ${name}`,
          params: { label: `${name}: bound never exceeded`, relation: 'atMost', expected: 1 },
        })),
      ],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > lasso.model',
      'l1.regularizer > lasso.regularizer',
      ...METHODS.flatMap(({ id }) => [
        `quadratic.objective > ${id}-quadratic.objective`,
        `lasso.objective > ${id}-lasso.objective`,
        `${id}-quadratic.run > quadratic-curves.runs`,
        `${id}-lasso.run > lasso-curves.runs`,
        `${id}-quadratic.run > ${id}-order.run`,
        `${id}-lasso.run > ${id}-bound.run`,
        `${id}-order.value > ${id}-order-check.value`,
        `${id}-bound.value > ${id}-bound-check.value`,
      ]),
    ],
  }),
};
