import { hostFloat } from '../../../runtime/ir/host.ts';
import { constant, matmul } from '../../../runtime/ir/ops.ts';
import type { HostArray, Shape, Value } from '../../../runtime/ir/types.ts';

/** A square matrix for each axis of a signal [n] or an image [H, W]. */
export type AxisMatrices = readonly HostArray[];

/** `entry(n)` makes the matrix of an axis of n places, row-major; axes of one length share it. */
export function axisMatrices(shape: Shape, make: (n: number) => Float64Array): AxisMatrices {
  const known = new Map<number, HostArray>();
  return shape.map((n) => {
    const matrix = known.get(n) ?? hostFloat(make(n), [n, n]);
    known.set(n, matrix);
    return matrix;
  });
}

/** A x, or A x Bᵀ for an image. */
export function applyAxes(matrices: AxisMatrices, x: Value): Value {
  const first = matmul(constant(matrices[0]), x);
  return matrices.length === 1 ? first : matmul(first, constant(matrices[1]), { transposeB: true });
}

/** Aᵀy, or Aᵀ y B for an image. */
export function applyAxesTransposed(matrices: AxisMatrices, y: Value): Value {
  const first = matmul(constant(matrices[0]), y, { transposeA: true });
  return matrices.length === 1 ? first : matmul(first, constant(matrices[1]));
}
