/**
 * min_x ½‖Kx − b‖² + (l2/2)‖x‖² by conjugate gradients in float64 from products with K and Kᵀ.
 *
 * Gap: f is μ-strongly convex, μ = c² + l2 with ‖Kx‖ ≥ c‖x‖, so f(x) − f* ≤ ‖∇f(x)‖²/(2μ) and ‖x − x*‖ ≤ ‖∇f(x)‖/μ; and f* ≥ 0 always. Value and
 * gradient are computed in double-double, with bounds of their rounding.
 */
import {
  add,
  exactly,
  lower,
  multiply,
  scaleByPower,
  subtract,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { vectorFrom } from '../../../numerics/double-double-vector.ts';
import { inner } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { Certificate, LinearOperator } from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { hostOperator } from '../../shared/operators/host.ts';
import { preciseOperator } from '../../shared/operators/precise.ts';
import { knownMinimiser } from './known-minimiser.ts';
import { difference, knownNorm, knownSquare, multiple, plus } from './known-vector.ts';
import { certificateOf, nonnegative } from './proof.ts';

const MOST_STEPS = 5000;
/** Restarts take the rounding out of the recursive residual. */
const ROUNDS = 4;
/** Of ‖∇f‖ to that at 0. */
const TOLERANCE = 1e-15;

export async function leastSquares(
  operator: LinearOperator,
  b: HostArray,
  l2: Ball,
  pacer: Pacer,
): Promise<Certificate> {
  const K = hostOperator(operator);
  const target = Float64Array.from(b.data);
  const normal = (x: Float64Array): Float64Array => {
    const image = K.adjoint(K.apply(x));
    return image.map((value, i) => value + l2.hi * x[i]);
  };
  const misfit = (x: Float64Array): Float64Array => K.apply(x).map((value, i) => value - target[i]);
  /** −∇f(x). */
  const descent = (x: Float64Array): Float64Array =>
    K.adjoint(misfit(x)).map((value, i) => -value - l2.hi * x[i]);

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
      if (pacer.due()) {
        pacer.progress(steps / MOST_STEPS);
        await pacer.pause();
      }
    }
  }
  return provenAt(operator, target, l2, x, `conjugate gradients (${steps} steps)`, pacer);
}

/** The certificate that a point x gives, whatever it is. */
export async function provenAt(
  operator: LinearOperator,
  target: Float64Array,
  l2: Ball,
  x: Float64Array,
  method: string,
  pacer: Pacer,
): Promise<Certificate> {
  const K = preciseOperator(operator);
  const point = { vector: vectorFrom(x), error: 0 };
  const rest = difference(await K.apply(point.vector, pacer), {
    vector: vectorFrom(target),
    error: 0,
  });
  const back = await K.adjoint(rest.vector, pacer);
  const slope = plus(
    { vector: back.vector, error: back.error + 1.01 * operator.norm * rest.error },
    multiple(l2, point),
  );
  const penalty = scaleByPower(multiply(l2, knownSquare(point)), -1);
  const value = add(scaleByPower(knownSquare(rest), -1), penalty);
  const c = operator.lowerBound ?? 0;
  const mu = (c * c + lower(l2)) * (1 - 2 ** -48);
  const size = knownNorm(slope);
  const gap = mu > 0 ? 1.01 * ((size / mu) * (size / 2)) : Infinity;
  const unique = gap <= upper(value);
  return certificateOf(
    nonnegative({ value, least: unique ? subtract(value, exactly(gap)) : exactly(0) }),
    `${method}, gap from ${unique ? 'strong convexity' : 'f* ≥ 0'}`,
    mu > 0 ? knownMinimiser(x, operator.input, 1.01 * (size / mu)) : {},
  );
}
