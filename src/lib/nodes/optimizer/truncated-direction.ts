/** The directions of truncated Newton methods. */
import {
  add,
  and,
  cast,
  constant,
  div,
  greater,
  lessEqual,
  loop,
  maximum,
  minimum,
  mul,
  not,
  select,
  sqrt,
} from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { axpy, innerProduct, norm, scaled, squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';

export interface TruncatedDirection {
  readonly d: Value[];
  /** −g − B d. */
  readonly residual: Value[];
  /** int: products it took. */
  readonly products: Value;
}

/** Curvatures of less than this many units of rounding of the largest one seen are rounding themselves. */
const UNSEEN = 32;

/**
 * A descent direction d with B d ≈ −g for a symmetric B, by conjugate residuals from 0: Dahito & Orban, The conjugate residual method in linesearch
 * and trust-region methods (2019); Nocedal & Wright 2006, algorithm 7.1, for where it stops.
 *
 *   α = rᵀBr/‖Bp‖²,   d⁺ = d + αp,   r⁺ = r − αBp,   p⁺ = r⁺ + (r⁺ᵀBr⁺/rᵀBr) p,   r₀ = p₀ = −g
 *
 * Stops at a residual of min(forcing, ‖g‖)·‖g‖, which keeps quadratic convergence, or where the curvature along r or p is not above rounding: it
 * then goes with what it has, or with −g. All steps up to `most` are computed; those after the end change nothing and are not counted.
 *
 * Conjugate gradients would divide by the curvature along p, which tends to that of rounding in g where B has directions without curvature, and
 * move far along these. Here α is at most the inverse of the least curvature that r shows, so that d has no more in them than g.
 */
export function truncatedDirection({
  gradient,
  most,
  forcing,
  epsilon,
  shift,
  multiply,
}: {
  readonly gradient: Vector;
  readonly most: number;
  readonly forcing: number;
  /** Spacing of floats at 1. */
  readonly epsilon: Value;
  /** What is added to every curvature: B − shift·I is what the objective sees. @default 0 */
  readonly shift?: Value;
  multiply(p: Vector): Value[];
}): TruncatedDirection {
  const n = gradient.length;
  const length = norm(gradient);
  const stop = mul(minimum(length, forcing), length);
  const start = scaled(-1, gradient);
  const none = scaled(0, gradient);
  const zero = constant(hostScalar(0));
  const { carry } = loop({
    steps: most,
    carry: [
      ...none,
      ...start,
      ...none,
      ...none,
      zero,
      zero,
      constant(hostInt([1], [])),
      constant(hostInt([0], [])),
    ],
    body(i, _constants, state) {
      const [d, r, before, image] = [0, 1, 2, 3].map((k) => state.slice(k * n, (k + 1) * n));
      const [last, seen, running, products] = state.slice(4 * n);
      const product = multiply(r);
      const along = innerProduct(r, product);
      const size = squaredNorm(r);
      const some = greater(size, 0);
      const steepness = sqrt(div(squaredNorm(product), select(some, size, 1)));
      const largest = maximum(seen, steepness);
      const rounding = mul(mul(epsilon, UNSEEN), largest);
      const beta = div(along, select(greater(last, 0), last, 1));
      const p = axpy(select(greater(last, 0), beta, 0), before, r);
      const w = axpy(select(greater(last, 0), beta, 0), image, product);
      const active = greater(running, 0);
      const least = shift ? add(rounding, shift) : rounding;
      const positive = and(
        active,
        and(
          greater(along, mul(least, size)),
          greater(innerProduct(p, w), mul(least, squaredNorm(p))),
        ),
      );
      // Along the first direction, −g, one goes even where f is not convex.
      const steepest = and(and(active, not(positive)), lessEqual(i, 0));
      const best = div(select(positive, along, 0), select(positive, squaredNorm(w), 1));
      const step = select(steepest, 1, best);
      const residual = axpy(mul(step, -1), w, r);
      const goesOn = and(positive, greater(squaredNorm(residual), mul(stop, stop)));
      return {
        carry: [
          ...axpy(step, p, d),
          ...residual,
          ...p,
          ...w,
          along,
          largest,
          cast(goesOn, 'int'),
          add(products, running),
        ],
      };
    },
  });
  return { d: carry.slice(0, n), residual: carry.slice(n, 2 * n), products: carry[4 * n + 3] };
}
