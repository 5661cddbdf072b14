/** Dense float64 linear algebra on the host, for constants and certificates. Matrices are row-major. */
import type { Pacer } from './pacer.ts';

/** Gram matrix AᵀA·scale of a [rows, columns] matrix; [columns, columns]. */
export async function gram(
  a: Float64Array,
  rows: number,
  columns: number,
  scale: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const out = new Float64Array(columns * columns);
  for (let r = 0; r < rows; r++) {
    const row = a.subarray(r * columns, (r + 1) * columns);
    for (let i = 0; i < columns; i++) {
      const x = row[i] * scale;
      if (x === 0) continue;
      const start = i * columns;
      for (let j = 0; j <= i; j++) out[start + j] += x * row[j];
    }
    if (pacer.due()) await pacer.pause();
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) out[j * columns + i] = out[i * columns + j];
  }
  return out;
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
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 4.2.2 (by rows).
 */
export async function cholesky(
  a: Float64Array,
  n: number,
  shift: number,
  pacer: Pacer,
): Promise<Float64Array | null> {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = a[i * n + j] + (i === j ? shift : 0);
      for (let k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
      if (i !== j) l[i * n + j] = s / l[j * n + j];
      else if (s > 0) l[i * n + i] = Math.sqrt(s);
      else return null;
    }
    if (pacer.due()) await pacer.pause();
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

export function inner(a: Float64Array, b: Float64Array): number {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += a[i] * b[i];
  return s;
}

export const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));

/** Steps of the power and inverse iterations; what they miss, the factorization afterwards catches. */
const ITERATIONS = 300;

/** A fixed start that is orthogonal to no eigenvector one meets: a low-discrepancy sequence, shifted to have both signs. */
function startVector(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 0.1 + ((i * 0.6180339887498949) % 1) - 0.5);
}

/** Rayleigh quotient after iterating x ← apply(x)/‖·‖ until it changes by less than 1e-12 relatively. */
async function dominant(
  n: number,
  apply: (x: Float64Array) => Float64Array,
  pacer: Pacer,
): Promise<number> {
  let x = startVector(n);
  let value = 0;
  for (let k = 0; k < ITERATIONS; k++) {
    const length = norm(x);
    if (length === 0) return 0;
    x = x.map((v) => v / length);
    const next = apply(x);
    const quotient = inner(x, next);
    x = next;
    if (Math.abs(quotient - value) <= 1e-12 * Math.abs(quotient)) return quotient;
    value = quotient;
    if (pacer.due()) await pacer.pause();
  }
  return value;
}

/**
 * Bounds lower ≤ λmin(A) and λmax(A) ≤ upper of a symmetric positive semidefinite matrix, usually within 1e-6 of the truth:
 * power and inverse iteration estimate, and a Cholesky factorization of upper·I − A and A − lower·I proves each bound
 * (up to rounding, about n·1e-16·λmax). `lower` is 0 where A is numerically singular.
 */
export async function extremeEigenvalues(
  a: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<{ lower: number; upper: number }> {
  const top = await dominant(n, (x) => multiply(a, n, n, x), pacer);
  if (top === 0) return { lower: 0, upper: 0 };
  const negated = a.map((v) => -v);
  let slack = 1e-6;
  while (!(await cholesky(negated, n, top * (1 + slack), pacer))) slack *= 4;
  const upper = top * (1 + slack);
  const factor = await cholesky(a, n, 0, pacer);
  if (!factor) return { lower: 0, upper };
  const inverse = await dominant(n, (x) => solveCholesky(factor, n, x), pacer);
  // Below this, rounding in A itself is as large as the eigenvalue.
  const noise = n * 2.3e-16 * upper;
  for (let below = 1e-6; below < 1; below *= 4) {
    const lower = (1 - below) / inverse;
    if (lower <= noise) break;
    if (await cholesky(a, n, -lower, pacer)) return { lower, upper };
  }
  return { lower: 0, upper };
}
