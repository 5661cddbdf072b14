/** Eigenvalues of dense symmetric matrices, with their vectors or without. */
import { largest, powerOfTwo } from './linear-algebra.ts';
import { partOf } from './pacer.ts';
import type { Pacer } from './pacer.ts';
import { diagonalize, tridiagonalEigenvalues, tridiagonalize } from './tridiagonal.ts';

export interface Eigenpairs {
  /** Falling. */
  readonly values: Float64Array;
  /** Row k is the eigenvector of value k. */
  readonly vectors: readonly Float64Array[];
}

/** The matrix over a power of two, so that its largest entry is near 1; 0 for a matrix of zeros. */
function balanced(
  matrix: Float64Array,
  n: number,
  where: string,
): { scaled: Float64Array; unit: number } {
  const most = largest(matrix);
  if (!Number.isFinite(most))
    throw new RangeError(`${where}(matrix [${n}, ${n}]): expected finite entries, got ${most}.`);
  const unit = most === 0 ? 1 : powerOfTwo(most);
  return { scaled: matrix.map((x) => x / unit), unit };
}

/**
 * Eigenvalues of a symmetric row-major [n, n] matrix, largest first, to a few units of rounding of the largest: Householder
 * tridiagonalization, then bisection. Entries must be finite; ±Infinity where an eigenvalue is no float64 number.
 */
export async function symmetricEigenvalues(
  matrix: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const { scaled, unit } = balanced(matrix, n, 'symmetricEigenvalues');
  const form = await tridiagonalize(scaled, n, partOf(pacer, 0, 0.7));
  const values = await tridiagonalEigenvalues(form, n, partOf(pacer, 0.7, 1));
  return values.map((value) => value * unit);
}

/**
 * All eigenvalues and eigenvectors of a symmetric row-major [n, n] matrix A with finite entries: Householder tridiagonalization, then implicit
 * QL steps. ‖A − VᵀΛV‖ and ‖VVᵀ − I‖ are a small multiple of n units of rounding of ‖A‖ and of 1.
 */
export async function symmetricEigen(
  matrix: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<Eigenpairs> {
  const { scaled, unit } = balanced(matrix, n, 'symmetricEigen');
  const basis = new Float64Array(n * n);
  const form = await tridiagonalize(scaled, n, partOf(pacer, 0, 0.4), basis);
  const vectors = Array.from({ length: n }, (_, k) =>
    Float64Array.from({ length: n }, (_row, i) => basis[i * n + k]),
  );
  // QL works from the top, where the small eigenvalues of a graded matrix should stand.
  const { diagonal, beside } = form;
  if (Math.abs(diagonal[0]) > Math.abs(diagonal[n - 1])) {
    diagonal.reverse();
    beside.reverse();
    vectors.reverse();
  }
  await diagonalize(form, vectors, partOf(pacer, 0.4, 1));
  const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => diagonal[j] - diagonal[i]);
  return {
    values: Float64Array.from(order, (k) => diagonal[k] * unit),
    vectors: order.map((k) => vectors[k]),
  };
}
