/** Products with kernel matrices by blocks of rows: no more than a block is there at a time. */
import { concat, loop, matmul, reshape, slice, zeros } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

/** Elements of the largest array of a block, [rows, N, D + 1]. */
const BLOCK_ELEMENTS = 2 ** 22;

/** x float [B, D], points [N, D], v [N, K] → k(x, points) v, float [B, K]. */
export function kernelProduct(
  kernel: (x: Value, y: Value) => Value,
  x: Value,
  points: Value,
  v: Value,
): Value {
  const [B, D] = x.shape;
  const [N, K] = v.shape;
  const rows = Math.max(1, Math.floor(BLOCK_ELEMENTS / Math.max(1, N * (D + 1))));
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
