import type { Certificate } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { norm } from '../../../numerics/linear-algebra.ts';

/** Of ‖x‖: what a minimiser may be off. */
const ACCURACY = 1e-3;

/**
 * x as the minimiser where it is known to be near, `error` ≥ ‖x − x*‖. A strong blur has a convexity above 0 that says nothing, and its minimiser,
 * though unique, is not known.
 */
export function knownMinimiser(
  x: Float64Array,
  shape: Shape,
  error: number,
): Pick<Certificate, 'minimiser' | 'minimiserError'> {
  if (!(error <= ACCURACY * norm(x))) return {};
  return { minimiser: [hostFloat(x, shape)], minimiserError: error };
}
