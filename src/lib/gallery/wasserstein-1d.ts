import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Transport on the line';
const explanation = [
  'On the line mass moves in sorted order, so $W_2^2 = \\int_0^1 |F^{-1}(t) - G^{-1}(t)|^2\\,dt$ with the quantile functions $F^{-1}$ and $G^{-1}$: no linear program is needed. Between two Gaussians this is $(m_1 - m_2)^2 + (s_1 - s_2)^2$.',
  'Above, 300 points and 400 points with random weights are carried to each other by sorting and by the network simplex, which knows nothing of the line. Below, 10,000 draws of $\\mathcal N(0, 1)$ and of $\\mathcal N(3, 2^2)$ are compared with the closed form $9 + 1 = 10$.',
  'How far may the draws be from it? By the central limit theorem for transport costs their standard error is $\\sqrt{(V_1 + V_2)/n}$, with $V_i = 4 s_i^2 (m_1 - m_2)^2 + 2 s_i^2 (s_1 - s_2)^2$ the variance of the potential: $V_1 = 38$, $V_2 = 152$ and so $0.138$. The checks: both methods agree to rounding, and the draws agree with the closed form within three standard errors, $0.414$. Try: other seeds; fewer samples.',
];
export const wasserstein1d: Template = {
  id: 'wasserstein-1d',
  title,
  summary:
    'Sorting solves transport on the line; it equals the linear program and, between Gaussians, a formula.',
  rows: ['kantorovich'],
  lesson: { course: 'mathematics-of-ia', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), remarks 2.30 and 2.31',
      url: 'https://arxiv.org/abs/1803.00567',
    },
    {
      text: 'del Barrio, Loubes, Central limit theorems for empirical transportation cost in general dimension (2019), theorem 4.1',
      url: 'https://arxiv.org/abs/1705.01299',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'source',
          type: 'data/gaussian',
          label: '300 points',
          params: { samples: 300, weights: 'random' },
        },
        {
          id: 'target',
          type: 'data/gaussian',
          label: '400 points',
          params: { samples: 400, mean: 3, spread: 2, weights: 'random', seed: 1 },
        },
        {
          id: 'standard',
          type: 'data/gaussian',
          label: 'N(0, 1)',
          params: { samples: 10_000, seed: 2 },
        },
        {
          id: 'wide',
          type: 'data/gaussian',
          label: 'N(3, 4)',
          params: { samples: 10_000, mean: 3, spread: 2, seed: 3 },
        },
      ],
      [
        {
          id: 'program',
          type: 'check/exact-transport',
          label: 'Network simplex',
          params: { method: 'program', weights: 'targets' },
        },
        {
          id: 'sorted',
          type: 'check/exact-transport',
          label: 'Sorting',
          params: { method: 'sorting', weights: 'targets' },
        },
        {
          id: 'many',
          type: 'check/exact-transport',
          label: 'Sorting 10,000 points',
          params: { method: 'sorting' },
        },
      ],
      [
        {
          id: 'agree',
          type: 'check/compare',
          label: 'Two methods agree',
          params: { label: 'Sorting is the linear program', absoluteTolerance: 1e-11 },
        },
        {
          id: 'closed',
          type: 'check/compare',
          label: 'Closed form',
          params: {
            label: 'W₂² of the draws, within three standard errors',
            expected: 10,
            absoluteTolerance: 0.414,
          },
        },
      ],
    ],
    wires: [
      'source.dataset > program.source',
      'target.dataset > program.target',
      'source.dataset > sorted.source',
      'target.dataset > sorted.target',
      'standard.dataset > many.source',
      'wide.dataset > many.target',
      'sorted.cost > agree.value',
      'program.cost > agree.expected',
      'many.cost > closed.value',
    ],
  }),
};
