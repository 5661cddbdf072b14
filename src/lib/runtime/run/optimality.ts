/**
 * f − f* of measured rows, each against the f* of its own segment, with what keeps the number from being exact: the gap of the
 * certificate and the rounding of f. The minimum lies in [f* − gap, f*], so a feasible point has f − f* ≥ −gap; one further below
 * than rounding explains is an alarm: the certificate is false, or the row belongs to another problem.
 */
import type { Precision } from '../device/device.ts';
import type { ObjectiveValue } from '../graph/ports.ts';
import { sizeOf } from '../ir/shape.ts';
import { segmentAt } from './segments.ts';
import type { RunValue, Series } from './run-value.ts';

/** What is known of the minimum at the values of one segment. */
export interface FStar {
  readonly value: number;
  readonly gap: number;
  readonly method: string;
  /** A bound on the rounding of f near the minimum, in the precision of the run. */
  readonly rounding: number;
  /** False where no point attains it. @default true */
  readonly attained?: boolean;
}

/** A segment with its f*, null where that is not known. */
export interface Valued {
  readonly from: number;
  readonly fStar: FStar | null;
}

/** Relative rounding unit of the arithmetic that measured a run. */
export function unitRoundoff(precision: Precision): number {
  return precision === 'float64' ? 2 ** -53 : 2 ** -24;
}

/**
 * How many roundings an evaluation of f may add up, relative to its largest value on the way: the length of its sums (rows and columns of the
 * data, the unknowns) and some tens for the functions in between. Higham 2002, section 4.2: a sum of n terms of one sign is exact to n units.
 */
export function roundingsOf({ data, variables }: ObjectiveValue): number {
  const longest = data.reduce((most, { shape }) => Math.max(most, sum(shape)), 0);
  return 64 + longest + sum(variables.map(({ shape }) => sizeOf(shape)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

/** The segments of a run with their f*. The rounding of f is relative to the larger of |f*| and |f| at the segment's first row. */
export function valued(
  run: Pick<RunValue, 'segments' | 'series' | 'precision' | 'plan'>,
): Valued[] {
  const { step = [], objective = [] } = run.series;
  const relative = unitRoundoff(run.precision) * roundingsOf(run.plan.objective);
  return run.segments.map(({ from, certificate }, i) => {
    if (certificate.state !== 'known') return { from, fStar: null };
    const first = objective[step.findIndex((k) => (i === 0 ? k >= from : k > from))] ?? 0;
    const { value, gap, method, attained } = certificate.certificate;
    const rounding =
      relative * Math.max(Math.abs(value), Number.isFinite(first) ? Math.abs(first) : 0);
    return {
      from,
      fStar: { value, gap, method, rounding, ...(attained !== undefined && { attained }) },
    };
  });
}

export type Verdict =
  /** f − f* ≥ −(gap + rounding), at a point that is feasible as far as rounding tells. */
  | 'sound'
  /** Outside the constraints, and better than optimal: f − f* is no distance to the minimum. */
  | 'infeasible'
  /** Feasible and below the certified minimum. */
  | 'alarm';

export interface Suboptimality {
  /** f − f*. */
  readonly value: number;
  readonly fStar: FStar;
  /** How far outside the constraints; 0 without any. */
  readonly infeasibility: number;
  readonly verdict: Verdict;
}

/** Of row i; null where f* of its segment is not known. */
export function suboptimalityAt(
  series: Series,
  segments: readonly Valued[],
  precision: Precision,
  i: number,
): Suboptimality | null {
  const f = series.objective?.[i];
  if (segments.length === 0 || f === undefined) return null;
  const { fStar } = segments[segmentAt(segments, series.step?.[i] ?? 0)];
  if (!fStar) return null;
  const infeasibility = series.infeasibility?.[i] ?? 0;
  const value = f - fStar.value;
  const below = value < -(fStar.gap + fStar.rounding);
  const outside = infeasibility > 64 * unitRoundoff(precision);
  return {
    value,
    fStar,
    infeasibility,
    verdict: !below ? 'sound' : outside ? 'infeasible' : 'alarm',
  };
}

/** "below the certified minimum: f − f* = −713.7 < −1e-9", of the worst feasible row; null where all is well. */
export function alarmOf(
  series: Series,
  segments: readonly Valued[],
  precision: Precision,
): string | null {
  let worst: Suboptimality | null = null;
  const rows = series.objective?.length ?? 0;
  for (let i = 0; i < rows; i++) {
    const found = suboptimalityAt(series, segments, precision, i);
    if (found?.verdict === 'alarm' && !(worst && worst.value <= found.value)) worst = found;
  }
  return worst && alarmText(worst);
}

export function alarmText({ value, fStar }: Pick<Suboptimality, 'value' | 'fStar'>): string {
  return `below the certified minimum: f − f* = ${short(value)} < −${short(fStar.gap + fStar.rounding)}`;
}

/** Share of its first f − f* that a stretch may end with: whoever stops with more has hardly begun, whatever the residual. */
const LEFT = 1e-3;

/**
 * What to say of a run that converged by its residual far above f*, as gradients are small along directions in which f falls slowly but
 * far; null where it did not.
 */
export function shortfallOf(series: Series, segments: readonly Valued[]): string | null {
  const { step = [], objective = [] } = series;
  const present = segments.at(-1);
  if (!present?.fStar) return null;
  const { value, gap, rounding } = present.fStar;
  // The row at which a change came belongs to the values before it.
  const begun = segments.length === 1 ? 0 : step.findIndex((k) => k > present.from);
  const first = objective[begun] - value;
  const last = (objective.at(-1) ?? NaN) - value;
  if (!(first > 0) || !(last > LEFT * first + gap + rounding)) return null;
  const share = Number((100 * (last / first)).toPrecision(2));
  return `its residual is within the tolerance, but f − f* = ${short(last)} is ${share} % of what it was at first: f falls slowly along some directions. Lower the tolerance, or condition the problem better: standardize its data, or add a squared ℓ2 term.`;
}

function short(x: number): string {
  return String(Number(x.toPrecision(4))).replace(/^-/, '−');
}
