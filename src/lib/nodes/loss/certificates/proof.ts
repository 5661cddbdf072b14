/** What every certificate ends with: bounds of the minimum, rounded outwards into float64, or the reason why there are none. */
import { ZERO, lower, roundedUp, upper } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { twoSum } from '../../../numerics/double-double.ts';
import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { Certificate } from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';

/** A minimiser is given where its entries are known to this part of the largest. */
const MINIMISER_ACCURACY = 1e-6;

/** f* can't be certified; the reason stands beside whatever asked for it. */
export const withheld = (reason: string): NodeError => new NodeError('no-certificate', reason);

/** What is proved: least ≤ f* ≤ value. */
export interface Bounds {
  readonly value: Ball;
  readonly least: Ball;
}

/** Bounds of an f* ≥ 0. */
export const nonnegative = ({ value, least }: Bounds): Bounds => ({
  value,
  least: lower(least) < 0 ? ZERO : least,
});

/** The true minimum lies in [value − gap, value], both taken as the float64 numbers they are. */
export function certificateOf(
  { value, least }: Bounds,
  method: string,
  rest: Omit<Certificate, 'value' | 'gap' | 'method' | 'precision'> = {},
): Certificate {
  const top = upper(value);
  const bottom = lower(least);
  const { hi, lo } = twoSum(top, -bottom);
  const gap = lo > 0 ? roundedUp(hi) : Math.max(0, hi);
  if (!Number.isFinite(top) || !Number.isFinite(gap)) {
    throw withheld(
      `f* (${method}): expected squares within the range of float64, got f ≤ ${top} and f* ≥ ${bottom}. Standardize the features, or rescale the targets.`,
    );
  }
  return { value: top, gap, method, precision: 'float64', ...rest };
}

/** `parts` as the minimiser, where its entries are known to `error`, an absolute bound, well enough to be of use. */
export function knownMinimiser(
  parts: readonly HostArray[],
  error: number,
): Pick<Certificate, 'minimiser' | 'minimiserError'> {
  let largest = 0;
  for (const { data } of parts) for (const v of data) largest = Math.max(largest, Math.abs(v));
  return error <= MINIMISER_ACCURACY * largest ? { minimiser: parts, minimiserError: error } : {};
}
