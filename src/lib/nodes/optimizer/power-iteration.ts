import type { LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { div, loop, mul, sub } from '../../runtime/ir/ops.ts';
import { foldIn, normal } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { hvp } from '../../runtime/transform/index.ts';
import { norm, scaled } from './vectors.ts';
import type { Vector } from './vectors.ts';

/** From a random start in n dimensions the expected relative error after k products is at most 0.871·ln n/(k − 1), in practice far less. */
export const POWER_ITERATIONS = 40;
/** For what the iteration misses. It says nothing of the curvature of a non-quadratic function away from x₀. */
export const SAFETY = 1.1;

/** Keeps this stream apart from that of the minibatches. */
const STREAM = 7919;

/**
 * SAFETY times the largest absolute eigenvalue at x₀ of the Hessian of f without its smooth terms, whose constants are known, by power iteration on
 * Hessian-vector products: ‖Hv‖ for the last unit vector v. Kuczyński & Woźniakowski 1992, theorem 3.1, gives that error.
 */
export function estimateLipschitz(
  objective: ObjectiveValue,
  x0: Vector,
  key: Value,
  data: readonly Value[],
  live: LiveValues,
): Value {
  const streams = foldIn(key, STREAM);
  const start = objective.variables.map(({ shape }, i) => normal(foldIn(streams, i), shape));
  // Not `dataTerm`: the norm of a kernel machine is part of f and no smooth term.
  const f = (x: Value[]) =>
    objective.smoothTerms.reduce(
      (rest, g) => sub(rest, g.value(x, live)),
      objective.value(x, data, live),
    );
  const { carry } = loop({
    steps: POWER_ITERATIONS - 1,
    carry: unit(hvp(f, [...x0], unit(start))),
    body: (_i, _constants, v) => ({ carry: unit(hvp(f, [...x0], v)) }),
  });
  return mul(norm(hvp(f, [...x0], carry)), SAFETY);
}

function unit(v: Vector): Value[] {
  return scaled(div(1, norm(v)), v);
}
