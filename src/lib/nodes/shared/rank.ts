import type { HostArray } from '../../runtime/ir/types.ts';
import { singularValues } from '../../numerics/singular-values.ts';
import { createPacer } from '../../numerics/pacer.ts';

/** Singular values below this share of the largest count as 0: well above the rounding of an optimizer's steps. */
const SHARE = { float64: 1e-10, float32: 1e-5 } as const;

/** Of a matrix [m, n]; NaN where entries are not finite. */
export async function numericalRank(
  { data, shape: [m, n] }: HostArray,
  precision: 'float64' | 'float32',
  signal: AbortSignal,
): Promise<number> {
  if (!data.every(Number.isFinite)) return NaN;
  const values = await singularValues(data, m, n, createPacer(signal));
  return values.filter((sigma) => sigma > SHARE[precision] * values[0]).length;
}
