import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

/** The step N/2 below is half of it. */
const POINTS = 100;

const title = 'Points follow the gradient of W₂²';
const explanation = [
  `Which way does a cloud move to come nearest to another? Here the parameters are the coordinates of ${POINTS} points $x_i$, and the loss is the exact $W_2^2$ to ${POINTS} others, a linear program in every step. By the envelope theorem its gradient is $\\nabla_{x_i} W_2^2 = \\frac2n\\,(x_i - T(x_i))$, where $T(x_i)$ is the point that the optimal plan sends $x_i$ to: nothing is differentiated through the solver.`,
  'So a gradient step of size $n/2$ lands on the target in one step, $x_i - \\frac n2 \\nabla_{x_i} W_2^2 = T(x_i)$; and steps of half that size go half of the way each. On the way the plan stays the same, and the cloud moves at constant speed along the shortest path between the two measures (displacement interpolation).',
  'The checks: after one whole step the cost to the target is rounding; after one half step the cloud is as far from where it began as from the target; after ten half steps the cost has fallen by $4^{-10}$. Try: other data, the sliced distance, or weights as parameters.',
];
export const wassersteinFlow: Template = {
  id: 'wasserstein-flow',
  title,
  summary: 'One gradient step of the exact transport cost carries each point to its target.',
  rows: ['kantorovich', 'ot-training'],
  lesson: { course: 'mathematics-of-ia', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), proposition 9.2 (derivative in the points) and remark 7.1',
      url: 'https://arxiv.org/abs/1803.00567',
    },
    {
      text: 'McCann, A convexity principle for interacting gases (1997)',
      url: 'https://doi.org/10.1006/aima.1997.1634',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'start', type: 'data/two-moons', label: 'Start', params: { samples: POINTS } },
        {
          id: 'target',
          type: 'data/eight-gaussians',
          label: 'Target',
          params: { samples: POINTS },
        },
      ],
      [{ id: 'points', type: 'model/particles' }],
      [{ id: 'loss', type: 'loss/wasserstein', params: { distance: 'exact' } }],
      [
        {
          id: 'whole',
          type: 'optimizer/gradient-descent',
          label: 'One step of n/2',
          params: { step: 'constant', stepSize: POINTS / 2, maxSteps: 1 },
        },
        {
          id: 'half',
          type: 'optimizer/gradient-descent',
          label: 'One step of n/4',
          params: { step: 'constant', stepSize: POINTS / 4, maxSteps: 1 },
        },
        {
          id: 'ten',
          type: 'optimizer/gradient-descent',
          label: 'Ten steps of n/4',
          params: { step: 'constant', stepSize: POINTS / 4, maxSteps: 10, tolerance: 0 },
        },
      ],
      [
        { id: 'plan', type: 'view/transport-plan', label: 'The plan' },
        { id: 'arrived', type: 'data/generated', label: 'After the whole step' },
        { id: 'between', type: 'data/generated', label: 'After the half step' },
        { id: 'last', type: 'check/measure', label: 'After ten steps' },
      ],
      [
        { id: 'first', type: 'check/exact-transport', label: 'Start to target' },
        { id: 'left', type: 'check/exact-transport', label: 'Whole step to target' },
        { id: 'behind', type: 'check/exact-transport', label: 'Start to half step' },
        { id: 'ahead', type: 'check/exact-transport', label: 'Half step to target' },
      ],
      [
        {
          id: 'lands',
          type: 'check/compare',
          label: 'Lands in one step',
          params: { label: 'Cost left after one step', relation: 'atMost', expected: 1e-24 },
        },
        {
          id: 'midway',
          type: 'check/compare',
          label: 'Constant speed',
          params: { label: 'Half of the way', absoluteTolerance: 1e-12 },
        },
        {
          id: 'quarter',
          type: 'check/compare',
          label: 'A quarter of the cost',
          params: { label: 'Cost of half of the way', factor: 0.25, absoluteTolerance: 1e-12 },
        },
        {
          id: 'rate',
          type: 'check/compare',
          label: 'Linear convergence',
          params: {
            label: 'Cost after ten steps',
            factor: elementary.pow(4, -10),
            absoluteTolerance: 0,
            relativeTolerance: 1e-9,
          },
        },
      ],
    ],
    wires: [
      'start.dataset > points.data',
      'points.model > loss.model',
      'target.dataset > loss.data',
      'loss.objective > whole.objective',
      'loss.objective > half.objective',
      'loss.objective > ten.objective',
      'start.dataset > plan.source',
      'target.dataset > plan.target',
      'whole.run > arrived.run',
      'half.run > between.run',
      'ten.run > last.run',
      'start.dataset > first.source',
      'target.dataset > first.target',
      'arrived.dataset > left.source',
      'target.dataset > left.target',
      'start.dataset > behind.source',
      'between.dataset > behind.target',
      'between.dataset > ahead.source',
      'target.dataset > ahead.target',
      'left.cost > lands.value',
      'behind.cost > midway.value',
      'ahead.cost > midway.expected',
      'behind.cost > quarter.value',
      'first.cost > quarter.expected',
      'last.value > rate.value',
      'first.cost > rate.expected',
    ],
  }),
};
