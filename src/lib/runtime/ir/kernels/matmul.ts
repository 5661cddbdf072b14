import { sizeOf } from '../shape.ts';
import type { KernelFactory, Numbers } from './kernel.ts';
import { stridedCopy } from './strided.ts';

/**
 * C += A·B with C and B row-major [m, n] and [k, n]; A is read as a[i·rowA + p·colA]. Four rows of B at a time: each
 * element of C is then loaded and stored once for four products.
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
  for (let i = 0; i < m; i++) {
    const ci = cAt + i * n;
    let ai = aAt + i * rowA;
    let p = 0;
    for (; p + 3 < k; p += 4, ai += 4 * colA) {
      const a0 = a[ai];
      const a1 = a[ai + colA];
      const a2 = a[ai + 2 * colA];
      const a3 = a[ai + 3 * colA];
      const b0 = bAt + p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) {
        c[ci + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
      }
    }
    for (; p < k; p++, ai += colA) {
      const a0 = a[ai];
      const b0 = bAt + p * n;
      for (let j = 0; j < n; j++) c[ci + j] += a0 * b[b0 + j];
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
