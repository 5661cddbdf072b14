/** One proximal gradient step, with the test of backtracking where asked. */
import { abs, add, cast, div, lessEqual, minimum, mul, sub } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { proximalStep, smoothGradient, smoothValue, smoothValueAndGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { innerProduct, minus, squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';
import { forgivenRounding } from './rounding.ts';

export interface Trial {
  readonly point: Value[];
  /** bool; absent where every step is taken. */
  readonly accepted?: Value;
  /** f at the point, where the test computed it. */
  readonly value?: Value;
}

/**
 * x⁺ = prox_{s g}(y − s ∇f(y)), accepted when f(x⁺) ≤ f(y) + ⟨∇f(y), x⁺ − y⟩ + ‖x⁺ − y‖²/(2s), which holds for every s ≤ 1/L.
 * Beck & Teboulle 2009, A fast iterative shrinkage-thresholding algorithm, equation (2.5) and lemma 2.3.
 * Near a solution both sides agree to rounding, so a few units in the last place of f are forgiven.
 */
export function trialStep(
  problem: Problem,
  y: Vector,
  stepSize: Value,
  backtracking: boolean,
  steps: Value,
): Trial {
  if (!backtracking) {
    return { point: proximalStep(problem, y, smoothGradient(problem, y), stepSize) };
  }
  const [before, gradient] = smoothValueAndGradient(problem, y);
  const point = proximalStep(problem, y, gradient, stepSize);
  const value = smoothValue(problem, point);
  const move = minus(point, y);
  const model = add(
    add(before, innerProduct(gradient, move)),
    div(squaredNorm(move), mul(stepSize, 2)),
  );
  const slack = forgivenRounding(before, machineEpsilon(steps));
  return { point, value, accepted: lessEqual(value, add(model, slack)) };
}

/**
 * Spacing of floats at 1 on the device that runs this: |3·(4/3 − 1) − 1|. `steps` is an int ≥ 0 of the state; the 1 made from it
 * cannot be folded into a constant of another precision.
 */
export function machineEpsilon(steps: Value): Value {
  const one = add(cast(minimum(steps, 0), 'float'), 1);
  return abs(sub(mul(sub(div(mul(one, 4), 3), one), 3), one));
}
