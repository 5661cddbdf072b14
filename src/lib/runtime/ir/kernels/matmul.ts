import { sizeOf } from '../shape.ts';
import type { KernelFactory, Numbers } from './kernel.ts';
import { stridedCopy } from './strided.ts';

/**
 * C += A·B with C and B row-major [m, n] and [k, n]; A is read as a[i·rowA + p·colA]. Two rows of A by four rows of B
 * at a time: each element of C is loaded and stored once for four products, and each of B serves two rows.
 */
function accumulateRows(
  a: Numbers,
  aAt: number,
  rowA: number,
  colA: number,
  b: Numbers,
  bAt: number,
  c: Numbers,
  cAt: number,
  m: number,
  k: number,
  n: number,
): void {
  const pairs = m - (m % 2);
  const fours = k - (k % 4);
  for (let i = 0; i < pairs; i += 2) {
    const c0 = cAt + i * n;
    const c1 = c0 + n;
    for (let p = 0; p < fours; p += 4) {
      const a0 = aAt + i * rowA + p * colA;
      const a1 = a0 + rowA;
      const x0 = a[a0];
      const x1 = a[a0 + colA];
      const x2 = a[a0 + 2 * colA];
      const x3 = a[a0 + 3 * colA];
      const y0 = a[a1];
      const y1 = a[a1 + colA];
      const y2 = a[a1 + 2 * colA];
      const y3 = a[a1 + 3 * colA];
      const b0 = bAt + p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) {
        const z0 = b[b0 + j];
        const z1 = b[b1 + j];
        const z2 = b[b2 + j];
        const z3 = b[b3 + j];
        c[c0 + j] += x0 * z0 + x1 * z1 + x2 * z2 + x3 * z3;
        c[c1 + j] += y0 * z0 + y1 * z1 + y2 * z2 + y3 * z3;
      }
    }
  }
  // The last row of an odd number in fours, then the rest of k for all rows.
  for (let i = pairs; i < m; i++) {
    const c0 = cAt + i * n;
    for (let p = 0; p < fours; p += 4) {
      const a0 = aAt + i * rowA + p * colA;
      const x0 = a[a0];
      const x1 = a[a0 + colA];
      const x2 = a[a0 + 2 * colA];
      const x3 = a[a0 + 3 * colA];
      const b0 = bAt + p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) {
        c[c0 + j] += x0 * b[b0 + j] + x1 * b[b1 + j] + x2 * b[b2 + j] + x3 * b[b3 + j];
      }
    }
  }
  if (fours === k) return;
  for (let i = 0; i < m; i++) {
    const c0 = cAt + i * n;
    for (let p = fours; p < k; p++) {
      const x0 = a[aAt + i * rowA + p * colA];
      const b0 = bAt + p * n;
      for (let j = 0; j < n; j++) c[c0 + j] += x0 * b[b0 + j];
    }
  }
}

/** C = A·Bᵀ with B row-major [n, k]: inner products of rows, for few rows of A. */
function innerProducts(
  a: Numbers,
  aAt: number,
  rowA: number,
  colA: number,
  b: Numbers,
  bAt: number,
  c: Numbers,
  cAt: number,
  m: number,
  k: number,
  n: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let s0 = 0;
      let s1 = 0;
      let ai = aAt + i * rowA;
      let bj = bAt + j * k;
      let p = 0;
      for (; p + 1 < k; p += 2, ai += 2 * colA, bj += 2) {
        s0 += a[ai] * b[bj];
        s1 += a[ai + colA] * b[bj + 1];
      }
      if (p < k) s0 += a[ai] * b[bj];
      c[cAt + i * n + j] = s0 + s1;
    }
  }
}

/** Rows of A from which on a transposed copy of B pays. */
const ROWS_WORTH_A_COPY = 4;

export const matmulKernel: KernelFactory<'matmul'> = (params, [aType, bType], [output]) => {
  const rank = output.shape.length;
  let m = output.shape[rank - 2];
  let n = output.shape[rank - 1];
  const k = aType.shape[params.transposeA ? rank - 2 : rank - 1];
  const batches = sizeOf(output.shape.slice(0, rank - 2));
  let { transposeA, transposeB } = params;
  // A·b = (bᵀ·Aᵀ)ᵀ: one long row instead of m rows of length 1.
  const swapped = n === 1 && m > 1;
  if (swapped) {
    [m, n] = [n, m];
    [transposeA, transposeB] = [!transposeB, !transposeA];
  }
  const aSize = m * k;
  const bSize = k * n;
  const cSize = m * n;
  const rowA = transposeA ? 1 : k;
  const colA = transposeA ? m : 1;
  const copied = transposeB && m >= ROWS_WORTH_A_COPY && sizeOf(bType.shape) > 0;
  const scratch = copied ? new Float64Array(bSize) : null;
  const copies = copied
    ? Array.from({ length: batches }, (_, g) => stridedCopy([k, n], [1, k], g * bSize, [n, 1], 0))
    : [];

  return (inputs, outputs) => {
    const a = inputs[swapped ? 1 : 0] as Numbers;
    const b = inputs[swapped ? 0 : 1] as Numbers;
    const c = outputs[0] as Numbers;
    if (transposeB && !scratch) {
      for (let g = 0; g < batches; g++) {
        innerProducts(a, g * aSize, rowA, colA, b, g * bSize, c, g * cSize, m, k, n);
      }
      return;
    }
    c.fill(0);
    for (let g = 0; g < batches; g++) {
      if (scratch) {
        copies[g](b, scratch);
        accumulateRows(a, g * aSize, rowA, colA, scratch, 0, c, g * cSize, m, k, n);
      } else {
        accumulateRows(a, g * aSize, rowA, colA, b, g * bSize, c, g * cSize, m, k, n);
      }
    }
  };
};
