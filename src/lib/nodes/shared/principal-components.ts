/** Points in the plane of their two directions of largest variance, in float64 on the host. */
import { gram, multiply } from '../../numerics/linear-algebra.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { symmetricEigen } from '../../numerics/symmetric-eigen.ts';

export interface PrincipalPlane {
  /** Coordinates of each point along both components. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Their shares of the variance. */
  readonly shares: readonly [number, number];
}

/** points row-major [count, width], width ≥ 2; each component points so that its largest entry is positive. */
export async function principalPlane(
  points: Float64Array,
  count: number,
  width: number,
  signal: AbortSignal,
): Promise<PrincipalPlane> {
  const pacer = createPacer(signal);
  const means = new Float64Array(width);
  points.forEach((value, i) => (means[i % width] += value / count));
  const centred = points.map((value, i) => value - means[i % width]);
  const covariance = await gram(centred, count, width, 1 / count, pacer);
  const { values, vectors } = await symmetricEigen(covariance, width, pacer);
  const total = values.reduce((a, b) => a + b, 0);
  const along = (k: number): Float64Array => multiply(centred, count, width, directed(vectors[k]));
  const share = (k: number): number => (total > 0 ? values[k] / total : 0);
  return { x: along(0), y: along(1), shares: [share(0), share(1)] };
}

function directed(v: Float64Array): Float64Array {
  const largest = v.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
  return largest < 0 ? v.map((x) => -x) : v;
}
