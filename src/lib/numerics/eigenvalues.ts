/** Eigenvalues and singular values of dense matrices in float64 on the host, without their vectors. */
import * as elementary from './elementary/index.ts';
import type { Pacer } from './pacer.ts';

/** Distance of 1 to the next float64. */
export const EPSILON = 2 ** -52;

/**
 * Eigenvalues of a symmetric row-major [n, n] matrix, largest first, to a few units of rounding of the largest.
 *
 * Householder tridiagonalization (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 8.3.1), then bisection by Sturm counts
 * (section 8.4.1), which always ends.
 */
export async function symmetricEigenvalues(
  matrix: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const { diagonal, beside } = await tridiagonal(Float64Array.from(matrix), n, pacer);
  // Gershgorin's discs hold them all.
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const radius = Math.abs(beside[i - 1] ?? 0) + Math.abs(beside[i] ?? 0);
    low = Math.min(low, diagonal[i] - radius);
    high = Math.max(high, diagonal[i] + radius);
  }
  const squares = beside.map((b) => b * b);
  const tiny = Number.MIN_VALUE + EPSILON ** 2 * Math.max(low * low, high * high);
  const out = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // The k-th largest has n − 1 − k others below it; those before it bound it from above.
    let [a, b] = [low, k > 0 ? out[k - 1] : high];
    for (let middle = (a + b) / 2; middle > a && middle < b; middle = (a + b) / 2) {
      if (countBelow(diagonal, squares, middle, tiny) >= n - k) b = middle;
      else a = middle;
    }
    out[k] = b;
    if (pacer.due()) await pacer.pause();
  }
  return out;
}

/** How many eigenvalues of a tridiagonal matrix are less than x: the negative pivots of T − x. */
function countBelow(
  diagonal: Float64Array,
  squares: Float64Array,
  x: number,
  tiny: number,
): number {
  let count = 0;
  let pivot = Infinity;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i] - x - (i > 0 ? squares[i - 1] / pivot : 0);
    // A pivot of 0 counts as negative: x is an eigenvalue of a leading part, to rounding.
    if (Math.abs(pivot) < tiny) pivot = -tiny;
    if (pivot < 0) count++;
  }
  return count;
}

/** QᵀAQ with Householder reflections; overwrites a. */
async function tridiagonal(
  a: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<{ diagonal: Float64Array; beside: Float64Array }> {
  const beside = new Float64Array(Math.max(0, n - 1));
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    let squares = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k];
      squares += v[i] * v[i];
    }
    const norm = Math.sqrt(squares);
    const head = v[k + 1];
    beside[k] = head > 0 ? -norm : norm;
    if (norm === 0) continue;
    v[k + 1] -= beside[k];
    // 2/vᵀv, without cancellation by the choice of sign.
    const factor = 1 / (squares + Math.abs(head) * norm);
    // The lower triangle stands for both.
    w.fill(0, k + 1);
    for (let i = k + 1; i < n; i++) {
      const [row, x] = [i * n, v[i]];
      let sum = a[row + i] * x;
      for (let j = k + 1; j < i; j++) {
        sum += a[row + j] * v[j];
        w[j] += a[row + j] * x;
      }
      w[i] += sum;
    }
    let product = 0;
    for (let i = k + 1; i < n; i++) {
      w[i] *= factor;
      product += w[i] * v[i];
    }
    const half = (factor * product) / 2;
    for (let i = k + 1; i < n; i++) w[i] -= half * v[i];
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      const [x, y] = [v[i], w[i]];
      for (let j = k + 1; j <= i; j++) a[row + j] -= x * w[j] + y * v[j];
    }
    if (pacer.due()) await pacer.pause();
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2];
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}

/** Sweeps after which columns have always become orthogonal; a few are usual. */
const MOST_SWEEPS = 60;

/**
 * Singular values of a row-major [rows, columns] matrix, largest first: min(rows, columns) of them, small ones as exact as large ones.
 *
 * One-sided Jacobi rotations of pairs of columns until all are orthogonal (Hestenes 1958; Demmel & Veselić 1992).
 */
export async function singularValues(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const wide = columns > rows;
  const [m, n] = wide ? [columns, rows] : [rows, columns];
  // Vectors lie one after the other; they are the rows of a wide matrix.
  const vectors = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: m }, (_, i) => matrix[wide ? j * m + i : i * n + j]),
  );
  for (let sweep = 0, turned = true; turned; sweep++) {
    if (sweep === MOST_SWEEPS)
      throw new Error(`internal: singular values: columns not orthogonal after ${sweep} sweeps.`);
    turned = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) if (rotate(vectors[p], vectors[q])) turned = true;
      if (pacer.due()) await pacer.pause();
    }
  }
  return Float64Array.from(vectors, (v) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0)))
    .sort()
    .reverse();
}

/** Makes two vectors orthogonal by a rotation of both; false when they are already, to rounding. */
function rotate(p: Float64Array, q: Float64Array): boolean {
  let [pp, qq, pq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    pp += p[i] * p[i];
    qq += q[i] * q[i];
    pq += p[i] * q[i];
  }
  if (Math.abs(pq) <= p.length * EPSILON * Math.sqrt(pp * qq)) return false;
  const zeta = (qq - pp) / (2 * pq);
  const tangent = Math.sign(zeta || 1) / (Math.abs(zeta) + elementary.hypot(1, zeta));
  const cosine = 1 / elementary.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < p.length; i++) {
    const x = p[i];
    p[i] = cosine * x - sine * q[i];
    q[i] = sine * x + cosine * q[i];
  }
  return true;
}
