/**
 * argmin_x f(x) + (weight/2) Σ ‖Kx − target‖² for a quadratic f, by conjugate gradients on
 *
 *   (∇²f + weight Σ KᵀK) d = −∇f(x₀) − weight Σ Kᵀ(Kx₀ − target),   x = x₀ + d,
 *
 * from a warm start x₀. The number of steps is fixed; a run of outer iterations refines what one leaves over, and their residual
 * contains ∇f, so a loose inner solve cannot pass for convergence. Hestenes & Stiefel 1952, section 3.
 */
import { div, greater, loop, mul, select } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { hvp } from '../../runtime/transform/index.ts';
import { adjointAll, applyAll } from './blocks.ts';
import type { Block } from './blocks.ts';
import { smoothGradient, smoothValue } from './composite.ts';
import type { Problem } from './composite.ts';
import { axpy, innerProduct, minus, scaled, squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';

export function quadraticStep(
  problem: Problem,
  blocks: readonly Block[],
  weight: Value,
  target: Vector,
  start: Vector,
  steps: number,
): Value[] {
  const n = start.length;
  const normal = (d: Vector): Value[] =>
    axpy(
      weight,
      adjointAll(blocks, applyAll(blocks, d)),
      hvp((x) => smoothValue(problem, x), [...start], [...d]),
    );
  const pull = adjointAll(blocks, minus(target, applyAll(blocks, start)));
  const residual = axpy(weight, pull, scaled(-1, smoothGradient(problem, start)));
  const { carry } = loop({
    steps,
    carry: [...start, ...residual, ...residual, squaredNorm(residual)],
    body(_i, _constants, state) {
      const [x, r, p] = [0, 1, 2].map((k) => state.slice(k * n, (k + 1) * n));
      const rr = state[3 * n];
      const image = normal(p);
      const curvature = innerProduct(p, image);
      // The operator is positive semidefinite and r in its range: no curvature means no residual is left.
      const alpha = ratio(rr, curvature);
      const next = axpy(alpha, p, x);
      const left = axpy(mul(alpha, -1), image, r);
      const left2 = squaredNorm(left);
      const direction = axpy(ratio(left2, rr), p, left);
      return { carry: [...next, ...left, ...direction, left2] };
    },
  });
  return carry.slice(0, n);
}

/** a/b, or 0 where b is not positive. */
function ratio(a: Value, b: Value): Value {
  const positive = greater(b, 0);
  return select(positive, div(a, select(positive, b, 1)), 0);
}
