import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Residual layers as steps of an integrator';
const explanation = [
  'A residual block $h \\leftarrow h + \\Delta t\\, f(h)$ is a step of Euler’s method for $\\dot h = f(h)$. Other methods give other layers: midpoint and Runge–Kutta take two and four evaluations of $f$ for a step; symplectic ones move the halves of $h = (p, q)$ in turn. The ResNet has all of them; here they solve $\\dot p = -q,\\ \\dot q = p$, whose solution from $(1, 0)$ is $(\\cos t, \\sin t)$.',
  'Orders: halving the step divides the error by $2^{\\text{order}}$. The plot has both axes logarithmic, so an order is a slope, and the slopes are measured: 1, 2, 4 for Euler, midpoint and Runge–Kutta, 1 and 2 for symplectic Euler and Störmer–Verlet. The tolerance of 0.05 leaves room for the next term of the error, which is smaller by a factor of $h \\le \\tfrac1{16}$.',
  'Energy: Euler multiplies $E = \\tfrac12(p^2 + q^2)$ by $1 + h^2$ in each step, so that 200 steps of $h = 0.1$ give $1.01^{200} - 1 = 6.316$. Symplectic Euler keeps $E - \\tfrac h2 pq$ exactly, and so $E$ to a relative $\\tfrac{h/2}{1 - h/2} = 0.0526$ for ever; Störmer–Verlet to $\\tfrac{h^2/4}{1 - h^2/4} = 0.00251$. Try: 20,000 steps.',
];

const order = (id: string, label: string, expected: number) => ({
  id,
  type: 'check/compare',
  label,
  params: { label: `Order ${expected}.0`, expected, absoluteTolerance: 0.05 },
});
const bounded = (id: string, label: string, expected: number, claim: string) => ({
  id,
  type: 'check/compare',
  label,
  params: { label: claim, relation: 'atMost', expected },
});

export const resnetOde: Template = {
  id: 'resnet-ode',
  title,
  summary:
    'Orders 1, 2 and 4 and the energy of Euler, Runge–Kutta and symplectic layers, measured.',
  rows: ['resnet-ode'],
  lesson: { course: 'numerical-methods', lecture: 8 },
  explanation,
  references: [
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017',
      url: 'https://arxiv.org/abs/1705.03341',
    },
    {
      text: 'Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, Springer 1993',
      url: 'https://doi.org/10.1007/978-3-540-78862-1',
    },
    {
      text: 'Hairer, Lubich, Wanner, Geometric Numerical Integration, Springer 2006, sections I.1 and IX.3',
      url: 'https://doi.org/10.1007/3-540-30666-8',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'orders', type: 'view/integrator-orders' },
        { id: 'energy', type: 'view/oscillator-energy', params: { stepSize: 0.1, steps: 200 } },
      ],
      [
        order('euler-order', 'Euler', 1),
        order('midpoint-order', 'Midpoint', 2),
        {
          id: 'euler-energy',
          type: 'check/compare',
          label: 'Euler grows',
          params: {
            label: 'Energy grows to (1 + h²)ᴺ − 1',
            expected: elementary.pow(1.01, 200) - 1,
            absoluteTolerance: 0,
            relativeTolerance: 1e-10,
          },
        },
      ],
      [
        order('rk4-order', 'Runge–Kutta', 4),
        order('symplectic-order', 'Symplectic Euler', 1),
        bounded(
          'symplectic-energy',
          'Symplectic Euler keeps',
          0.05 / 0.95,
          'Drift ≤ (h/2)/(1 − h/2)',
        ),
      ],
      [
        order('verlet-order', 'Störmer–Verlet', 2),
        bounded('verlet-energy', 'Verlet keeps', 0.0025 / 0.9975, 'Drift ≤ (h²/4)/(1 − h²/4)'),
      ],
    ],
    wires: [
      'orders.euler > euler-order.value',
      'orders.midpoint > midpoint-order.value',
      'orders.rk4 > rk4-order.value',
      'orders.symplectic > symplectic-order.value',
      'orders.verlet > verlet-order.value',
      'energy.euler > euler-energy.value',
      'energy.symplectic > symplectic-energy.value',
      'energy.verlet > verlet-energy.value',
    ],
  }),
};
