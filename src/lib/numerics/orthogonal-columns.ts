/** Orthogonal transformations of dense float64 matrices on the host, given as lists of columns. */
import * as elementary from './elementary/index.ts';
import type { Pacer } from './pacer.ts';
import { inner, norm } from './linear-algebra.ts';

/** Sweeps over all pairs of columns; quadratic convergence ends after six to ten. */
const SWEEPS = 60;

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
    // Away from the column's own direction, so that nothing cancels.
    v[0] += v[0] > 0 ? length : -length;
    const half = inner(v, v) / 2;
    for (let j = k; j < columns.length; j++) {
      const part = columns[j].subarray(k);
      const s = inner(v, part) / half;
      for (let i = 0; i < v.length; i++) part[i] -= s * v[i];
      if (pacer.due()) await pacer.pause();
    }
    columns[k].fill(0, k + 1);
  }
}

/**
 * A V with orthogonal columns, of norms the singular values of A, and the orthogonal V, by rotations of pairs of columns. The columns of A are
 * changed in place into those of A V. Small singular values come out with a small relative error where columns are scaled alike.
 * Hestenes 1958; Golub & Van Loan, algorithm 8.6.1 by columns.
 */
export async function orthogonalize(
  columns: readonly Float64Array[],
  pacer: Pacer,
): Promise<Float64Array[]> {
  const n = columns.length;
  const v = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)),
  );
  const tolerance = 2 ** -52 * Math.sqrt(Math.max(1, columns[0]?.length ?? 1));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const [a, b] = [columns[p], columns[q]];
        const [aa, bb, ab] = [inner(a, a), inner(b, b), inner(a, b)];
        if (!(Math.abs(ab) > tolerance * Math.sqrt(aa * bb))) continue;
        rotated = true;
        const zeta = (bb - aa) / (2 * ab);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + elementary.hypot(1, zeta));
        const c = 1 / elementary.hypot(1, t);
        rotate(a, b, c, c * t);
        rotate(v[p], v[q], c, c * t);
        if (pacer.due()) await pacer.pause();
      }
    }
    if (!rotated) break;
  }
  return v;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}
