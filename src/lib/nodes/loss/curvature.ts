import type { HostArray } from '../../runtime/ir/types.ts';
import { extremeEigenvalues, gram, transposed } from '../../numerics/linear-algebra.ts';
import type { Pacer } from '../../numerics/pacer.ts';

/** Beyond these sizes the constants are left to the optimizer's estimate: about ten seconds of work. */
const MAX_ORDER = 1024;
const MAX_MULTIPLICATIONS = 4e9;

/** The features with a column of ones for the intercept, row-major [N, D (+ 1)]. */
export function designMatrix(features: HostArray, bias: boolean): Float64Array {
  const [n, d] = features.shape;
  const x = features.data as Float64Array;
  if (!bias) return x;
  const out = new Float64Array(n * (d + 1));
  for (let i = 0; i < n; i++) {
    out.set(x.subarray(i * d, (i + 1) * d), i * (d + 1));
    out[i * (d + 1) + d] = 1;
  }
  return out;
}

/**
 * Proven bounds of the eigenvalues of XᵀX/N, X the design matrix: the Hessian of the squared error, and up to a factor a
 * bound of that of every loss with bounded curvature. Null when X is too large.
 */
export async function designCurvature(
  features: HostArray,
  bias: boolean,
  pacer: Pacer,
): Promise<{ lower: number; upper: number } | null> {
  const n = features.shape[0];
  const d = features.shape[1] + (bias ? 1 : 0);
  const order = Math.min(n, d);
  if (order === 0) return { lower: 0, upper: 0 };
  if (order > MAX_ORDER || n * d * order > 2 * MAX_MULTIPLICATIONS) return null;
  const x = designMatrix(features, bias);
  if (d <= n) return extremeEigenvalues(await gram(x, n, d, 1 / n, pacer), d, pacer);
  // XXᵀ has the same nonzero eigenvalues; with more columns than rows the smallest of XᵀX is 0.
  const outer = await gram(transposed(x, n, d), d, n, 1 / n, pacer);
  return { lower: 0, upper: (await extremeEigenvalues(outer, n, pacer)).upper };
}
