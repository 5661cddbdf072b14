/** How far to go along a descent direction. Nocedal & Wright 2006, algorithm 3.1. */
import {
  add,
  cast,
  constant,
  greater,
  lessEqual,
  loop,
  mul,
  not,
  or,
  select,
} from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { smoothValue } from './composite.ts';
import type { Problem } from './composite.ts';
import { axpy } from './vectors.ts';
import type { Vector } from './vectors.ts';
import { forgivenRounding } from './rounding.ts';

const ARMIJO = 1e-4;
const HALVINGS = 12;
/**
 * The first t of 1, ½, ¼, … with f(x + t d) ≤ f(x) + c t ⟨∇f(x), d⟩, c = 1e-4; 0 where none of twelve is, and the values of f it took (int).
 * `slope` is ⟨∇f(x), d⟩, `epsilon` the spacing of floats at 1.
 */
export function backtrackingStep(
  problem: Problem,
  x: Vector,
  d: Vector,
  f: Value,
  slope: Value,
  epsilon: Value,
): [Value, Value] {
  const bound = add(f, forgivenRounding(f, epsilon));
  const { carry } = loop({
    steps: HALVINGS,
    carry: [constant(hostScalar(1)), constant(hostInt([0], [])), constant(hostInt([0], []))],
    body(_i, _constants, [t, found, tried]) {
      const value = smoothValue(problem, axpy(t, d, x));
      const fits = lessEqual(value, add(bound, mul(mul(t, ARMIJO), slope)));
      const done = greater(found, 0);
      const accepted = or(done, fits);
      return {
        carry: [
          select(accepted, t, mul(t, 0.5)),
          cast(accepted, 'int'),
          add(tried, cast(not(done), 'int')),
        ],
      };
    },
  });
  return [select(greater(carry[1], 0), carry[0], 0), carry[2]];
}
