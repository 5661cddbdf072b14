import { unaryKernels } from '../kernels/unary.ts';
import {
  cos,
  div,
  equal,
  exp,
  mul,
  neg,
  select,
  sigmoid,
  sign,
  sin,
  sub,
  add,
} from '../ops/elementwise.ts';
import { elementwiseShapes } from '../shape-rules/elementwise.ts';
import { sizeOf } from '../shape.ts';
import type { Value } from '../types.ts';
import { type PrimitiveRule, type RuleTable, TRANSCENDENTAL } from './rule.ts';

type Unary = keyof typeof unaryKernels;

/** dy/dx as a function of x and y. */
type Slope = (x: Value, y: Value) => Value;

function unary<P extends Unary>(primitive: P, cost: number, slope: Slope | null): PrimitiveRule<P> {
  return {
    shape: elementwiseShapes[primitive],
    float64: unaryKernels[primitive],
    jvp:
      slope &&
      (({ inputs, output, tangents }) => tangents[0] && mul(tangents[0], slope(inputs[0], output))),
    vjp: slope && (({ inputs, output, cotangent }) => [mul(cotangent, slope(inputs[0], output))]),
    flops: (_params, _inputs, [output]) => cost * sizeOf(output.shape),
  } as PrimitiveRule<P>;
}

/**
 * 1/x, and 0 at x = 0. The slopes of sqrt and log are taken as 0 at 0: ‖x‖ then has the subgradient 0 at 0, and the
 * branch that a `select` does not take contributes 0 rather than 0·∞.
 */
function reciprocalOrZero(x: Value): Value {
  const zero = equal(x, 0);
  return select(zero, 0, div(1, select(zero, 1, x)));
}

export const unaryRules: RuleTable<Unary> = {
  neg: {
    ...unary('neg', 1, null),
    jvp: ({ tangents }) => tangents[0] && neg(tangents[0]),
    vjp: ({ cotangent }) => [neg(cotangent)],
  },
  abs: unary('abs', 1, (x) => sign(x)),
  sign: unary('sign', 1, null),
  exp: unary('exp', TRANSCENDENTAL, (_x, y) => y),
  expm1: unary('expm1', TRANSCENDENTAL, (_x, y) => add(y, 1)),
  log: unary('log', TRANSCENDENTAL, (x) => reciprocalOrZero(x)),
  log1p: unary('log1p', TRANSCENDENTAL, (x) => reciprocalOrZero(add(x, 1))),
  sqrt: unary('sqrt', 1, (_x, y) => mul(reciprocalOrZero(y), 0.5)),
  sin: unary('sin', TRANSCENDENTAL, (x) => cos(x)),
  cos: unary('cos', TRANSCENDENTAL, (x) => neg(sin(x))),
  tanh: unary('tanh', TRANSCENDENTAL, (_x, y) => sub(1, mul(y, y))),
  // σ(−x) rather than 1 − σ(x), which is 0 in floating point for large x.
  sigmoid: unary('sigmoid', TRANSCENDENTAL, (x, y) => mul(y, sigmoid(neg(x)))),
  softplus: unary('softplus', 2 * TRANSCENDENTAL, (x) => sigmoid(x)),
  erf: unary('erf', TRANSCENDENTAL, (x) => mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  floor: unary('floor', 1, null),
  not: unary('not', 1, null),
  stopGradient: unary('stopGradient', 0, null),
  // From float, the only float result is float itself.
  cast: {
    ...unary('cast', 1, null),
    jvp: ({ params, tangents }) => (params.dtype === 'float' ? tangents[0] : null),
    vjp: ({ params, cotangent }) => [params.dtype === 'float' ? cotangent : null],
  },
};
