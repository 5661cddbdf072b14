import type { Effort } from '../../runtime/graph/node-definition.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { gram, gramOfRows, largest, powerOfTwo } from '../../numerics/linear-algebra.ts';
import { partOf } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { spectralBounds } from '../../numerics/spectral-bounds.ts';

/** Beyond these sizes the constants are left to the optimizer's estimate: about three seconds of work. */
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

const isTooLarge = (n: number, d: number): boolean => {
  const order = Math.min(n, d);
  return order > MAX_ORDER || n * d * order > 2 * MAX_MULTIPLICATIONS;
};

/** What `designCurvature` takes: a Gram matrix, some hundred products with it, and some ten factorizations. */
export function curvatureEffort(features: HostArray, bias: boolean): Effort {
  const n = features.shape[0];
  const d = features.shape[1] + (bias ? 1 : 0);
  const order = Math.min(n, d);
  const remedy = 'Take fewer samples or features.';
  if (isTooLarge(n, d)) return { remedy };
  return {
    bytes: 8 * ((bias ? 1 : 0) * n * d + (d > n ? n * d : 0) + 4 * order * order),
    flops: n * d * order + 8 * order * order * order + 1200 * order * order,
    remedy,
  };
}

/**
 * Proven bounds of the eigenvalues of XᵀX/N, X the design matrix: the Hessian of the squared error, and up to a factor a
 * bound of that of every loss with bounded curvature. From the smaller Gram matrix, whose rounding is added: it is at most γ times its trace.
 * Null when X is too large. Infinity or 0 where the square of a feature is no float64 number.
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
  if (isTooLarge(n, d)) return null;
  const design = designMatrix(features, bias);
  const most = largest(design);
  if (most === 0) return { lower: 0, upper: 0 };
  const unit = powerOfTwo(most);
  const x = design.map((value) => value / unit);
  // XXᵀ has the same nonzero eigenvalues; with more columns than rows the smallest of XᵀX is 0.
  const wide = d > n;
  const products = partOf(pacer, 0, 0.5);
  const small = wide
    ? await gramOfRows(x, n, d, 1 / n, products)
    : await gram(x, n, d, 1 / n, products);
  const wanted = wide ? 'upper' : 'both';
  const bounds = await spectralBounds(small, order, partOf(pacer, 0.5, 1), wanted);
  let trace = 0;
  for (let i = 0; i < order; i++) trace += small[i * order + i];
  const rounding = (Math.max(n, d) + 3) * 2 ** -53 * trace;
  return {
    lower: Math.max(0, bounds.lower - rounding) * unit * unit,
    upper: (bounds.upper + rounding) * unit * unit,
  };
}
