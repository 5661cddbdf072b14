/** Products with kernel matrices by blocks of rows: no more than a block is there at a time. */
import { concat, loop, matmul, reshape, slice, zeros } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { UNROLLED_FEATURES } from './kernels.ts';

/**
 * Elements of the largest array of a block where a device stores it: 16 MB in float64. Devices that fuse store none, and want many rows in a
 * block, because each block is several dispatches.
 */
const BLOCK_ELEMENTS = 2 ** 21;

/** Rows of a block for N points of D features: its arrays are [rows, N], or [rows, N, D + 1] where sums over features are not written out. */
export function blockRows(N: number, D: number): number {
  const width = D + 1 > UNROLLED_FEATURES ? D + 1 : 1;
  return Math.max(1, Math.floor(BLOCK_ELEMENTS / Math.max(1, N * width)));
}

/** x float [B, D], points [N, D], v [N, K] → k(x, points) v, float [B, K]. */
export function kernelProduct(
  kernel: (x: Value, y: Value) => Value,
  x: Value,
  points: Value,
  v: Value,
): Value {
  const [B, D] = x.shape;
  const [N, K] = v.shape;
  const rows = blockRows(N, D);
  if (B <= rows) return matmul(kernel(x, points), v);
  const blocks = Math.ceil(B / rows);
  const missing = blocks * rows - B;
  const padded = missing === 0 ? x : concat([x, zeros([missing, D])], 0);
  const { stacked } = loop({
    steps: blocks,
    constants: [points, v],
    carry: [],
    sequences: [reshape(padded, [blocks, rows, D])],
    body: (_i, [all, weights], _carry, [block]) => ({
      carry: [],
      stacked: [matmul(kernel(block, all), weights)],
    }),
  });
  const all = reshape(stacked[0], [blocks * rows, K]);
  return missing === 0 ? all : slice(all, [0, 0], [B, K]);
}
