/** Minibatches drawn on the device: positions of a permutation that changes with the epoch. */
import type { ParamSpec } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, floorDiv, gather, iota, mod, mul } from '../../runtime/ir/ops.ts';
import { foldIn, randomPermutation } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';

export const batchParams = {
  batchSize: {
    kind: 'integer',
    label: 'Batch size',
    help: 'Samples in a minibatch; 0 takes all. What does not fill a batch at the end of an epoch is left out of it.',
    default: 32,
    min: 0,
    max: 1_000_000,
    scale: 'log',
  },
} as const satisfies Record<string, ParamSpec>;

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
 * Epoch e visits ⌊N/B⌋ batches of a permutation with key foldIn(key, e), so no sample comes twice in an epoch, and N mod B
 * samples, others each time, are left out.
 */
export function batches(objective: ObjectiveValue, batchSize: number, method: string): Batches {
  const n = objective.samples;
  if (batchSize === 0 || batchSize === n) {
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
  const perEpoch = Math.floor(n / batchSize);
  return {
    size: batchSize,
    fraction: batchSize / n,
    label: `batches of ${batchSize}`,
    draw(data, key, step) {
      const epochKey = foldIn(key, floorDiv(step, perEpoch));
      const positions = add(mul(mod(step, perEpoch), batchSize), iota([batchSize], 0));
      const indices = randomPermutation(epochKey, positions, n);
      return data.map((array) => gather(array, indices));
    },
  };
}
