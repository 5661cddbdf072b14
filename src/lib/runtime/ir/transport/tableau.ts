import { networkSimplex } from './network-simplex.ts';

/**
 * Fills the transportation tableau [n + 1, m + 1] of the primitive `transport`.
 * Of a float32 device, weights sum to 1 up to its rounding only, hence the division. A run whose costs are not finite any more has to end as such,
 * so that they give NaN and not an error.
 */
export function fillTableau(
  cost: Float64Array,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): void {
  const [n, m] = [a.length, b.length];
  const weightsA = normalised(a);
  const weightsB = normalised(b);
  if (!weightsA || !weightsB || !cost.every((c) => Number.isFinite(c))) {
    out.fill(NaN);
    return;
  }
  const result = networkSimplex(weightsA, weightsB, cost);
  for (let i = 0; i < n; i++) {
    out.set(result.plan.subarray(i * m, (i + 1) * m), i * (m + 1));
    out[i * (m + 1) + m] = result.potentialA[i];
  }
  out.set(result.potentialB, n * (m + 1));
  out[n * (m + 1) + m] = result.cost;
}

/** Null where they are no measure. */
function normalised(weights: Float64Array): Float64Array | null {
  let sum = 0;
  for (const w of weights) {
    if (!(w >= 0)) return null;
    sum += w;
  }
  return sum > 0 && sum < Infinity ? weights.map((w) => w / sum) : null;
}
