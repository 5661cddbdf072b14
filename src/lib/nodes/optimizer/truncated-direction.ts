/** The directions of truncated Newton methods. Nocedal & Wright 2006, algorithm 7.1. */
import {
  add,
  and,
  cast,
  constant,
  div,
  greater,
  lessEqual,
  loop,
  minimum,
  mul,
  not,
  select,
} from '../../runtime/ir/ops.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { axpy, choose, innerProduct, norm, scaled, squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';

export interface TruncatedDirection {
  readonly d: Value[];
  /** −g − B d. */
  readonly residual: Value[];
  /** int: products it took. */
  readonly products: Value;
}

/**
 * A descent direction d with B d ≈ −g for a symmetric B, by conjugate gradients from 0.
 *
 * Stops at a residual of min(forcing, ‖g‖)·‖g‖, which keeps quadratic convergence, or where the curvature is not positive: it then goes with what it
 * has, or with −g. All steps up to `most` are computed; those after the end change nothing and are not counted.
 */
export function truncatedDirection({
  gradient,
  most,
  forcing,
  multiply,
}: {
  readonly gradient: Vector;
  readonly most: number;
  readonly forcing: number;
  multiply(p: Vector): Value[];
}): TruncatedDirection {
  const n = gradient.length;
  const length = norm(gradient);
  const stop = mul(minimum(length, forcing), length);
  const start = scaled(-1, gradient);
  const { carry } = loop({
    steps: most,
    carry: [
      ...scaled(0, gradient),
      ...start,
      ...start,
      constant(hostInt([1], [])),
      constant(hostInt([0], [])),
    ],
    body(i, _constants, state) {
      const d = state.slice(0, n);
      const r = state.slice(n, 2 * n);
      const p = state.slice(2 * n, 3 * n);
      const [running, products] = state.slice(3 * n);
      const product = multiply(p);
      const curvature = innerProduct(p, product);
      const before = squaredNorm(r);
      const active = greater(running, 0);
      const positive = and(greater(curvature, 0), active);
      const size = div(select(positive, before, 0), select(positive, curvature, 1));
      // Along the first direction, −g, one goes even where f is not convex.
      const steepest = and(and(active, not(positive)), lessEqual(i, 0));
      const next = choose(steepest, p, axpy(size, p, d));
      const residual = axpy(mul(size, -1), product, r);
      const after = squaredNorm(residual);
      const beta = div(select(positive, after, 0), select(positive, before, 1));
      const goesOn = and(positive, greater(after, mul(stop, stop)));
      return {
        carry: [
          ...next,
          ...residual,
          ...axpy(beta, p, residual),
          cast(goesOn, 'int'),
          add(products, running),
        ],
      };
    },
  });
  return { d: carry.slice(0, n), residual: carry.slice(n, 2 * n), products: carry[3 * n + 1] };
}
