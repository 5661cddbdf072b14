import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import type { ArrayType, Dtype, PrimitiveName, PrimitiveParams } from '../types.ts';

/** Types of the outputs, or a ShapeError. */
export type ShapeRule<P extends PrimitiveName> = (
  params: PrimitiveParams[P],
  inputs: readonly ArrayType[],
) => ArrayType[];

export function expectCount(where: string, inputs: readonly ArrayType[], count: number): void {
  if (inputs.length !== count) {
    throw new ShapeError(where, `${count} operands`, String(inputs.length));
  }
}

/** The remedy for a wrong dtype is always a cast. */
export function expectDtype(where: string, input: ArrayType, allowed: readonly Dtype[]): void {
  if (!allowed.includes(input.dtype)) {
    throw new ShapeError(
      where,
      `an operand of dtype ${allowed.join(' or ')}`,
      formatType(input),
      'Use cast(x, dtype).',
    );
  }
}

export function expectSame(where: string, inputs: readonly ArrayType[]): void {
  const [first, ...rest] = inputs;
  for (const other of rest) {
    if (!sameShape(first.shape, other.shape) || first.dtype !== other.dtype) {
      throw new ShapeError(
        where,
        'operands of one shape and dtype',
        inputs.map(formatType).join(' and '),
      );
    }
  }
}
