import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Digits in few directions';
const explanation = [
  'Softmax regression has a matrix of weights $W$, 64 pixels by 10 digits. The [nuclear norm](https://arxiv.org/abs/0810.3286) $\\lambda\\lVert W\\rVert_* = \\lambda\\sum_i\\sigma_i(W)$ is an $\\ell_1$ norm of singular values: it sets small ones to zero, so that all digits are told apart by few combinations of pixels. Its prox takes $s\\lambda$ from every singular value, at most to zero.',
  'Three weights, one problem: $\\min_W \\frac1N\\sum_n -\\log\\operatorname{softmax}(W^\\top x_n)_{y_n} + \\lambda\\lVert W\\rVert_*$, by FISTA from zero. With $\\lambda = 0.06$ seven directions in the space of pixels sort nine of ten digits right.',
  'What theory says of the rank is checked. Adding one vector to all ten columns changes no prediction, and the nuclear norm is least without such a part, so the rank is at most 9. And $W = 0$ is optimal if and only if $\\lambda \\ge \\lVert\\nabla f(0)\\rVert_2$, the largest singular value of the gradient at zero, which is computed beside the runs: at $\\lambda = 0.25$, above it, the rank is 0; at $\\lambda = 0.2$, below it, it is not. And the run with $\\lambda = 0.06$ has arrived, to a thousandth of $F(0) = \\log 10$, by a bound that knows nothing of FISTA: with $G = \\nabla f(W)$, $F(W) - F^* \\le \\lambda\\lVert W\\rVert_* + \\langle G, W\\rangle + \\frac{F(0)}\\lambda(\\lVert G\\rVert_2 - \\lambda)_+$. Try: other $\\lambda$, and the rank beside the accuracy.',
];

const runs = [
  { id: 'small', lambda: 0.06 },
  { id: 'large', lambda: 0.2 },
  { id: 'beyond', lambda: 0.25 },
] as const;

const ranked = (id: string, label: string) => ({
  id: `${id}-rank`,
  type: 'check/measure',
  label,
  params: { measure: 'rank' },
});

export const lowRank: Template = {
  id: 'low-rank',
  title,
  summary:
    'The nuclear norm leaves few singular values of a matrix of weights, and above a bound none.',
  rows: ['prox-gallery', 'classification-tour'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Cai, Candès & Shen, A singular value thresholding algorithm for matrix completion (2010), theorem 2.1',
      url: 'https://arxiv.org/abs/0810.3286',
    },
    {
      text: 'Amit, Fink, Srebro & Ullman, Uncovering shared structures in multiclass classification (2007)',
      url: 'https://doi.org/10.1145/1273496.1273499',
    },
    {
      text: 'Beck & Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems (2009)',
      url: 'https://doi.org/10.1137/080716542',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        {
          id: 'table',
          type: 'data/table',
          label: 'Digits',
          params: { table: { source: 'builtin', name: 'digits' }, targetKind: 'classes' },
        },
      ],
      [{ id: 'scale', type: 'data/standardize', params: { method: 'range' } }],
      [
        { id: 'model', type: 'model/linear', params: { bias: false } },
        ...runs.map(({ id, lambda }) => ({
          id: `${id}-norm`,
          type: 'regularizer/nuclear-norm',
          label: `λ = ${lambda}`,
          params: { lambda },
        })),
      ],
      runs.map(({ id, lambda }) => ({
        id: `${id}-loss`,
        type: 'loss/softmax-cross-entropy',
        label: `With λ = ${lambda}`,
      })),
      runs.map(({ id, lambda }) => ({
        id,
        type: 'optimizer/fista',
        label: `FISTA, λ = ${lambda}`,
        params: { maxSteps: 500, tolerance: 4e-5 },
      })),
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'confusion', type: 'view/confusion-matrix', label: 'λ = 0.06' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Accuracy at λ = 0.06',
          params: { measure: 'accuracy' },
        },
      ],
      [
        ranked('small', 'Rank at λ = 0.06'),
        ranked('large', 'Rank at λ = 0.2'),
        ranked('beyond', 'Rank at λ = 0.25'),
        {
          id: 'optimality',
          type: 'check/optimality',
          label: 'Optimality at λ = 0.06',
        },
      ],
      [
        {
          id: 'small-check',
          type: 'check/compare',
          label: 'At most 9 of 10',
          params: { label: 'Rank at λ = 0.06 ≤ K − 1', relation: 'atMost', expected: 9 },
        },
        {
          id: 'large-check',
          type: 'check/compare',
          label: 'Below the bound: not zero',
          params: { label: 'Rank at λ = 0.2 is not 0', relation: 'atLeast', expected: 1 },
        },
        {
          id: 'beyond-check',
          type: 'check/compare',
          label: 'Above the bound: zero',
          params: { label: 'Rank at λ = 0.25 is 0', expected: 0, absoluteTolerance: 0 },
        },
        {
          id: 'above-check',
          type: 'check/compare',
          label: '0.25 is above',
          params: { label: '‖∇f(0)‖₂ ≤ 0.25', relation: 'atMost', expected: 0.25 },
        },
        {
          id: 'below-check',
          type: 'check/compare',
          label: '0.2 is below',
          params: { label: '‖∇f(0)‖₂ > 0.2', relation: 'atLeast', expected: 0.2 },
        },
        {
          id: 'optimality-check',
          type: 'check/compare',
          label: 'The minimum is reached',
          params: {
            label: 'f − f* ≤ log 10 / 1000',
            relation: 'atMost',
            expected: elementary.log(10) / 1000,
          },
        },
      ],
    ],
    wires: [
      'table.dataset > scale.data',
      'scale.data > model.data',
      ...runs.flatMap(({ id }) => [
        `model.model > ${id}-loss.model`,
        `${id}-norm.regularizer > ${id}-loss.regularizer`,
        `${id}-loss.objective > ${id}.objective`,
        `${id}.run > curves.runs`,
        `${id}.run > ${id}-rank.run`,
        `${id}-rank.value > ${id}-check.value`,
      ]),
      'small.run > confusion.run',
      'small.run > accuracy.run',
      'small.run > optimality.run',
      'optimality.bound > optimality-check.value',
      'optimality.critical > above-check.value',
      'optimality.critical > below-check.value',
    ],
  }),
};
