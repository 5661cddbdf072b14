/**
 * The nearest point of {w ≥ 0, Σw = s}, sums taken along the axes: max(v − τ, 0) with τ the root of Σ max(v − τ, 0) = s.
 *
 * Without sorting: the left side is convex, falling and piecewise linear in τ, so a Newton step from the left stays left and ends at the
 * root once no breakpoint is between (Michelot 1986). Each is preceded by a bisection of the bracket, so that after 53 rounds what may be
 * between is below rounding; n entries have n breakpoints, so n rounds always suffice.
 */
import {
  add,
  cast,
  div,
  greater,
  greaterEqual,
  loop,
  max,
  maximum,
  mul,
  neg,
  onesLike,
  select,
  sub,
  sum,
} from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

const BITS = 53;

export function projectOnSimplex(v: Value, total: Value, axes: readonly number[]): Value {
  const count = axes.reduce((n, axis) => n * v.shape[axis], 1);
  const along = (x: Value) => sum(x, axes, true);
  // Relative to the largest entry: only those within s of it matter, and sums of them keep their digits.
  const z = sub(v, max(v, axes, true));
  const scale = mul(total, onesLike(max(v, axes, true)));
  const { carry } = loop({
    steps: Math.min(count, BITS),
    carry: [neg(scale), div(neg(scale), count)],
    body(_i, _constants, [low, high]) {
      const middle = mul(0.5, add(low, high));
      const left = greaterEqual(along(maximum(sub(z, middle), 0)), scale);
      const from = select(left, middle, low);
      const active = greater(z, from);
      const newton = div(sub(along(select(active, z, 0)), scale), along(cast(active, 'float')));
      return { carry: [maximum(from, newton), select(left, high, middle)] };
    },
  });
  return maximum(sub(z, carry[0]), 0);
}
