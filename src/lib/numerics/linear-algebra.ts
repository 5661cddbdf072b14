/** Dense float64 linear algebra. Matrices are row-major. */
import type { Pacer } from './pacer.ts';

/** Numbers of a row, and rows, that one round of `gramOfRows` takes: both fit a cache. */
const STRETCH = 512;
const ROWS = 64;

/** Gram matrix AᵀA·scale of a [rows, columns] matrix; [columns, columns]. */
export function gram(
  a: Float64Array,
  rows: number,
  columns: number,
  scale: number,
  pacer: Pacer,
): Promise<Float64Array> {
  return gramOfRows(transposed(a, rows, columns), columns, rows, scale, pacer);
}

/** AAᵀ·scale of a [count, length] matrix; [count, count]. Sums run over stretches of a row, two rows by two at a time. */
export async function gramOfRows(
  a: Float64Array,
  count: number,
  length: number,
  scale: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const out = new Float64Array(count * count);
  for (let from = 0; from < length; from += STRETCH) {
    const to = Math.min(length, from + STRETCH);
    for (let first = 0; first < count; first += ROWS) {
      for (let i = first; i < count; i += 2) {
        addProducts(a, count, length, out, i, first, Math.min(i + 1, first + ROWS - 1), from, to);
        if (pacer.due()) {
          pacer.progress((from + ((to - from) * first) / count) / length);
          await pacer.pause();
        }
      }
    }
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const value = out[i * count + j] * scale;
      out[i * count + j] = value;
      out[j * count + i] = value;
    }
  }
  return out;
}

/** Adds the products of rows i and i + 1 with rows j = first … last, over places from … to − 1, where j ≤ i or j ≤ i + 1. */
function addProducts(
  a: Float64Array,
  count: number,
  length: number,
  out: Float64Array,
  i: number,
  first: number,
  last: number,
  from: number,
  to: number,
): void {
  // Without a row i + 1 row i stands for it, and its sums are not kept.
  const both = i + 1 < count;
  const row = i * length;
  const next = both ? row + length : row;
  for (let j = first; j <= last && j < count; j += 2) {
    const pair = j + 1 < count;
    const left = j * length;
    const right = pair ? left + length : left;
    let [s, t, u, v] = [0, 0, 0, 0];
    for (let p = from; p < to; p++) {
      const x = a[row + p];
      const y = a[next + p];
      const c = a[left + p];
      const d = a[right + p];
      s += x * c;
      t += x * d;
      u += y * c;
      v += y * d;
    }
    const at = i * count + j;
    out[at] += s;
    if (pair) out[at + 1] += t;
    if (!both) continue;
    out[at + count] += u;
    if (pair) out[at + count + 1] += v;
  }
}

/** The [columns, rows] transpose of a [rows, columns] matrix. */
export function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = a[r * columns + c];
  }
  return out;
}

/**
 * Lower Cholesky factor of A + shift·I, or null when that matrix is not numerically positive definite.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 4.2.2 (by rows, two rows by two columns at a time).
 */
export async function cholesky(
  a: Float64Array,
  n: number,
  shift: number,
  pacer: Pacer,
): Promise<Float64Array | null> {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i += 2) {
    const row = i * n;
    // The last row of an odd number of rows stands for both.
    const next = i + 1 < n ? row + n : row;
    for (let j = 0; j < i; j += 2) {
      const [left, right] = [j * n, j * n + n];
      let [s, t, u, v] = [0, 0, 0, 0];
      for (let k = 0; k < j; k++) {
        const x = l[row + k];
        const y = l[next + k];
        const c = l[left + k];
        const d = l[right + k];
        s += x * c;
        t += x * d;
        u += y * c;
        v += y * d;
      }
      const first = (a[row + j] - s) / l[left + j];
      const second = (a[next + j] - u) / l[left + j];
      l[row + j] = first;
      l[next + j] = second;
      l[row + j + 1] = (a[row + j + 1] - t - first * l[right + j]) / l[right + j + 1];
      l[next + j + 1] = (a[next + j + 1] - v - second * l[right + j]) / l[right + j + 1];
    }
    for (let r = i; r < Math.min(n, i + 2); r++) {
      for (let j = i; j <= r; j++) {
        let s = a[r * n + j] + (r === j ? shift : 0);
        for (let k = 0; k < j; k++) s -= l[r * n + k] * l[j * n + k];
        if (r !== j) l[r * n + j] = s / l[j * n + j];
        else if (s > 0) l[r * n + r] = Math.sqrt(s);
        else return null;
      }
    }
    if (pacer.due()) {
      pacer.progress((i / n) ** 2);
      await pacer.pause();
    }
  }
  return l;
}

/** Solves L Lᵀ x = b. */
export function solveCholesky(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  // Row by row of L, as it is stored.
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= l[i * n + i];
    for (let k = 0; k < i; k++) x[k] -= l[i * n + k] * x[i];
  }
  return x;
}

/** A x for a [rows, columns] matrix. */
export function multiply(
  a: Float64Array,
  rows: number,
  columns: number,
  x: Float64Array,
): Float64Array {
  const out = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let s = 0;
    for (let c = 0; c < columns; c++) s += a[r * columns + c] * x[c];
    out[r] = s;
  }
  return out;
}

/** Aᵀ y for a [rows, columns] matrix. */
export function multiplyTransposed(
  a: Float64Array,
  rows: number,
  columns: number,
  y: Float64Array,
): Float64Array {
  const out = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c] += a[r * columns + c] * y[r];
  }
  return out;
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += a[i] * b[i];
  return s;
}

/** Sums of squares from here to its inverse lose nothing to underflow or overflow that counts. */
const SAFE_SQUARES = 2 ** -900;

/** Euclidean length, exact to rounding wherever it is a number. */
export function norm(a: ArrayLike<number>): number {
  const squares = inner(a, a);
  if (squares > SAFE_SQUARES && squares < 1 / SAFE_SQUARES) return Math.sqrt(squares);
  const most = largest(a);
  if (most === 0 || !Number.isFinite(most)) return most;
  const unit = powerOfTwo(most);
  let scaled = 0;
  for (let i = 0; i < a.length; i++) scaled += (a[i] / unit) ** 2;
  return Math.sqrt(scaled) * unit;
}

/** max |aᵢ|; NaN where one is. */
export function largest(a: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const x = Math.abs(a[i]);
    if (!(x <= most)) most = x;
    if (Number.isNaN(most)) return most;
  }
  return most;
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * The greatest power of two ≤ x, but at least 2⁻¹⁰²², whose inverse is a number too: dividing by it is exact unless it underflows, and brings
 * x below 2. x finite and > 0.
 */
export function powerOfTwo(x: number): number {
  bits.setFloat64(0, x);
  // The exponent alone.
  bits.setUint32(0, bits.getUint32(0) & 0x7ff00000);
  bits.setUint32(4, 0);
  return Math.max(bits.getFloat64(0), 2 ** -1022);
}
