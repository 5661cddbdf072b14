/**
 * The group lasso: the sum of the Euclidean norms of groups of weights.
 *
 *   g(w) = λ Σ_G √|G| ‖w_G‖₂,   prox(v, s)_G = max(1 − sλ√|G|/‖v_G‖₂, 0) v_G
 *
 * Domain: λ ≥ 0 (live), block size ≥ 1. Groups are the rows of a matrix of weights [D, K] (all weights of one input) or consecutive
 * blocks of the entries of an array, row by row; the last block may be smaller. Each array of weights has groups of its own. The weights
 * √|G| are those of Yuan & Lin 2006, section 2. Prox: Parikh & Boyd 2014, section 6.5.4.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { constant, flatten, mul, pad, reshape, slice, sqrt, sum } from '../../runtime/ir/ops.ts';
import { sizeOf } from '../../runtime/ir/shape.ts';
import type { Shape, Value } from '../../runtime/ir/types.ts';
import { lambdaParam } from './lambda.ts';
import { shrinkFactor } from './shrink.ts';
import { addAll } from './sum.ts';

export default defineNode({
  type: 'regularizer/group-lasso',
  version: 1,
  family: 'regularizer',
  title: 'Group lasso',
  summary: 'Chooses groups of weights: those of an input, or blocks, vanish together.',
  formula: 'g(w) = \\lambda \\sum_G \\sqrt{|G|} \\, \\lVert w_G \\rVert_2',
  description: [
    'Rows of a matrix of weights (inputs × outputs) belong to one input, so an input is used by all outputs or by none. A model with one output has rows of one weight, and the penalty is the ℓ1 norm. Blocks are consecutive entries, for example the columns that code one category; if the size does not divide their number, the last block is smaller.',
    'A group of |G| weights has the factor √|G| of Yuan and Lin, so that groups of pure noise are as likely to enter whatever their size. Each array of weights (each layer) has groups of its own. Biases are not penalised.',
  ],
  keywords: ['grouped variables', 'sparsity', 'l21', 'feature selection', 'block soft threshold'],
  references: [
    {
      text: 'Yuan & Lin, Model selection and estimation in regression with grouped variables, JRSS B 68 (2006), equation (2.1).',
      url: 'https://doi.org/10.1111/j.1467-9868.2005.00532.x',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.5.4.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lambda: lambdaParam,
    groups: {
      kind: 'choice',
      label: 'Groups',
      default: 'rows',
      options: [
        { value: 'rows', label: 'rows: the weights of an input' },
        { value: 'blocks', label: 'consecutive blocks' },
      ],
    },
    size: {
      kind: 'integer',
      label: 'Block size',
      help: 'Weights in a block; the last one may have fewer.',
      default: 2,
      min: 1,
      max: 1_000_000,
      scale: 'log',
      visibleWhen: { param: 'groups', in: ['blocks'] },
    },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const lambda = context.live('lambda');
    const { groups, size } = context.params;
    const sizeFor = (shape: Shape) =>
      groups === 'blocks' ? size : shape.length >= 2 ? shape[shape.length - 1] : 1;
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'Group lasso',
      formula: '\\lambda \\sum_G \\sqrt{|G|} \\, \\lVert w_G \\rVert_2',
      convex: true,
      smooth: false,
      live: [lambda],
      value(x, live) {
        const parts = x.map((part) => {
          const { rows, weights } = grouped(part, sizeFor(part.shape));
          return sum(mul(weights, rowLengths(rows)));
        });
        return mul(live[lambda.key], addAll(parts));
      },
      prox(v, stepSize, live) {
        const threshold = mul(stepSize, live[lambda.key]);
        return v.map((part) => {
          const { rows, weights } = grouped(part, sizeFor(part.shape));
          const factor = shrinkFactor(rowLengths(rows), mul(threshold, weights));
          const moved = flatten(mul(factor, rows));
          return reshape(slice(moved, [0], [sizeOf(part.shape)]), part.shape);
        });
      },
    };
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { lambda: 0 },
      { lambda: 2.5, groups: 'blocks', size: 3 },
      { groups: 'blocks', size: 1 },
    ],
    invalid: [
      { params: { lambda: -0.1 }, message: /λ.*expected a number in \[0, 1000000\], got -0.1/ },
      {
        params: { groups: 'blocks', size: 0 },
        message: /Block size.*expected an integer in \[1, 1000000\], got 0/,
      },
      { params: { groups: 'columns' }, message: /Groups.*expected one of 'rows'/ },
    ],
  },
});

/** Euclidean length of each row of [G, n]: [G, 1]. Its derivative at 0 is taken as 0, as that of sqrt. */
const rowLengths = (z: Value): Value => sqrt(sum(mul(z, z), 1, true));

/** The groups as rows [G, size], the last one filled with zeros, and √|G| of each, [G, 1]. */
function grouped(x: Value, size: number): { rows: Value; weights: Value } {
  const n = sizeOf(x.shape);
  const count = Math.ceil(n / size);
  const rows = reshape(pad(flatten(x), [0], [count * size - n]), [count, size]);
  const weights = Float64Array.from({ length: count }, (_, g) =>
    Math.sqrt(Math.min(size, n - g * size)),
  );
  return { rows, weights: constant(hostFloat(weights, [count, 1])) };
}
