import { largest, norm } from '../../numerics/linear-algebra.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { suboptimalityAt, unitRoundoff, valued } from '../../runtime/run/optimality.ts';
import { certificateOf } from '../../runtime/run/run-value.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';

/** The last measured value of a column; NaN before the first measurement or where the run has no such column. */
export function lastMeasured(run: RunValue, column: string): number {
  return run.series[column]?.at(-1) ?? NaN;
}

type Points = readonly HostArray[];

type Sight = Pick<ObjectiveValue, 'seen'>;

/** All entries of a − b, without what the objective does not see. */
function difference(a: Points, b: Points, { seen }: Sight): Float64Array[] {
  const parts = a.map(({ data }, v) =>
    Float64Array.from(data as ArrayLike<number>, (x, i) => x - b[v].data[i]),
  );
  return seen ? seen(parts) : parts;
}

/** max over all entries of |a − b|, as far as the objective sees it. */
export function maxDistance(a: Points, b: Points, objective: Sight = {}): number {
  return Math.max(0, ...difference(a, b, objective).map(largest));
}

/** Euclidean norm of a − b over all variables together, as far as the objective sees it. */
export function distance(a: Points, b: Points, objective: Sight = {}): number {
  return norm(difference(a, b, objective).map(norm));
}

export interface BoundCurve {
  readonly label: string;
  readonly iterations: readonly number[];
  /** Bound on f(x_k) − f*; NaN where there is no guarantee. */
  readonly bound: readonly number[];
}

/** Why there is no curve: the plan claims nothing, its live values void the claim, or something that it needs is not known. */
export type NoBound =
  | { readonly state: 'none' | 'void' }
  | { readonly state: 'pending' | 'unavailable' | 'changed'; readonly reason: string };

/**
 * What theory guarantees for f(x_k) − f* at the measured iterations, with the values that they were done with. A guarantee starts from x₀, so one of
 * a run that was changed on the way is none.
 */
export function theoreticalBound(run: RunValue): BoundCurve | NoBound {
  const { plan, series, segments } = run;
  const { theory } = plan;
  if (theory === undefined) return { state: 'none' };
  if (segments.length > 1)
    return {
      state: 'changed',
      reason: 'a bound holds for one set of values from the start. Rewind and run',
    };
  const [{ certificate: known, live }] = segments;
  if (known.state === 'none') return { state: 'none' };
  if (known.state === 'pending') return { state: 'pending', reason: 'f* is being computed' };
  if (known.state === 'unavailable')
    return { state: 'unavailable', reason: `f* is not known: ${known.reason}` };
  const initial = series.objective?.[0];
  if (initial === undefined) return { state: 'pending', reason: 'waits for the run' };
  if (Number.isNaN(theory.bound(1, 1, 1, live))) return { state: 'void' };
  const { value, minimiser } = known.certificate;
  const length =
    minimiser === undefined ? NaN : distance(run.initialParameters, minimiser, plan.objective);
  const gap = initial - value;
  if (Number.isNaN(length) && Number.isNaN(theory.bound(1, length, gap, live)))
    return {
      state: 'unavailable',
      reason:
        'the bound begins with the distance to the minimiser, which is not known to be unique',
    };
  const iterations = series.iterations ?? [];
  const bound = iterations.map((k) => theory.bound(k, length, gap, live));
  return { label: theory.label, iterations, bound };
}

export function isBound(bound: BoundCurve | NoBound): bound is BoundCurve {
  return 'bound' in bound;
}

/** Below this f(x_k) − f* measures arithmetic: the certificate's gap and 64 roundings of the larger of |f| and |f*|. */
export function resolutionOf(run: RunValue, objective: number): number {
  const { gap = NaN, value = NaN } = certificateOf(run) ?? {};
  return gap + 64 * unitRoundoff(run.precision) * Math.max(Math.abs(objective), Math.abs(value));
}

/**
 * The largest (f(x_k) − f*) / bound(k) for k ≥ 1 (at 0 bounds are often the gap itself); at most 1 when theory holds. Rows where f(x_k) − f* is
 * below the certificate's gap and the rounding of f (64 units of the larger of |f| and |f*|) are left out: they measure arithmetic. A run that
 * stands at its minimum from the start has nothing that could exceed a bound: 0. A text says why nothing can be told.
 */
export function worstBoundRatio(run: RunValue, curve: BoundCurve): number | string {
  const certificate = certificateOf(run);
  if (certificate === null) return 'f* is not known';
  if (!curve.iterations.some((k) => k > 0)) {
    const rows = valued(run);
    const first = suboptimalityAt(run.series, rows, run.precision, 0);
    const atMinimum =
      first !== null && Math.abs(first.value) <= resolutionOf(run, run.series.objective[0]);
    return run.status === 'converged' && atMinimum ? 0 : 'no step was done';
  }
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
  return told ? worst : 'f* is known so badly that no step can be compared with its bound';
}
