import type { Certificate } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { norm } from '../../../numerics/linear-algebra.ts';

/** Of ‖x‖: what a minimiser may be off. */
const ACCURACY = 1e-3;

/**
 * x as the minimiser where f is so convex that the gap shows it near: ‖x − x*‖² ≤ 2(f(x) − f*)/μ. A strong blur has a μ above 0 that says
 * nothing, and its minimiser, though unique, is not known.
 */
export function knownMinimiser(
  x: Float64Array,
  shape: Shape,
  gap: number,
  strongConvexity: number,
): Pick<Certificate, 'minimiser'> {
  const known = strongConvexity > 0 && Math.sqrt((2 * gap) / strongConvexity) <= ACCURACY * norm(x);
  return known ? { minimiser: [hostFloat(x, shape)] } : {};
}
