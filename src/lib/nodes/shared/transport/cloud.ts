/** What the traced distances are between. */
import { mul, square, sub, sum, expandDims } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

/** A discrete measure Σ a_i δ(x_i). */
export interface Cloud {
  /** float [n, D]. */
  readonly points: Value;
  /** float [n], ≥ 0, sums to 1; null where all are equal. */
  readonly weights: Value | null;
}

export const sizeOfCloud = ({ points }: Cloud): number => points.shape[0];

/** Σ a_i v_i of v float [n]. */
export function average({ points, weights }: Cloud, v: Value): Value {
  return weights ? sum(mul(weights, v)) : mul(sum(v), 1 / points.shape[0]);
}

/** ‖x_i − y_j‖²: [n, D] and [m, D] → [n, m]. Of differences, so that it is exact for float32 points far from the origin. */
export function squaredDistances(x: Value, y: Value): Value {
  return sum(square(sub(expandDims(x, 1), expandDims(y, 0))), 2);
}
