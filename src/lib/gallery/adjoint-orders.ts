import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Discrete against continuous adjoint';
const explanation = [
  'There are two ways to differentiate through $\\dot z = v_\\theta(z, t)$. Discretize, then optimize: take steps of size $h = T/N$ and apply the chain rule to them. The result is the gradient of the loss $f_h$ as computed, for every $h$. Optimize, then discretize: solve the adjoint equation $\\dot a = -(\\partial v/\\partial z)^\\top a$ backwards and integrate $(\\partial v/\\partial\\theta)^\\top a$ along it. That needs no stored states, but the backward steps are not the transposes of the forward ones.',
  'The plots show the relative distance between the two gradients of a flow’s likelihood over $h$, on logarithmic axes: with Euler steps it falls as $O(h)$, with the classical Runge–Kutta method as $O(h^4)$.',
  'The checks: the measured orders, and that the discrete gradient agrees with central differences of $f_h$ to $10^{-9}$ at the coarsest steps already. Try: a longer time $T$, where the equation solved backwards drifts away from the path that it came by.',
];

export const adjointOrders: Template = {
  id: 'adjoint-orders',
  title,
  summary: 'Gradients through the steps are exact; the adjoint equation’s are off by O(h).',
  rows: ['adjoint'],
  lesson: { course: 'numerical-methods', lecture: 9 },
  explanation,
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, algorithm 1',
      url: 'https://arxiv.org/abs/1806.07366',
    },
    {
      text: 'Gholami, Keutzer, Biros, ANODE: Unconditionally Accurate Memory-Efficient Gradients for Neural ODEs, IJCAI 2019',
      url: 'https://arxiv.org/abs/1902.10298',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [{ id: 'data', type: 'data/eight-gaussians', params: { samples: 64 } }],
      [{ id: 'flow', type: 'model/cnf', params: { widths: [16] } }],
      [
        {
          id: 'euler',
          type: 'view/adjoint-error',
          label: 'Euler',
          params: { method: 'euler', coarsest: 16, doublings: 4 },
        },
        {
          id: 'rk4',
          type: 'view/adjoint-error',
          label: 'Runge–Kutta of order 4',
          params: { method: 'rk4', coarsest: 8, doublings: 3 },
        },
      ],
      [
        {
          id: 'euler-order',
          type: 'check/compare',
          label: 'First order',
          params: {
            label: 'The adjoint’s error falls as O(h)',
            expected: 1,
            absoluteTolerance: 0.1,
          },
        },
        {
          id: 'euler-gradient',
          type: 'check/compare',
          label: 'Exact through the steps',
          params: {
            label: 'Discrete gradient = differences',
            relation: 'atMost',
            expected: 1e-9,
          },
        },
        {
          id: 'rk4-order',
          type: 'check/compare',
          label: 'Fourth order',
          params: {
            label: 'The adjoint’s error falls as O(h⁴)',
            expected: 4,
            absoluteTolerance: 0.3,
          },
        },
        {
          id: 'rk4-gradient',
          type: 'check/compare',
          label: 'Exact here too',
          params: {
            label: 'Discrete gradient = differences',
            relation: 'atMost',
            expected: 1e-9,
          },
        },
      ],
    ],
    wires: [
      'data.dataset > flow.data',
      'flow.model > euler.model',
      'flow.model > rk4.model',
      'euler.order > euler-order.value',
      'euler.difference > euler-gradient.value',
      'rk4.order > rk4-order.value',
      'rk4.difference > rk4-gradient.value',
    ],
  }),
};
