/**
 * Minibatches drawn on the device, the same on every device: positions of a permutation that changes with the epoch, or independent draws.
 */
import type { ParamSpec, ParamsOf } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, floorDiv, gather, iota, mod, mul } from '../../runtime/ir/ops.ts';
import { foldIn, randomBits, randomPermutation } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** Bits of a draw with replacement; the chance of a sample is 1/N to a relative error of N/2³¹. */
const BITS = 31;

export const batchParams = {
  batchSize: {
    kind: 'integer',
    label: 'Batch size',
    help: 'Samples in a minibatch; 0 takes all.',
    default: 32,
    min: 0,
    max: 1_000_000,
    scale: 'log',
  },
  sampling: {
    kind: 'choice',
    label: 'Sampling',
    help: 'Without replacement an epoch visits a new permutation of the samples; what does not fill a batch at its end is left out of it. With replacement batches are independent draws, as theorems of the rate assume.',
    default: 'epochs',
    options: [
      { value: 'epochs', label: 'without replacement (epochs)' },
      { value: 'replacement', label: 'with replacement' },
    ],
  },
} as const satisfies Record<string, ParamSpec>;

type BatchParams = ParamsOf<typeof batchParams>;

export interface Batches {
  /** Samples in a batch, or null for all of them. */
  readonly size: number | null;
  /** Share of the samples a step reads. */
  readonly fraction: number;
  readonly label: string;
  /** The data of step `step` (int scalar, 0 for the first); key int [2]. */
  draw(data: readonly Value[], key: Value, step: Value): readonly Value[];
}

/**
 * Indices int [batchSize] of step `step` (int scalar) into n samples. Without replacement epoch e visits ⌊n/B⌋ batches of a permutation with key
 * foldIn(key, e), so no sample comes twice in an epoch, and n mod B samples, others each time, are left out. With replacement step k draws
 * B numbers with key foldIn(key, k).
 */
export function batchIndices(
  { batchSize, sampling }: BatchParams,
  n: number,
  key: Value,
  step: Value,
): Value {
  if (sampling === 'replacement') {
    return mod(randomBits(foldIn(key, step), [batchSize], BITS), n);
  }
  const perEpoch = Math.floor(n / batchSize);
  const epochKey = foldIn(key, floorDiv(step, perEpoch));
  const positions = add(mul(mod(step, perEpoch), batchSize), iota([batchSize], 0));
  return randomPermutation(epochKey, positions, n);
}

export function batches(objective: ObjectiveValue, params: BatchParams, method: string): Batches {
  const { batchSize, sampling } = params;
  const n = objective.samples;
  if (batchSize === 0 || (batchSize === n && sampling === 'epochs')) {
    return { size: null, fraction: 1, label: 'full batch', draw: (data) => data };
  }
  if (n === null) {
    throw new NodeError(
      'batch',
      `${method} (batch size): expected 0 for an objective that is not a mean over samples, got ${batchSize}. Set it to 0.`,
      'batchSize',
    );
  }
  if (batchSize > n) {
    throw new NodeError(
      'batch',
      `${method} (batch size): expected at most ${n} samples, got ${batchSize}. Lower it, or set it to 0 for all samples.`,
      'batchSize',
    );
  }
  return {
    size: batchSize,
    fraction: batchSize / n,
    label: `batches of ${batchSize}${sampling === 'replacement' ? ' with replacement' : ''}`,
    draw(data, key, step) {
      const indices = batchIndices(params, n, key, step);
      return data.map((array) => gather(array, indices));
    },
  };
}
