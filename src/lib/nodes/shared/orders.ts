/** Orders of convergence, fitted to what a run measured. */
import * as elementary from '../../numerics/elementary/index.ts';
import { unitRoundoff } from '../../runtime/run/optimality.ts';
import { certificateOf } from '../../runtime/run/run-value.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { resolutionOf } from './runs.ts';

/**
 * p where f(x_k) − f* falls like k^{−p}: minus the slope of a least squares line through (log k, log(f(x_k) − f*)) over the measured iterations
 * from ≤ k ≤ to. Each row counts as the part of the log k axis between its neighbours, so that every octave weighs the same however densely it was
 * measured. Rows where f(x_k) − f* is within rounding are left out; NaN where less than one octave is left.
 */
export function sublinearOrder(run: RunValue, from: number, to: number): number {
  const certificate = certificateOf(run);
  const { series } = run;
  if (certificate === null) return NaN;
  const points: [number, number][] = [];
  (series.objective ?? []).forEach((objective, i) => {
    const k = series.iterations[i];
    const gap = objective - certificate.value;
    if (k < Math.max(from, 1) || k > to || !(gap > resolutionOf(run, objective))) return;
    // Trials that were refused stay at an iteration.
    if (points.length > 0 && points[points.length - 1][0] === elementary.log(k)) return;
    points.push([elementary.log(k), elementary.log(gap)]);
  });
  const n = points.length;
  if (n < 3 || points[n - 1][0] - points[0][0] < Math.LN2) return NaN;
  const weights = points.map(
    (_, i) => points[Math.min(i + 1, n - 1)][0] - points[Math.max(i - 1, 0)][0],
  );
  const total = weights.reduce((a, b) => a + b);
  const mean = (axis: 0 | 1) =>
    points.reduce((s, point, i) => s + weights[i] * point[axis], 0) / total;
  const [x, y] = [mean(0), mean(1)];
  let [cross, square] = [0, 0];
  points.forEach((point, i) => {
    cross += weights[i] * (point[0] - x) * (point[1] - y);
    square += weights[i] * (point[0] - x) ** 2;
  });
  return -cross / square;
}

/**
 * q where r_{k+1} is about C r_k^q for the residuals r of iterations: log(r₃/r₁)/log(r₂/r₀) of the last four that fall and are above 10³ units of
 * rounding of the first residual; 2 is quadratic convergence, 1 linear. Two steps at once, since parts that shrink in turn make single steps
 * uneven; with three residuals one step, log(r₂/r₁)/log(r₁/r₀). NaN where there are fewer.
 * Nocedal & Wright 2006, appendix A.2, for the orders.
 */
export function residualOrder(run: RunValue): number {
  const { residual = [], iterations = [] } = run.series;
  const floor = 1e3 * unitRoundoff(run.precision) * (residual[0] ?? NaN);
  const taken = residual.filter(
    (r, i) => (i === 0 || iterations[i] > iterations[i - 1]) && r > floor,
  );
  const last = taken.slice(-4);
  if (last.length < 3 || last.some((r, i) => i > 0 && !(r < last[i - 1]))) return NaN;
  const n = last.length - 1;
  return elementary.log(last[n] / last[1]) / elementary.log(last[n - 1] / last[0]);
}
