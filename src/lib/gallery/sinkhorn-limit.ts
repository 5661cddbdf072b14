import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Sinkhorn as ε falls';
const explanation = [
  'Entropy makes transport easy to compute and blurs the plan: $\\min_P \\langle P, C\\rangle + \\varepsilon\\,\\mathrm{KL}(P\\,\\Vert\\,a\\otimes b)$ has the solution $P_{ij} = a_i b_j\\, e^{(f_i + g_j - C_{ij})/\\varepsilon}$, found by fitting $f$ and $g$ in turn.',
  'Three values of $\\varepsilon$: at 1 in units of the mean cost the plan is nearly $a b^\\top$, at 0.1 it begins to choose, and at 0.02 in the unit of the cost itself it is nearly that of the exact solution beside it. The smaller $\\varepsilon$, the more iterations; all is done in the log domain, so nothing overflows.',
  'The marginal error falls linearly: near the solution each iteration multiplies it by $\\sigma_2^2$, the square of the second singular value of $P_{ij}/\\sqrt{a_i b_j}$. The node for $\\varepsilon = 0.1$ shows it.',
  'The checks are what theory says of any two clouds, with the exact cost $W$ from the linear program. An optimal plan has $\\mathrm{KL}(P\\,\\Vert\\,a\\otimes b) \\le \\log 60$, so $W \\le \\langle P_\\varepsilon, C\\rangle \\le W + \\varepsilon\\log 60$. The cost never falls as $\\varepsilon$ grows. The measured rate is $\\sigma_2^2$. And the dual gap, which bounds the error of the value, is rounding where the iterations have ended. Try: other seeds, or fewer iterations.',
];

const EPSILON = 0.02;
/** The smaller cloud has this many points of equal weight. */
const FEWER = 60;

export const sinkhornLimit: Template = {
  id: 'sinkhorn-limit',
  title,
  summary: 'Entropic plans sharpen and their cost falls to the exact one as ε goes to zero.',
  rows: ['sinkhorn', 'kantorovich'],
  lesson: { course: 'mathematics-of-ia', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Cuturi, Sinkhorn distances: lightspeed computation of optimal transport (2013)',
      url: 'https://arxiv.org/abs/1306.0895',
    },
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), proposition 4.1 (convergence with ε)',
      url: 'https://arxiv.org/abs/1803.00567',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'source', type: 'data/eight-gaussians', params: { samples: FEWER } },
        { id: 'target', type: 'data/two-moons', params: { samples: 80 } },
      ],
      [
        { id: 'exact', type: 'check/exact-transport' },
        { id: 'large', type: 'check/sinkhorn', label: 'ε = 1', params: { entropicReg: 1 } },
        {
          id: 'middle',
          type: 'check/sinkhorn',
          label: 'ε = 0.1',
          params: { entropicReg: 0.1, tolerance: 1e-12, show: 'error' },
        },
        {
          id: 'small',
          type: 'check/sinkhorn',
          label: 'ε = 0.02 absolute',
          params: { entropicReg: EPSILON, unit: 'absolute', tolerance: 1e-4, maxIterations: 5000 },
        },
      ],
      [
        {
          id: 'bound',
          type: 'check/arithmetic',
          label: 'W + ε log 60',
          params: { label: 'W + ε log 60', gamma: EPSILON * elementary.log(FEWER) },
        },
      ],
      [
        {
          id: 'below',
          type: 'check/compare',
          label: 'Close to the exact cost',
          params: { label: 'Cost at ε = 0.02 ≤ W + ε log 60', relation: 'atMost' },
        },
        {
          id: 'above',
          type: 'check/compare',
          label: 'Not below the exact',
          params: { label: 'Cost at ε = 0.02 ≥ W', relation: 'atLeast' },
        },
        {
          id: 'sharper',
          type: 'check/compare',
          label: 'Sharper than ε = 0.1',
          params: { label: 'Cost at 0.02 ≤ cost at 0.1', relation: 'atMost' },
        },
        {
          id: 'blurred',
          type: 'check/compare',
          label: 'Sharper than ε = 1',
          params: { label: 'Cost at 0.1 ≤ cost at 1', relation: 'atMost' },
        },
        {
          id: 'rate-check',
          type: 'check/compare',
          label: 'Linear rate',
          params: {
            label: 'Rate of the marginal error is σ₂²',
            absoluteTolerance: 0,
            relativeTolerance: 1e-3,
          },
        },
        {
          id: 'gap-check',
          type: 'check/compare',
          label: 'Duality gap',
          params: { label: 'Dual gap at ε = 0.1', relation: 'atMost', expected: 1e-10 },
        },
      ],
    ],
    wires: [
      'source.dataset > exact.source',
      'target.dataset > exact.target',
      'source.dataset > large.source',
      'target.dataset > large.target',
      'source.dataset > middle.source',
      'target.dataset > middle.target',
      'source.dataset > small.source',
      'target.dataset > small.target',
      'exact.cost > bound.m',
      'small.cost > below.value',
      'bound.value > below.expected',
      'small.cost > sharper.value',
      'middle.cost > sharper.expected',
      'middle.cost > blurred.value',
      'large.cost > blurred.expected',
      'small.cost > above.value',
      'exact.cost > above.expected',
      'middle.rate > rate-check.value',
      'middle.theory > rate-check.expected',
      'middle.gap > gap-check.value',
    ],
  }),
};
