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
  gram,
  gramOfRows,
  inner,
  largest,
  powerOfTwo,
  solveCholesky,
} from '../../../numerics/linear-algebra.ts';
import { createPacer, partOf } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { spectralBounds } from '../../../numerics/spectral-bounds.ts';

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

/** The square of ‖K‖ must be a float64 number, for every step along a gradient of ‖Kx − b‖² is measured by it. */
function requireSquare({ data, shape: [, columns] }: HostArray): void {
  if (Number.isFinite(inner(data, data))) return;
  let place = 0;
  for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) > Math.abs(data[place])) place = i;
  throw new NodeError(
    'too-large',
    `Matrix (table): expected entries whose squares sum to a float64 number, got ${data[place]} in row ${Math.floor(place / columns) + 1}, column ${(place % columns) + 1}: the entries are too large. Divide them, and what is observed, by a power of ten.`,
    'table',
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
  requireSquare(matrix);
  // Near 1, so that small entries have squares too.
  const unit = powerOfTwo(largest(matrix.data) || 1);
  const data = Float64Array.from(matrix.data, (x) => x / unit);
  // K⁺ wants KKᵀ, also of a square K.
  const wide = rows <= columns;
  const order = Math.min(rows, columns);
  const products = partOf(pacer, 0, 0.5);
  const small = wide
    ? await gramOfRows(data, rows, columns, 1, products)
    : await gram(data, rows, columns, 1, products);
  const { lower, upper } = await spectralBounds(small, order, partOf(pacer, 0.5, 1));
  return {
    title,
    input,
    output: [rows],
    norm: Math.sqrt(upper) * unit,
    lowerBound: rows < columns ? 0 : Math.sqrt(lower) * unit,
    entries: { kind: 'matrix', matrix },
    apply: (x) => matmul(constant(matrix), flatten(x)),
    adjoint: (y) => reshape(matmul(constant(matrix), y, { transposeA: true }), input),
    ...(rows <= columns &&
      lower > 0 && {
        async pseudoInverse(signal, reserve) {
          reserve({
            bytes: 8 * (rows * columns + rows * rows),
            kept: true,
            flops: 2 * rows * rows * columns + (rows * rows * rows) / 3,
            remedy: 'Take fewer measurements, or a shorter signal.',
          });
          const inverse = await rightInverse(data, small, rows, columns, unit, createPacer(signal));
          return (y) => reshape(matmul(constant(inverse), y), input);
        },
      }),
  };
}

/** Kᵀ(KKᵀ)⁻¹/unit, [N, P]. */
async function rightInverse(
  k: Float64Array,
  outer: Float64Array,
  rows: number,
  columns: number,
  unit: number,
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
  for (let i = 0; i < inverse.length; i++) inverse[i] /= unit;
  return hostFloat(inverse, [columns, rows]);
}
