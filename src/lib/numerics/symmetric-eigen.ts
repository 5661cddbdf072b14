/**
 * All eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations, in float64 on the host.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithms 8.5.1 (a rotation) and 8.5.3 (by rows).
 */
import * as elementary from './elementary/index.ts';
import type { Pacer } from './pacer.ts';

const MAX_SWEEPS = 40;

export interface Eigenpairs {
  /** Falling. */
  readonly values: Float64Array;
  /** Row k is the eigenvector of value k. */
  readonly vectors: readonly Float64Array[];
}

export async function symmetricEigen(
  matrix: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<Eigenpairs> {
  const a = matrix.slice();
  const v = Array.from({ length: n }, (_, k) =>
    Float64Array.from({ length: n }, (_, j) => +(j === k)),
  );
  const scale = a.reduce((total, x) => total + x * x, 0);
  for (let sweep = 0; ; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += 2 * a[i * n + j] ** 2;
    // Convergence is quadratic: one more sweep than it takes to be at rounding costs little.
    if (off <= 1e-30 * scale) break;
    if (sweep === MAX_SWEEPS)
      throw new Error(`internal: expected Jacobi sweeps to converge, got ${off} of ${scale}.`);
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
      if (pacer.due()) await pacer.pause();
    }
  }
  const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => a[j * n + j] - a[i * n + i]);
  return {
    values: Float64Array.from(order, (k) => a[k * n + k]),
    vectors: order.map((k) => v[k]),
  };
}

/** A ← JᵀAJ with the rotation J of the axes p and q that makes a_pq zero; rows of V turn along. */
function rotate(a: Float64Array, v: Float64Array[], n: number, p: number, q: number): void {
  const off = a[p * n + q];
  if (off === 0) return;
  const tau = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + elementary.hypot(1, tau));
  const c = 1 / elementary.hypot(1, t);
  const s = t * c;
  const turn = (x: Float64Array, i: number, y: Float64Array, j: number): void => {
    const [u, w] = [x[i], y[j]];
    x[i] = c * u - s * w;
    y[j] = s * u + c * w;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, a, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, a, q * n + k);
  for (let k = 0; k < n; k++) turn(v[p], k, v[q], k);
}
