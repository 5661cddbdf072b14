/**
 * Keeps some entries of a signal or image and sets the others to 0.
 *
 *   Kx = m ⊙ x,   m_i ∈ {0, 1}
 *
 * Random entries without replacement, or all but a centred block. Domain: 0 < share ≤ 1, 0 ≤ block < 1. K = Kᵀ = K² and ‖K‖ = 1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { OperatorValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostPermutation } from '../../runtime/ir/random.ts';
import type { Shape } from '../../runtime/ir/types.ts';
import { percent } from '../shared/format.ts';
import { maskOperator } from '../shared/operators/mask.ts';
import { requireSignal } from '../shared/operators/signal.ts';
import { signalsView } from '../shared/operators/view.ts';
import { seedParam } from '../shared/seed.ts';
import { OPERATOR_OUTPUTS, SIGNAL_INPUTS } from './ports.ts';

export default defineNode({
  type: 'operator/mask',
  version: 1,
  family: 'operator',
  title: 'Mask',
  summary: 'Keeps some samples or pixels and loses the others.',
  formula: String.raw`Kx = m \odot x, \qquad m_i \in \{0, 1\}`,
  description: [
    'Either a random share of the entries is kept, or a centred block is missing. Missing entries are 0 in Kx and carry no noise; they do not occur in the data term.',
    'K is a projection, so ‖K‖ = 1. What is missing is decided by the penalty alone.',
  ],
  keywords: ['inpainting', 'missing', 'sampling', 'subset', 'completion'],
  references: [
    {
      text: 'Bertalmio, Sapiro, Caselles & Ballester, Image inpainting, SIGGRAPH 2000.',
      url: 'https://doi.org/10.1145/344779.344972',
    },
  ],
  params: {
    pattern: {
      kind: 'choice',
      label: 'Kept',
      default: 'random',
      options: [
        { value: 'random', label: 'a random share' },
        { value: 'block', label: 'all but a centred block' },
      ],
    },
    share: {
      kind: 'number',
      label: 'Share kept',
      default: 0.5,
      min: 0,
      exclusiveMin: true,
      max: 1,
      visibleWhen: { param: 'pattern', in: ['random'] },
    },
    block: {
      kind: 'number',
      label: 'Block side',
      help: 'Side of the missing block over the side of the image.',
      default: 0.25,
      min: 0,
      max: 0.99,
      visibleWhen: { param: 'pattern', in: ['block'] },
    },
    seed: { ...seedParam, visibleWhen: { param: 'pattern', in: ['random'] } },
  },
  inputs: SIGNAL_INPUTS,
  outputs: OPERATOR_OUTPUTS,
  evaluate({ params, input, key }) {
    const { shape, size, truth } = requireSignal(input('data', 'dataset'), 'Mask');
    const mask =
      params.pattern === 'random'
        ? randomMask(key, size, params.share)
        : blockMask(shape, params.block);
    const kept = mask.reduce((total, m) => total + m, 0);
    if (kept === 0) {
      const [param, remedy] =
        params.pattern === 'random'
          ? ['share', 'Keep a larger share']
          : ['block', 'Make the block smaller'];
      throw new NodeError(
        'range',
        `Mask (${param}): expected to keep at least one of ${size} entries, got none. ${remedy}.`,
        param,
      );
    }
    const value: OperatorValue = {
      kind: 'operator',
      operator: maskOperator(hostFloat(mask, shape)),
    };
    return {
      outputs: { operator: value },
      view: signalsView(shape, [
        { values: mask, label: 'm', dashed: true },
        { values: truth.data.map((x, i) => x * mask[i]), label: 'Kx' },
      ]),
      status: `${kept} of ${size} kept (${percent(kept / size)})`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { share: 1 }, { pattern: 'block' }, { pattern: 'block', block: 0 }],
    invalid: [
      { params: { share: 0 }, message: /Share kept.*expected a number > 0/ },
      { params: { block: 1 }, message: /Block side.*expected a number in \[0, 0.99\], got 1/ },
      { params: { share: 0.001 }, message: /\(share\): .*at least one of 24 entries, got none/ },
      {
        params: { pattern: 'block', block: 0.99 },
        message: /Mask \(block\): .*got none\. Make the block smaller/,
      },
    ],
  },
});

function randomMask(key: readonly [number, number], size: number, share: number): Float64Array {
  const mask = new Float64Array(size);
  const kept = hostPermutation(key, size).subarray(0, Math.round(share * size));
  for (const place of kept) mask[place] = 1;
  return mask;
}

/** 0 in a block of the share of each side, rounded, in the middle; 1 elsewhere. */
function blockMask(shape: Shape, share: number): Float64Array {
  const missing = shape.map((n) => {
    const side = Math.round(share * n);
    const start = Math.floor((n - side) / 2);
    return (i: number) => i >= start && i < start + side;
  });
  const width = shape[1] ?? 1;
  const size = shape.reduce((total, n) => total * n, 1);
  return Float64Array.from({ length: size }, (_, k) => {
    const place = shape.length === 2 ? [Math.floor(k / width), k % width] : [k];
    return place.every((i, axis) => missing[axis](i)) ? 0 : 1;
  });
}
