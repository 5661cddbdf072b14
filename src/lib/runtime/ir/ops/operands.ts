import { ShapeError } from '../errors.ts';
import { broadcastShapes, sameShape } from '../shape.ts';
import { emit, literal } from '../trace.ts';
import type { Dtype, PrimitiveName, PrimitiveParams, Shape, Value } from '../types.ts';

/** What an operation takes: a traced value, or a number, which takes the dtype of the other operands. */
export type Operand = Value | number;

/** Emits a primitive with one output. */
export function emitOne<P extends PrimitiveName>(
  primitive: P,
  params: PrimitiveParams[P],
  ...inputs: Value[]
): Value {
  return emit(primitive, params, inputs)[0];
}

/** A number becomes a scalar constant of the dtype. */
export function asValue(where: string, x: Operand, dtype: Dtype = 'float'): Value {
  if (typeof x !== 'number') return x;
  if (dtype === 'int' && !Number.isInteger(x)) {
    throw new ShapeError(
      where,
      'a whole number beside an int operand',
      String(x),
      "Use cast(x, 'float').",
    );
  }
  return literal(x, dtype);
}

/** Gives every operand the common shape of all, by the NumPy rule; numbers take the dtype of the first value. */
export function matchOperands(where: string, operands: readonly Operand[]): Value[] {
  const dtype = operands.find((x): x is Value => typeof x !== 'number')?.dtype ?? 'float';
  const values = operands.map((x) => asValue(where, x, dtype));
  const shape = broadcastShapes(
    where,
    values.map((v) => v.shape),
  );
  return values.map((v) => expandTo(v, shape));
}

/** `broadcast`, unless the shape is right already. */
export function expandTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : emitOne('broadcast', { shape }, x);
}
