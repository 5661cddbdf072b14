import { sketch } from './template.ts';
import type { Placed, Template } from './template.ts';

const CONDITION = 20;
const [L, MU] = [1, 1 / CONDITION];
/** Polyak's optimal step and momentum for eigenvalues between μ and L. */
const HEAVY_BALL = {
  stepSize: 4 / (Math.sqrt(L) + Math.sqrt(MU)) ** 2,
  momentum: ((Math.sqrt(CONDITION) - 1) / (Math.sqrt(CONDITION) + 1)) ** 2,
};
const STEPS = 60;

const title = 'Paths over level sets';
const explanation = [
  'A quadratic $f(x) = \\frac12 x^\\top A x - b^\\top x$ of two unknowns with condition number $\\kappa = 20$: its level sets are ellipses $\\sqrt\\kappa$ times as long as wide. Five methods start at the square and look for the cross. The grid of heights is computed in float64; its levels stand at equal ratios above $f^*$.',
  'Each step of gradient descent leaves at a right angle to the level set. With $s = 2/(L+\\mu)$ it overshoots the valley by as much as it falls short along it, so it zigzags, and $f - f^*$ shrinks by $\\left(\\frac{\\kappa-1}{\\kappa+1}\\right)^2 = 0.82$ a step and no more. The heavy ball $x_{k+1} = x_k - s\\nabla f(x_k) + m\\,(x_k - x_{k-1})$ and Nesterov’s method carry momentum: they swing past the minimum, but $\\kappa$ becomes $\\sqrt\\kappa$ in the rate. Conjugate gradients are there after two steps, one for each unknown. A Newton step, its system $A d = -\\nabla f$ solved exactly, is the straight line from the square to the cross.',
  'The checks say that gradient descent with this step, whose worst case an ellipse is, attains its bound and never exceeds it, that Nesterov stays within its own, that $\\lVert\\nabla f\\rVert \\le 10^{-12}$ after two steps of conjugate gradients and one of Newton, and that the heavy ball, whose error shrinks by about $\\frac{\\sqrt\\kappa-1}{\\sqrt\\kappa+1} = 0.63$ a step, has $f - f^* \\le 10^{-12}$ after 60. Try: $\\kappa = 100$, another seed, or the step $1/L$.',
];

const METHODS: readonly Placed[] = [
  {
    id: 'gd',
    type: 'optimizer/gradient-descent',
    label: 'Gradient descent',
    params: { step: 'optimal', maxSteps: STEPS, tolerance: 0 },
  },
  {
    id: 'ball',
    type: 'optimizer/sgd',
    label: 'Heavy ball',
    params: { ...HEAVY_BALL, batchSize: 0, maxSteps: STEPS, tolerance: 0 },
  },
  {
    id: 'nesterov',
    type: 'optimizer/nesterov',
    label: 'Nesterov',
    params: { maxSteps: STEPS, tolerance: 0 },
  },
  {
    id: 'cg',
    type: 'optimizer/conjugate-gradient',
    label: 'Conjugate gradients',
    params: { maxSteps: 2, tolerance: 0 },
  },
  {
    id: 'newton',
    type: 'optimizer/direct',
    label: 'Newton, solved exactly',
    params: { tolerance: 1e-12 },
  },
];

const CHECKS = [
  {
    of: 'gd',
    measure: 'boundRatio',
    label: 'Descent: worst case attained, not exceeded',
    // Both factors 1 − sλ are ±(κ − 1)/(κ + 1), so the bound is attained; f − f* keeps 9 digits of f at the end.
    expectation: { relation: 'approximately', expected: 1, absoluteTolerance: 1e-8 },
  },
  {
    of: 'nesterov',
    measure: 'boundRatio',
    label: 'Nesterov: bound never exceeded',
    expectation: { relation: 'atMost', expected: 1 },
  },
  {
    of: 'cg',
    measure: 'residual',
    label: 'CG: ‖∇f‖ ≤ 1e-12 in 2 steps',
    expectation: { relation: 'atMost', expected: 1e-12 },
  },
  {
    of: 'newton',
    measure: 'residual',
    label: 'Newton: ‖∇f‖ ≤ 1e-12 in 1 step',
    expectation: { relation: 'atMost', expected: 1e-12 },
  },
  {
    of: 'ball',
    measure: 'suboptimality',
    label: 'Heavy ball: f − f* ≤ 1e-12 in 60 steps',
    expectation: { relation: 'atMost', expected: 1e-12 },
  },
] as const;
const NAMES = {
  gd: 'gradient descent',
  nesterov: 'Nesterov',
  cg: 'CG',
  newton: 'Newton',
  ball: 'heavy ball',
};

export const levelSets: Template = {
  id: 'level-sets',
  title,
  summary: 'Gradient descent, heavy ball, Nesterov, conjugate gradients and Newton on one map.',
  rows: ['gd-quadratic'],
  lesson: { course: 'mathematics-of-ia', lecture: 1 },
  explanation,
  references: [
    {
      text: 'Polyak, Some methods of speeding up the convergence of iteration methods, USSR Comput. Math. Math. Phys. 4, 1964',
      url: 'https://doi.org/10.1016/0041-5553(64)90137-5',
    },
    {
      text: 'Nocedal, Wright, Numerical Optimization, 2nd ed., Springer 2006, sections 3.3 and 5.1',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
    {
      text: 'Goh, Why Momentum Really Works, Distill 2017',
      url: 'https://doi.org/10.23915/distill.00006',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    seed: 472,
    columns: [
      [
        {
          id: 'quadratic',
          type: 'loss/quadratic',
          params: { dimension: 2, condition: CONDITION },
        },
      ],
      METHODS,
      [
        { id: 'map', type: 'view/level-sets' },
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'comparison', type: 'view/comparison', params: { target: 1e-8 } },
      ],
      CHECKS.map(({ of, measure }) => ({
        id: `${of}-measure`,
        type: 'check/measure',
        label: `Of ${NAMES[of]}`,
        params: { measure },
      })),
      CHECKS.map(({ of, label, expectation }) => ({
        id: `${of}-check`,
        type: 'check/compare',
        label: `Check of ${NAMES[of]}`,
        params: { label, ...expectation },
      })),
    ],
    wires: [
      ...METHODS.flatMap(({ id }) => [
        `quadratic.objective > ${id}.objective`,
        `${id}.run > map.runs`,
        `${id}.run > curves.runs`,
        `${id}.run > comparison.runs`,
      ]),
      ...CHECKS.flatMap(({ of }) => [
        `${of}.run > ${of}-measure.run`,
        `${of}-measure.value > ${of}-check.value`,
      ]),
    ],
  }),
};
