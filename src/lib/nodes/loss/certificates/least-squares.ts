/**
 * min_x ½‖Kx − b‖² + (l2/2)‖x‖² by conjugate gradients in float64 from products with K and Kᵀ.
 *
 * Gap: f is μ-strongly convex, μ = c² + l2 with ‖Kx‖ ≥ c‖x‖, so f(x) − f* ≤ ‖∇f(x)‖²/(2μ); and f* ≥ 0 always.
 */
import type { Certificate, LinearOperator } from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { inner } from '../../../numerics/linear-algebra.ts';
import { hostOperator } from '../../shared/operators/host.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { knownMinimiser } from './known-minimiser.ts';

const MOST_STEPS = 5000;
/** Restarts take the rounding out of the recursive residual. */
const ROUNDS = 4;
/** Of ‖∇f‖ to that at 0. */
const TOLERANCE = 1e-15;

export async function leastSquares(
  operator: LinearOperator,
  b: HostArray,
  l2: number,
  pacer: Pacer,
): Promise<Certificate> {
  const K = hostOperator(operator);
  const target = Float64Array.from(b.data);
  const normal = (x: Float64Array): Float64Array => {
    const image = K.adjoint(K.apply(x));
    return image.map((value, i) => value + l2 * x[i]);
  };
  const misfit = (x: Float64Array): Float64Array => K.apply(x).map((value, i) => value - target[i]);
  /** −∇f(x). */
  const descent = (x: Float64Array): Float64Array =>
    K.adjoint(misfit(x)).map((value, i) => -value - l2 * x[i]);

  const scale = Math.sqrt(inner(K.adjoint(target), K.adjoint(target)));
  const x = new Float64Array(operator.input.reduce((size, n) => size * n, 1));
  let steps = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const r = descent(x);
    let p = r.slice();
    let rr = inner(r, r);
    // Ends after MOST_STEPS.
    while (steps < MOST_STEPS && Math.sqrt(rr) > TOLERANCE * scale) {
      const image = normal(p);
      const curvature = inner(p, image);
      if (!(curvature > 0)) break;
      const alpha = rr / curvature;
      for (let i = 0; i < x.length; i++) {
        x[i] += alpha * p[i];
        r[i] -= alpha * image[i];
      }
      const next = inner(r, r);
      const beta = next / rr;
      p = r.map((value, i) => value + beta * p[i]);
      rr = next;
      steps++;
      if (pacer.due()) await pacer.pause();
    }
  }
  const rest = misfit(x);
  const value = inner(rest, rest) / 2 + (l2 / 2) * inner(x, x);
  const slope = descent(x);
  const mu = (operator.lowerBound ?? 0) ** 2 + l2;
  const unique = mu > 0;
  const gap = unique ? Math.min(value, inner(slope, slope) / (2 * mu)) : value;
  return {
    value,
    gap,
    method: `conjugate gradients (${steps} steps), gap from ${unique ? 'strong convexity' : 'f* ≥ 0'}`,
    precision: 'float64',
    ...knownMinimiser(x, operator.input, gap, mu),
  };
}
