/** The steps of Adam and AdamW from their running averages (Kingma & Ba 2015, algorithm 1, with eps outside the root). */
import type { ParamSpec } from '../../runtime/graph/node-definition.ts';
import { add, cast, div, expm1, log, mul, neg, sqrt, square, sub } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { Vector } from './vectors.ts';

export const adamParams = {
  beta1: { kind: 'number', label: 'β₁', default: 0.9, min: 0, max: 0.999999, live: true },
  beta2: { kind: 'number', label: 'β₂', default: 0.999, min: 0, max: 0.999999, live: true },
  eps: {
    kind: 'number',
    label: 'ε',
    default: 1e-8,
    min: 0,
    exclusiveMin: true,
    max: 1,
    scale: 'log',
  },
} as const satisfies Record<string, ParamSpec>;

/** 1 − β^t, accurate for β near 1; t = step + 1 ≥ 1. */
const correction = (beta: Value, step: Value): Value =>
  neg(expm1(mul(log(beta), cast(add(step, 1), 'float'))));

/** `memory` is m, then v, of each variable; `step` an int scalar, 0 for the first. The steps are to be subtracted. */
export function adaptiveSteps(
  gradient: Vector,
  memory: Vector,
  step: Value,
  {
    stepSize,
    beta1,
    beta2,
    eps,
  }: {
    readonly stepSize: Value;
    readonly beta1: Value;
    readonly beta2: Value;
    readonly eps: number;
  },
): { steps: Value[]; memory: Value[] } {
  const average = (beta: Value, old: Value, now: Value) =>
    add(mul(beta, old), mul(sub(1, beta), now));
  const m = gradient.map((g, i) => average(beta1, memory[i], g));
  const v = gradient.map((g, i) => average(beta2, memory[gradient.length + i], square(g)));
  const size = div(stepSize, correction(beta1, step));
  const scale = div(1, correction(beta2, step));
  const steps = m.map((mean, i) => div(mul(size, mean), add(sqrt(mul(v[i], scale)), eps)));
  return { steps, memory: [...m, ...v] };
}
