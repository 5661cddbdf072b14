/** Comparing a recorded step with eager execution. */
import type { HostArray } from '../../ir/types.ts';

/** Relative to the largest change of an array in the step. */
const UPDATE_TOLERANCE = 1e-3;
/** Relative to the largest element of the array: a few hundred float32 roundings. */
const STATE_TOLERANCE = 2e-5;

/**
 * Describes the first disagreement of two states after the same step from `before`, or returns undefined.
 *
 * Both are float32 evaluations of one formula in different orders. With a sum of n terms they differ by up to about √n·2⁻²⁴ of the
 * terms' magnitude; n reaches 10⁴…10⁵ here, which is 10⁻⁵ of the terms. Where the terms cancel by a factor of up to 100 the
 * update (learning rate times gradient) agrees to 10⁻³, and the state, which adds the update, to a few roundings. A wrong kernel is off by the
 * update's own size. Ints and bools must be equal, and non-finite elements must be in the same places.
 */
export function disagreement(
  before: readonly HostArray[],
  recorded: readonly HostArray[],
  eager: readonly HostArray[],
): string | undefined {
  for (const [k, expected] of eager.entries()) {
    const got = recorded[k];
    const old = before[k];
    let largest = 0;
    let change = 0;
    expected.data.forEach((x, i) => {
      if (!Number.isFinite(x)) return;
      largest = Math.max(largest, Math.abs(x));
      const moved = Math.abs(x - old.data[i]);
      if (Number.isFinite(moved)) change = Math.max(change, moved);
    });
    const exact = expected.dtype !== 'float';
    const tolerance = exact ? 0 : UPDATE_TOLERANCE * change + STATE_TOLERANCE * largest;
    for (let i = 0; i < expected.data.length; i += 1) {
      const a = got.data[i];
      const b = expected.data[i];
      if (Object.is(a, b) || (!Number.isFinite(a) && !Number.isFinite(b))) continue;
      if (!(Math.abs(a - b) <= tolerance))
        return `state ${k}[${i}]: recorded ${a}, eager ${b}, tolerance ${tolerance.toExponential(1)}`;
    }
  }
  return undefined;
}
