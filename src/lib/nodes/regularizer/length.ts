import { greater, mul, select, sqrt, sum } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** √x for x ≥ 0, with derivative 0 at 0, where that of a length has a kink. */
export function rootOf(x: Value): Value {
  const some = greater(x, 0);
  return select(some, sqrt(select(some, x, 1)), 0);
}

/** Euclidean length of each row of [G, n]: [G, 1]. */
export const rowLengths = (z: Value): Value => rootOf(sum(mul(z, z), 1, true));
