import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Five ways to one lasso';
const explanation = [
  'The lasso $\\min_{w,b} \\frac1{2N}\\lVert Xw + b - y\\rVert^2 + \\lambda\\lVert w\\rVert_1$ is a quadratic plus a term with a simple proximal operator. Five methods take it apart differently, and must end at the same point: the minimiser is unique here, and certified by a duality gap.',
  'ISTA and [FISTA](https://doi.org/10.1137/080716542) take gradient steps on the quadratic. Douglas–Rachford uses its prox instead, $x = \\operatorname{prox}_{sf}(w)$, and reflects. [ADMM](https://doi.org/10.1561/2200000016) keeps two copies, $x$ and $z$, and pulls them together by a multiplier $u$. [Chambolle–Pock](https://doi.org/10.1007/s10851-010-0251-1) climbs in the dual variable while it descends in $x$. The last three solve a linear system in each iteration by ten steps of conjugate gradients; compare by products as well as by iterations.',
  'The checks say that the largest difference of any weight from the certified minimiser is at most $10^{-8}$, for each of the five. Try: $\\rho$ of ADMM a hundred times smaller with balancing off, or a correlation of 0.95 in the data.',
];

const METHODS = [
  { id: 'ista', type: 'optimizer/proximal-gradient', label: 'ISTA' },
  { id: 'fista', type: 'optimizer/fista', label: 'FISTA' },
  { id: 'admm', type: 'optimizer/admm', label: 'ADMM' },
  { id: 'dr', type: 'optimizer/douglas-rachford', label: 'Douglas–Rachford' },
  { id: 'cp', type: 'optimizer/chambolle-pock', label: 'Chambolle–Pock' },
];

export const lassoSplitting: Template = {
  id: 'lasso-splitting',
  title,
  summary:
    'ISTA, FISTA, ADMM, Douglas–Rachford and Chambolle–Pock meet at one certified minimiser.',
  rows: ['admm-dr-pd', 'ista-fista'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
  explanation,
  references: [
    {
      text: 'Boyd, Parikh, Chu, Peleato, Eckstein, Distributed Optimization and Statistical Learning via ADMM, 2011, section 6.4',
      url: 'https://doi.org/10.1561/2200000016',
    },
    {
      text: 'Combettes, Pesquet, Proximal Splitting Methods in Signal Processing, 2011',
      url: 'https://arxiv.org/abs/0912.3522',
    },
    {
      text: 'Chambolle, Pock, A First-Order Primal-Dual Algorithm for Convex Problems, J. Math. Imaging Vis. 40, 2011',
      url: 'https://doi.org/10.1007/s10851-010-0251-1',
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
          params: { samples: 100, features: 20, nonzeros: 5, noise: 0.1, correlation: 0.5 },
        },
      ],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l1', type: 'regularizer/l1-norm', params: { lambda: 0.1 } },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      METHODS.map((method) => ({ ...method, params: { maxSteps: 1500, tolerance: 1e-11 } })),
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'coefficients', type: 'view/coefficients' },
        { id: 'comparison', type: 'view/comparison', params: { target: 1e-8 } },
      ],
      METHODS.map(({ id, label }) => ({
        id: `${id}-distance`,
        type: 'check/measure',
        label: `Weights of ${label}`,
        params: { measure: 'minimiserDistance' },
      })),
      METHODS.map(({ id, label }) => ({
        id: `${id}-check`,
        type: 'check/compare',
        label: `${label} finds the minimiser`,
        params: {
          label: `${label}: largest |x − x*| ≤ 1e-8`,
          relation: 'atMost',
          expected: 1e-8,
        },
      })),
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'l1.regularizer > loss.regularizer',
      ...METHODS.flatMap(({ id }) => [
        `loss.objective > ${id}.objective`,
        `${id}.run > curves.runs`,
        `${id}.run > coefficients.runs`,
        `${id}.run > comparison.runs`,
        `${id}.run > ${id}-distance.run`,
        `${id}-distance.value > ${id}-check.value`,
      ]),
    ],
  }),
};
