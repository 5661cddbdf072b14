/** Builders of the fixtures of primitives. Data are drawn from fixed keys. */
import { hostBool, hostFloat, hostInt } from '../../src/lib/runtime/ir/host.ts';
import { add, mul } from '../../src/lib/runtime/ir/ops.ts';
import { hostBits, hostKey, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { sizeOf } from '../../src/lib/runtime/ir/shape.ts';
import { emit } from '../../src/lib/runtime/ir/trace.ts';
import type {
  HostArray,
  PrimitiveName,
  PrimitiveParams,
  Shape,
  Value,
} from '../../src/lib/runtime/ir/types.ts';

export interface Fixture {
  readonly name: string;
  readonly inputs: readonly HostArray[];
  apply(inputs: readonly Value[]): Value[];
  /** `zero`: the derivative is zero by definition, whatever the values do. */
  readonly derivative?: 'zero';
  /** Operations in float32 may differ from float64 by this many relative units of 1e-6 (default 1). */
  readonly float32Slack?: number;
}

export function floats(seed: number, shape: Shape, low = -2, high = 2): HostArray {
  const unit = hostUniform(hostKey(seed), sizeOf(shape));
  return hostFloat(
    unit.map((u) => low + (high - low) * u),
    shape,
  );
}

/** Whole numbers from low to high. */
export function ints(seed: number, shape: Shape, low: number, high: number): HostArray {
  const unit = hostUniform(hostKey(seed), sizeOf(shape));
  return hostInt(
    Array.from(unit, (u) => low + Math.floor(u * (high - low + 1))),
    shape,
  );
}

export function bools(seed: number, shape: Shape): HostArray {
  return hostBool(hostBits(hostKey(seed), sizeOf(shape), 1), shape);
}

export function one<P extends PrimitiveName>(
  primitive: P,
  params: PrimitiveParams[P],
  ...inputs: Value[]
): Value {
  return emit(primitive, params, inputs)[0];
}

export function fill(like: Value, x: number): Value {
  return add(mul(like, 0), x);
}

export function fixture<P extends PrimitiveName>(
  primitive: P,
  params: PrimitiveParams[P],
  ...inputs: HostArray[]
): Fixture {
  const types = inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`).join(' and ');
  return { name: types, inputs, apply: (values) => emit(primitive, params, values) };
}

export function named(name: string, of: Fixture): Fixture {
  return { ...of, name: `${name}, ${of.name}` };
}

export type Plain = {
  [P in PrimitiveName]: PrimitiveParams[P] extends Record<string, never> ? P : never;
}[PrimitiveName];

export const unary = (primitive: Plain, x: HostArray): Fixture => fixture(primitive, {}, x);
export const binary = (primitive: Plain, a: HostArray, b: HostArray): Fixture =>
  fixture(primitive, {}, a, b);
