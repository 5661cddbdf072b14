import { binaryKernels } from '../kernels/binary.ts';
import {
  add,
  and,
  div,
  equal,
  less,
  log,
  mul,
  neg,
  or,
  pow,
  select,
  sub,
} from '../ops/elementwise.ts';
import { zerosLike } from '../ops/shape.ts';
import { elementwiseShapes } from '../shape-rules/elementwise.ts';
import { sizeOf } from '../shape.ts';
import type { Value } from '../types.ts';
import { type PrimitiveRule, type RuleTable, type Tangent, TRANSCENDENTAL } from './rule.ts';

type Binary = keyof typeof binaryKernels;

/** Applied to a tangent of one operand: its contribution to the tangent of the output. It is linear and self-adjoint. */
type Push = (t: Value, a: Value, b: Value, output: Value) => Value;

function addTangents(x: Tangent, y: Tangent): Tangent {
  if (!x) return y;
  return y ? add(x, y) : x;
}

function binary<P extends Exclude<Binary, 'select'>>(
  primitive: P,
  pushA: Push | null = null,
  pushB: Push | null = null,
  cost = 1,
): PrimitiveRule<P> {
  const differentiable = pushA && pushB;
  return {
    shape: elementwiseShapes[primitive],
    float64: binaryKernels[primitive],
    jvp:
      differentiable &&
      (({ inputs: [a, b], output, tangents: [ta, tb] }) =>
        addTangents(ta && pushA(ta, a, b, output), tb && pushB(tb, a, b, output))),
    vjp:
      differentiable &&
      (({ inputs: [a, b], output, cotangent: g, needs }) => [
        needs[0] ? pushA(g, a, b, output) : null,
        needs[1] ? pushB(g, a, b, output) : null,
      ]),
    flops: (_params, _inputs, [output]) => cost * sizeOf(output.shape),
  } as PrimitiveRule<P>;
}

/** t where a > b, half of it at ties, else 0. */
function whereGreater(t: Value, a: Value, b: Value): Value {
  return mul(t, select(less(a, b), 0, select(equal(a, b), 0.5, 1)));
}

export const binaryRules: RuleTable<Binary> = {
  add: binary(
    'add',
    (t) => t,
    (t) => t,
  ),
  sub: binary(
    'sub',
    (t) => t,
    (t) => neg(t),
  ),
  mul: binary(
    'mul',
    (t, _a, b) => mul(t, b),
    (t, a) => mul(t, a),
  ),
  div: binary(
    'div',
    (t, _a, b) => div(t, b),
    (t, _a, b, y) => neg(div(mul(t, y), b)),
  ),
  pow: binary(
    'pow',
    // b·a^(b−1); 0 for b = 0, and 0 at a = 0 where the slope is infinite (b < 1), as for sqrt.
    (t, a, b) => {
      const zero = or(equal(b, 0), and(equal(a, 0), less(b, 1)));
      return mul(t, select(zero, 0, mul(b, pow(select(zero, 1, a), sub(b, 1)))));
    },
    // y·log a; only a > 0 allows exponents to vary.
    (t, a, _b, y) => {
      const positive = less(zerosLike(a), a);
      return mul(t, select(positive, mul(y, log(select(positive, a, 1))), 0));
    },
    2 * TRANSCENDENTAL,
  ),
  maximum: binary(
    'maximum',
    (t, a, b) => whereGreater(t, a, b),
    (t, a, b) => whereGreater(t, b, a),
  ),
  minimum: binary(
    'minimum',
    (t, a, b) => whereGreater(t, b, a),
    (t, a, b) => whereGreater(t, a, b),
  ),
  floorDiv: binary('floorDiv'),
  mod: binary('mod'),
  less: binary('less'),
  lessEqual: binary('lessEqual'),
  equal: binary('equal'),
  and: binary('and'),
  or: binary('or'),
  select: {
    shape: elementwiseShapes.select,
    float64: binaryKernels.select,
    jvp: ({ inputs: [condition], tangents: [, ta, tb] }) =>
      ta || tb ? select(condition, ta ?? 0, tb ?? 0) : null,
    vjp: ({ inputs: [condition], cotangent, needs }) => [
      null,
      needs[1] ? select(condition, cotangent, 0) : null,
      needs[2] ? select(condition, 0, cotangent) : null,
    ],
    flops: (_params, _inputs, [output]) => sizeOf(output.shape),
  },
};
