import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Kantorovich’s problem between two clouds';
const explanation = [
  'How is the mass of one cloud carried to another at least cost? Kantorovich lets a point split its mass: $\\min_{P \\ge 0} \\sum_{ij} P_{ij}\\lVert x_i - y_j\\rVert^2$ with $P\\mathbf 1 = a$ and $P^\\top\\mathbf 1 = b$. This is a linear program, and the network simplex solves it exactly.',
  'A vertex of the feasible set is a forest between the clouds. For 60 against 80 points of equal weight it has at most $60 + 80 - 1 = 139$ pairs with mass, and here exactly so many. Open the plan to move the mass along its lines.',
  'The checks: 139 pairs, and a duality gap of rounding: the dual solution proves the cost to be the least. Try: show the plan as a matrix, or the distance as cost.',
];

export const kantorovich: Template = {
  id: 'kantorovich',
  title,
  summary:
    'Exact optimal transport of 60 points to 80, with its plan and a proof that it is optimal.',
  rows: ['kantorovich'],
  lesson: { course: 'mathematics-of-ia', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), section 3.5 (network simplex) and proposition 3.4 (forests)',
      url: 'https://arxiv.org/abs/1803.00567',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'source', type: 'data/eight-gaussians', params: { samples: 60 } },
        { id: 'target', type: 'data/two-moons', params: { samples: 80 } },
      ],
      [{ id: 'plan', type: 'check/exact-transport' }],
      [
        {
          id: 'pairs',
          type: 'check/compare',
          label: 'A vertex',
          params: { label: 'Pairs with mass', expected: 139, absoluteTolerance: 0 },
        },
        {
          id: 'gap',
          type: 'check/compare',
          label: 'Optimal',
          params: { label: 'Duality gap', relation: 'atMost', expected: 1e-12 },
        },
      ],
    ],
    wires: [
      'source.dataset > plan.source',
      'target.dataset > plan.target',
      'plan.pairs > pairs.value',
      'plan.gap > gap.value',
    ],
  }),
};
