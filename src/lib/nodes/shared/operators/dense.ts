/**
 * A matrix [P, N], P ≤ N or P > N, that takes a signal or image with its entries in a row.
 *
 * Bounds of the singular values come from the smaller Gram matrix in float64, proven by factorizations. Where K has full row rank,
 * K⁺ = Kᵀ(KKᵀ)⁻¹ is formed once by Cholesky.
 */
import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { constant, flatten, matmul, reshape } from '../../../runtime/ir/ops.ts';
import { sizeOf } from '../../../runtime/ir/shape.ts';
import type { HostArray, Shape } from '../../../runtime/ir/types.ts';
import {
  cholesky,
  extremeEigenvalues,
  gram,
  solveCholesky,
  transposed,
} from '../../../numerics/linear-algebra.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

/** 16 MB in float64, and a few seconds for the bounds. */
export const MAX_CELLS = 2_000_000;

export function requireCells(rows: number, columns: number, where: string): void {
  if (rows * columns <= MAX_CELLS) return;
  const megabytes = Math.ceil((rows * columns * 8) / 1e6);
  throw new NodeError(
    'too-large',
    `${where}: expected at most ${MAX_CELLS} entries, got ${rows} × ${columns} = ${rows * columns} (${megabytes} MB). Take fewer rows, a smaller image, or an operator without a matrix.`,
    'data',
  );
}

export async function denseOperator(
  title: string,
  matrix: HostArray,
  input: Shape,
  pacer: Pacer,
): Promise<LinearOperator> {
  const [rows, columns] = matrix.shape;
  if (columns !== sizeOf(input)) {
    throw new Error(`internal: a matrix with ${columns} columns for [${input.join(', ')}].`);
  }
  const data = Float64Array.from(matrix.data);
  const across = transposed(data, rows, columns);
  const wide = rows < columns;
  const order = Math.min(rows, columns);
  const small = wide
    ? await gram(across, columns, rows, 1, pacer)
    : await gram(data, rows, columns, 1, pacer);
  const { lower, upper } = await extremeEigenvalues(small, order, pacer);
  return {
    title,
    input,
    output: [rows],
    norm: Math.sqrt(upper),
    lowerBound: wide ? 0 : Math.sqrt(lower),
    apply: (x) => matmul(constant(matrix), flatten(x)),
    adjoint: (y) => reshape(matmul(constant(matrix), y, { transposeA: true }), input),
    ...(rows <= columns &&
      lower > 0 && {
        async pseudoInverse(signal) {
          const inverse = await rightInverse(data, small, rows, columns, createPacer(signal));
          return (y) => reshape(matmul(constant(inverse), y), input);
        },
      }),
  };
}

/** Kᵀ(KKᵀ)⁻¹, [N, P]. */
async function rightInverse(
  k: Float64Array,
  outer: Float64Array,
  rows: number,
  columns: number,
  pacer: Pacer,
): Promise<HostArray> {
  const factor = await cholesky(outer, rows, 0, pacer);
  if (!factor) throw new Error('internal: a matrix of full row rank has no Cholesky factor.');
  const inverse = new Float64Array(columns * rows);
  const column = new Float64Array(rows);
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < rows; i++) column[i] = k[i * columns + j];
    inverse.set(solveCholesky(factor, rows, column), j * rows);
    if (pacer.due()) await pacer.pause();
  }
  return hostFloat(inverse, [columns, rows]);
}
