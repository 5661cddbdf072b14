import type { HostArray } from '../../runtime/ir/types.ts';
import { norm, transposed } from './linear-algebra.ts';
import { orthogonalize } from './orthogonal-columns.ts';
import { createPacer } from './pacer.ts';

/** Singular values below this share of the largest count as 0: well above the rounding of an optimizer's steps. */
const SHARE = { float64: 1e-10, float32: 1e-5 } as const;

/** Singular values of a matrix [m, n], largest first, in float64. */
export async function singularValues(
  { data, shape: [m, n] }: HostArray,
  signal: AbortSignal,
): Promise<Float64Array> {
  const rows = Float64Array.from(data);
  // The shorter side as columns: fewer pairs to rotate.
  const [flat, count, length] = m < n ? [rows, m, n] : [transposed(rows, m, n), n, m];
  const columns = Array.from({ length: count }, (_, j) => flat.slice(j * length, (j + 1) * length));
  await orthogonalize(columns, createPacer(signal));
  return Float64Array.from(columns, norm).sort().reverse();
}

export async function numericalRank(
  matrix: HostArray,
  precision: 'float64' | 'float32',
  signal: AbortSignal,
): Promise<number> {
  const values = await singularValues(matrix, signal);
  return values.filter((sigma) => sigma > SHARE[precision] * values[0]).length;
}
