import type { HostArray } from '../../runtime/ir/types.ts';
import type { RunStatus, RunValue } from '../../runtime/run/run-value.ts';

const GOING_ON: readonly RunStatus[] = ['idle', 'running', 'paused'];

/** The run has ended, for better or worse: its numbers no longer change. */
export function hasEnded(run: RunValue): boolean {
  return !GOING_ON.includes(run.status);
}

/** The last measured value of a column; NaN before the first measurement or where the run has no such column. */
export function lastMeasured(run: RunValue, column: string): number {
  return run.series[column]?.at(-1) ?? NaN;
}

/** max over all entries of |a − b|. */
export function maxDistance(a: readonly HostArray[], b: readonly HostArray[]): number {
  let largest = 0;
  a.forEach((array, v) => {
    for (let i = 0; i < array.data.length; i++) {
      largest = Math.max(largest, Math.abs(array.data[i] - b[v].data[i]));
    }
  });
  return largest;
}

/** Euclidean norm of a − b over all variables together. */
export function distance(a: readonly HostArray[], b: readonly HostArray[]): number {
  let squares = 0;
  a.forEach((array, v) => {
    for (let i = 0; i < array.data.length; i++) squares += (array.data[i] - b[v].data[i]) ** 2;
  });
  return Math.sqrt(squares);
}

export interface BoundCurve {
  readonly label: string;
  readonly iterations: readonly number[];
  /** Bound on f(x_k) − f*; NaN where there is no guarantee. */
  readonly bound: readonly number[];
}

/**
 * What theory guarantees for f(x_k) − f* at the measured iterations, or null when the plan claims nothing, f* is unknown
 * or the live values void the guarantee.
 */
export function theoreticalBound(
  run: RunValue,
  live: Readonly<Record<string, number>>,
): BoundCurve | null {
  const { certificate, plan, series } = run;
  if (plan.theory === undefined || certificate === null) return null;
  const iterations = series.iterations ?? [];
  const initial = series.objective?.[0];
  if (initial === undefined) return null;
  const { theory } = plan;
  const length =
    certificate.minimiser === undefined
      ? NaN
      : distance(run.initialParameters, certificate.minimiser);
  const gap = initial - certificate.value;
  const bound = iterations.map((k) => theory.bound(k, length, gap, live));
  return bound.every(Number.isNaN) ? null : { label: theory.label, iterations, bound };
}

/** Relative rounding unit of the arithmetic that measured a run. */
export function unitRoundoff(run: RunValue): number {
  return run.precision === 'float64' ? 2 ** -53 : 2 ** -24;
}

/** Below this f(x_k) − f* measures arithmetic: the certificate's gap and 64 roundings of the larger of |f| and |f*|. */
export function resolutionOf(run: RunValue, objective: number): number {
  const { gap = NaN, value = NaN } = run.certificate ?? {};
  return gap + 64 * unitRoundoff(run) * Math.max(Math.abs(objective), Math.abs(value));
}

/**
 * The largest (f(x_k) − f*) / bound(k) for k ≥ 1 (at 0 bounds are often the gap itself); at most 1 when theory holds. Rows where f(x_k) − f* is below the certificate's gap and
 * the rounding of f (64 units of the larger of |f| and |f*|) are left out: they measure arithmetic. NaN where f* is known so badly that no row tells
 * anything of its bound.
 */
export function worstBoundRatio(run: RunValue, curve: BoundCurve): number {
  const { certificate } = run;
  if (certificate === null) return NaN;
  let worst = 0;
  let told = false;
  run.series.objective.forEach((objective, i) => {
    const suboptimality = objective - certificate.value;
    const resolution = resolutionOf(run, objective);
    const bound = curve.bound[i];
    if (curve.iterations[i] === 0 || Number.isNaN(bound)) return;
    if (suboptimality > resolution) worst = Math.max(worst, suboptimality / bound);
    told ||= Math.max(suboptimality, bound) > resolution;
  });
  return told ? worst : NaN;
}
