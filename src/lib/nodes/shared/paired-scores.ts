/** Two methods compared sample by sample. */

export interface PairedScores {
  readonly meanA: number;
  readonly meanB: number;
  /** Mean of d = b − a, with ties as 0: positive where A has the smaller loss. */
  readonly advantage: number;
  /** √(Σ d²)/N, the standard error of the advantage if neither is better. */
  readonly error: number;
  /** Advantage over standard error; 0 where the two are the same on every sample. */
  readonly z: number;
}

/** Differences up to this share of the larger mean loss are ties: runs that were stopped near one minimiser differ by as much. */
const TIE = 1e-3;

/**
 * Losses a and b of the same N samples, none negative. For losses 0 and 1, z is McNemar's (n_B − n_A)/√(n_B + n_A). Any loss that is NaN makes all NaN.
 */
export function pairedScores(a: Float64Array, b: Float64Array): PairedScores {
  const mean = (values: Float64Array) => values.reduce((s, v) => s + v, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const tie = TIE * Math.max(meanA, meanB);
  const d = b.map((value, i) => (Math.abs(value - a[i]) <= tie ? 0 : value - a[i]));
  const advantage = mean(d);
  const error = Math.sqrt(mean(d.map((v) => v * v)) / d.length);
  const z = error === 0 ? 0 : advantage / error;
  return { meanA, meanB, advantage, error, z };
}
