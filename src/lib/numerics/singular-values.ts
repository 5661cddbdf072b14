/** Orthogonal transformations of dense float64 matrices given as lists of columns, and the singular values they lead to. */
import { hypot } from './elementary/index.ts';
import { inner, largest, norm, powerOfTwo } from './linear-algebra.ts';
import { partOf } from './pacer.ts';
import type { Pacer } from './pacer.ts';
import { EPSILON } from './tridiagonal.ts';

/** Sweeps over all pairs of columns after which they have always become orthogonal; six to ten are usual. */
const MOST_SWEEPS = 60;

/** Columns whose squares sum to less than this share of the largest entry's are left as they are: products with them would be no numbers. */
const NOTHING = 2 ** -900;

/**
 * Singular values of a row-major [rows, columns] matrix with finite entries, largest first: min(rows, columns) of them. Small ones are as exact
 * as large ones where columns (rows of a wide matrix) are scaled alike, down to 1e-135 of the largest entry; Infinity where one is no
 * float64 number.
 */
export async function singularValues(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const most = largest(matrix);
  if (!Number.isFinite(most))
    throw new RangeError(
      `singularValues(matrix [${rows}, ${columns}]): expected finite entries, got ${most}.`,
    );
  const unit = most === 0 ? 1 : powerOfTwo(most);
  const wide = columns > rows;
  const [m, n] = wide ? [columns, rows] : [rows, columns];
  // Vectors lie one after the other; they are the rows of a wide matrix.
  const vectors = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: m }, (_v, i) => matrix[wide ? j * m + i : i * n + j] / unit),
  );
  await triangularize(vectors, n, partOf(pacer, 0, 0.2));
  const short = vectors.map((v) => v.subarray(0, n));
  await rotateUntilOrthogonal(short, [], partOf(pacer, 0.2, 1));
  return Float64Array.from(short, (v) => norm(v) * unit)
    .sort()
    .reverse();
}

/**
 * Makes the first `count` columns upper triangular by reflections, and applies these to the columns that follow. In place.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 5.2.1.
 */
export async function triangularize(
  columns: readonly Float64Array[],
  count: number,
  pacer: Pacer,
): Promise<void> {
  for (let k = 0; k < count; k++) {
    const v = columns[k].slice(k);
    const length = norm(v);
    if (length === 0) continue;
    for (let i = 0; i < v.length; i++) v[i] /= length;
    // Away from the column's own direction, so that nothing cancels.
    v[0] += v[0] > 0 ? 1 : -1;
    const half = inner(v, v) / 2;
    for (let j = k; j < columns.length; j++) {
      const part = columns[j].subarray(k);
      const s = inner(v, part) / half;
      for (let i = 0; i < v.length; i++) part[i] -= s * v[i];
      if (pacer.due()) {
        pacer.progress(1 - (1 - k / count) ** 2);
        await pacer.pause();
      }
    }
    columns[k].fill(0, k + 1);
  }
}

/**
 * A V with orthogonal columns, of norms the singular values of A, and the orthogonal V, by rotations of pairs of columns. The columns of A, which
 * must be finite, are changed in place into those of A V.
 */
export async function orthogonalize(
  columns: readonly Float64Array[],
  pacer: Pacer,
): Promise<Float64Array[]> {
  const n = columns.length;
  const v = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_v, j) => (i === j ? 1 : 0)),
  );
  const most = columns.reduce((found, column) => Math.max(found, largest(column)), 0);
  if (!Number.isFinite(most))
    throw new RangeError(`orthogonalize(columns): expected finite entries, got ${most}.`);
  if (most === 0) return v;
  const unit = powerOfTwo(most);
  for (const column of columns) for (let i = 0; i < column.length; i++) column[i] /= unit;
  await rotateUntilOrthogonal(columns, v, pacer);
  for (const column of columns) for (let i = 0; i < column.length; i++) column[i] *= unit;
  return v;
}

/**
 * Rotates pairs of columns until all are orthogonal, and `companions` along; largest entry near 1. Small singular values come out with a small
 * relative error where columns are scaled alike (Demmel & Veselić 1992). Hestenes 1958; Golub & Van Loan, algorithm 8.6.1 by columns.
 */
async function rotateUntilOrthogonal(
  columns: readonly Float64Array[],
  companions: readonly Float64Array[],
  pacer: Pacer,
): Promise<void> {
  const n = columns.length;
  const squares = columns.map((column) => inner(column, column));
  const tolerance = EPSILON * Math.max(10, Math.sqrt(columns[0]?.length ?? 1));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const [aa, bb] = [squares[p], squares[q]];
        if (aa <= NOTHING || bb <= NOTHING) continue;
        const ab = inner(columns[p], columns[q]);
        if (Math.abs(ab) <= tolerance * Math.sqrt(aa) * Math.sqrt(bb)) continue;
        rotated = true;
        const zeta = (bb - aa) / (2 * ab);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + hypot(1, zeta));
        const c = 1 / hypot(1, t);
        [squares[p], squares[q]] = rotate(columns[p], columns[q], c, c * t);
        if (companions.length > 0) rotate(companions[p], companions[q], c, c * t);
        if (pacer.due()) {
          // Most matrices take about eight sweeps.
          const done = sweep + p / n;
          pacer.progress(done / (done + 4));
          await pacer.pause();
        }
      }
    }
    if (!rotated) return;
  }
  throw new Error(
    `internal: singular values: columns are not orthogonal after ${MOST_SWEEPS} sweeps.`,
  );
}

/** (a, b) ← (c a − s b, s a + c b). @returns the squares of their norms */
function rotate(a: Float64Array, b: Float64Array, c: number, s: number): [number, number] {
  let [aa, bb] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = c * a[i] - s * b[i];
    const y = s * a[i] + c * b[i];
    a[i] = x;
    b[i] = y;
    aa += x * x;
    bb += y * y;
  }
  return [aa, bb];
}
