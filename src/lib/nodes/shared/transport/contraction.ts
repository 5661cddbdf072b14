/**
 * How fast Sinkhorn's iterations contract.
 *
 * Near the solution P the error of the potentials is multiplied in each iteration by diag(1/a) P diag(1/b) Pᵀ, a Markov matrix, so the marginal error falls
 * by its second eigenvalue: the square of the second singular value σ₂ of diag(a)^−½ P diag(b)^−½ (the first is 1).
 *
 * Reference: P. A. Knight, The Sinkhorn–Knopp algorithm: convergence and applications (2008), theorem 4.1.
 */
import * as elementary from '../../../numerics/elementary/index.ts';

/** Errors below this are rounding. */
const FLOOR = 1e-13;
/** Iterations over which the rate is averaged. */
const WINDOW = 10;

/** Mean factor of the last errors; NaN for fewer than two above rounding. */
export function measuredRate(errors: readonly number[]): number {
  const above = errors.filter((error) => error > FLOOR);
  const window = Math.min(WINDOW, above.length - 1);
  if (window < 1) return NaN;
  const last = above.length - 1;
  return elementary.pow(above[last] / above[last - window], 1 / window);
}

/** Yields while it works. @returns σ₂², by power iteration on vectors orthogonal to the first singular vector √a */
export function* asymptoticRate(
  plan: Float64Array,
  a: Float64Array,
  b: Float64Array,
): Generator<void, number> {
  const [n, m] = [a.length, b.length];
  // Any start that is not orthogonal to the eigenvector; points without mass have no part.
  let x = a.map((w, i) => (w > 0 ? elementary.sin(1 + 3 * i) / n : 0));
  let value = 0;
  for (let k = 0; k < 1000; k++) {
    const shift = x.reduce((sum, v, i) => sum + v * Math.sqrt(a[i]), 0);
    x = x.map((v, i) => v - shift * Math.sqrt(a[i]));
    const length = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    if (length < FLOOR) return 0;
    x = x.map((v) => v / length);
    const columns = new Float64Array(m);
    for (let i = 0; i < n; i++) {
      if (a[i] === 0) continue;
      const scaled = x[i] / Math.sqrt(a[i]);
      for (let j = 0; j < m; j++) columns[j] += plan[i * m + j] * scaled;
    }
    for (let j = 0; j < m; j++) columns[j] = b[j] > 0 ? columns[j] / b[j] : 0;
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      if (a[i] === 0) continue;
      for (let j = 0; j < m; j++) next[i] += plan[i * m + j] * columns[j];
      next[i] /= Math.sqrt(a[i]);
    }
    const before = value;
    value = x.reduce((sum, v, i) => sum + v * next[i], 0);
    x = next;
    if (Math.abs(value - before) <= 1e-12 * value) break;
    yield;
  }
  return value;
}
