/** What a curve plot shows: columns of runs turned into points, for any choice of axes. */
import type { RunCurve } from '../runtime/graph/view-data.ts';
import { suboptimalityAt } from '../runtime/run/optimality.ts';
import type { FStar, Suboptimality } from '../runtime/run/optimality.ts';
import { formatNumber } from './format.ts';
import { drawable, extent, padDomain, padLogDomain, type Domain } from './axes.ts';

export type CurveScale = 'linear' | 'semilog' | 'loglog';

export interface CurveOptions {
  /** A column of the series: iterations, an oracle, or seconds. */
  readonly x: string;
  /** A column of the series, or SUBOPTIMALITY. */
  readonly y: string;
  readonly scale: CurveScale;
  readonly theory: boolean;
  /** Weight of the past in an exponential moving average, in [0, 1); 0 shows the numbers as they are. */
  readonly smoothing: number;
}

/** f − f*, for runs whose objective has a certificate. */
export const SUBOPTIMALITY = 'suboptimality';

export const X_AXES: readonly { readonly key: string; readonly label: string }[] = [
  { key: 'iterations', label: 'iterations' },
  { key: 'gradients', label: 'gradients' },
  { key: 'values', label: 'function values' },
  { key: 'prox', label: 'proximal steps' },
  { key: 'matvecs', label: 'matrix–vector products' },
  { key: 'passes', label: 'epochs (passes over the data)' },
  { key: 'seconds', label: 'seconds' },
];

const Y_LABELS: Readonly<Record<string, string>> = {
  objective: 'objective f',
  [SUBOPTIMALITY]: 'f − f*',
  dataTerm: 'data term',
  infeasibility: 'infeasibility',
  residual: 'residual',
};
const NOT_Y = new Set(['step', ...X_AXES.map((a) => a.key)]);

export const DEFAULT_OPTIONS: CurveOptions = {
  x: 'iterations',
  y: 'objective',
  scale: 'linear',
  theory: true,
  smoothing: 0,
};

export interface Curve {
  readonly nodeId: string;
  readonly label: string;
  readonly theory: boolean;
  /** Left its basin: on a linear axis it would flatten all others. */
  readonly diverged: boolean;
  /** Strictly increasing, finite. */
  readonly x: readonly number[];
  /** null where there is no number to draw. */
  readonly y: readonly (number | null)[];
}

/** Where a run's live values changed. */
export interface ChangeMark {
  readonly nodeId: string;
  readonly x: number;
  /** "λ 5 → 20". */
  readonly label: string;
}

export interface CurvePicture {
  readonly curves: readonly Curve[];
  readonly marks: readonly ChangeMark[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logX: boolean;
  readonly logY: boolean;
  /** null while there is nothing to draw. */
  readonly xDomain: Domain | null;
  readonly yDomain: Domain | null;
  /** What a person should know about what is not drawn. */
  readonly notes: readonly string[];
  /** Numbers that cannot be, for a person to see at once. */
  readonly alarms: readonly string[];
}

export interface Choice {
  readonly key: string;
  readonly label: string;
}

/** X axes on which at least one run makes progress; iterations always. */
export function xChoices(runs: readonly RunCurve[]): Choice[] {
  return X_AXES.filter(
    ({ key }) => key === 'iterations' || runs.some((run) => run.series[key]?.some((x) => x > 0)),
  );
}

/** Quantities that at least one run measures. */
export function yChoices(runs: readonly RunCurve[]): Choice[] {
  const keys = new Set<string>(['objective']);
  if (runs.some(isCertified)) keys.add(SUBOPTIMALITY);
  for (const key of ['dataTerm', 'residual'])
    if (runs.some((run) => run.series[key]?.some(drawable))) keys.add(key);
  for (const run of runs)
    for (const key of Object.keys(run.series))
      if (!NOT_Y.has(key) && run.series[key].some(drawable)) keys.add(key);
  return [...keys].map((key) => ({ key, label: quantityLabel(key) }));
}

export function quantityLabel(key: string): string {
  return (
    Y_LABELS[key] ??
    key.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  );
}

const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 } as const;

/** f* is known for at least a part of its steps. */
export function isCertified({ segments }: Pick<RunCurve, 'segments'>): boolean {
  return segments.some(({ fStar }) => fStar !== null);
}

/** Below this a difference f − f* is not resolved: the certificate's gap, or the rounding of f itself. */
export function resolution(fStar: FStar, precision: RunCurve['precision']): number {
  const rounding = 2 * EPSILON[precision] * Math.abs(fStar.value);
  return Math.max(fStar.gap, rounding, Number.MIN_VALUE);
}

interface Column {
  readonly values: readonly (number | null)[];
  /** Differences to f* raised to their resolution: how many, and the largest such resolution. */
  readonly clipped: number;
  readonly floor: number;
  /** Rows that are better than optimal beyond gap and rounding, and so no distance to the minimum. */
  readonly lost: readonly Suboptimality[];
}

/** Values of a column; f − f* row by row against the f* of its own values, null where that is not known. */
export function columnOf(run: RunCurve, y: string): Column {
  if (y !== SUBOPTIMALITY) return { values: run.series[y] ?? [], clipped: 0, floor: 0, lost: [] };
  let clipped = 0;
  let floor = 0;
  const lost: Suboptimality[] = [];
  const values = (run.series.objective ?? []).map((f, i) => {
    const found = suboptimalityAt(run.series, run.segments, run.precision, i);
    if (!found || !drawable(f)) return null;
    if (found.verdict !== 'sound') {
      lost.push(found);
      return null;
    }
    const least = resolution(found.fStar, run.precision);
    if (found.value >= least) return found.value;
    clipped++;
    floor = Math.max(floor, least);
    return least;
  });
  return { values, clipped, floor, lost };
}

/** Exponential moving average with bias correction; gaps stay gaps. */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let mean = 0;
  let mass = 0;
  return values.map((v) => {
    if (!drawable(v)) return null;
    mean = weight * mean + (1 - weight) * v;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}

/** Points with strictly increasing x: of several at one x (no oracle call between them) the last counts. */
function points(
  x: readonly number[],
  y: readonly (number | null)[],
  logX: boolean,
  logY: boolean,
): { x: number[]; y: (number | null)[]; left: number; hidden: number } {
  const outX: number[] = [];
  const outY: (number | null)[] = [];
  let left = 0;
  let hidden = 0;
  const n = Math.min(x.length, y.length);
  for (let i = 0; i < n; i++) {
    if (!drawable(x[i])) continue;
    if (logX && x[i] <= 0) {
      left++;
      continue;
    }
    let value = y[i];
    if (!drawable(value)) value = null;
    else if (logY && value <= 0) {
      hidden++;
      value = null;
    }
    const last = outX.length - 1;
    if (last >= 0 && x[i] < outX[last]) continue;
    if (last >= 0 && x[i] === outX[last]) outY[last] = value;
    else {
      outX.push(x[i]);
      outY.push(value);
    }
  }
  return { x: outX, y: outY, left, hidden };
}

/** The guaranteed bound of a run in the chosen coordinates; iterations are carried to another x axis by the run's own series. */
function theoryCurve(run: RunCurve, options: CurveOptions, logX: boolean): Curve | null {
  const { theory } = run;
  // A bound is of a run done with one set of values.
  const fStar = run.segments.length === 1 ? run.segments[0].fStar : null;
  if (!theory || !fStar || (options.y !== SUBOPTIMALITY && options.y !== 'objective')) return null;
  const shift = options.y === 'objective' ? fStar.value : 0;
  const iterations = run.series.iterations ?? [];
  const target = run.series[options.x] ?? [];
  const reach = iterations.at(-1) ?? 0;
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < theory.iterations.length; i++) {
    const k = theory.iterations[i];
    const bound = theory.bound[i] + shift;
    if (k > reach || !drawable(bound)) continue;
    const x = options.x === 'iterations' ? k : interpolate(iterations, target, k);
    if (x === null || (logX && x <= 0) || (xs.length && x <= xs[xs.length - 1])) continue;
    xs.push(x);
    ys.push(bound);
  }
  return { ...identity(run), label: theory.label, theory: true, x: xs, y: ys };
}

/** Index of the last element ≤ x in an increasing list, or −1. */
export function lastIndexAt(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number | null {
  const i = lastIndexAt(xs, x);
  if (i < 0 || i >= ys.length) return null;
  if (i === xs.length - 1 || i + 1 >= ys.length || xs[i + 1] === xs[i]) return ys[i];
  const t = (x - xs[i]) / (xs[i + 1] - xs[i]);
  return ys[i] + t * (ys[i + 1] - ys[i]);
}

/** The value a curve has at x: that of the last point not right of it; null before its start and after its end. */
export function valueAt(curve: Curve, x: number): number | null {
  const i = lastIndexAt(curve.x, x);
  if (i < 0 || (i === curve.x.length - 1 && x > curve.x[i])) return null;
  return curve.y[i];
}

/** Turns runs into curves, domains and notes. */
export function picture(runs: readonly RunCurve[], options: CurveOptions): CurvePicture {
  const logX = options.scale === 'loglog';
  const logY = options.scale !== 'linear';
  const curves: Curve[] = [];
  const notes: string[] = [];
  const raised = new Map<string, string[]>();
  let left = 0;
  let hidden = 0;
  for (const run of runs) {
    const { values, clipped, floor, lost } = columnOf(run, options.y);
    const smoothed = options.smoothing > 0 ? smooth(values, options.smoothing) : values;
    const p = points(run.series[options.x] ?? [], smoothed, logX, logY);
    left += p.left;
    hidden += p.hidden;
    curves.push({ ...identity(run), theory: false, x: p.x, y: p.y });
    if (clipped > 0) {
      const least = formatNumber(floor, 2);
      raised.set(least, [...(raised.get(least) ?? []), `${clipped} of ${run.label}`]);
    }
    const outside = lost.filter(({ verdict }) => verdict === 'infeasible');
    if (outside.length > 0) {
      const worst = Math.max(...outside.map(({ infeasibility }) => infeasibility));
      notes.push(
        `${run.label}: ${outside.length} values better than optimal are not drawn, for they are infeasible by up to ${formatNumber(worst, 2)}`,
      );
    }
  }
  for (const [floor, counts] of raised)
    notes.push(`values below the resolution of f*, drawn at ${floor}: ${counts.join(', ')}`);
  if (options.theory)
    for (const run of runs) {
      const curve = theoryCurve(run, options, logX);
      if (curve && curve.x.length > 1) curves.push(curve);
    }
  if (options.y === SUBOPTIMALITY) for (const run of runs) notes.push(...unknownMinima(run));
  for (const run of runs) if (run.outdated) notes.push(`${run.label}: outdated, ${run.outdated}`);
  if (options.theory)
    for (const run of runs) if (run.noTheory) notes.push(`${run.label}: no bound, ${run.noTheory}`);
  if (left) notes.push('points at x = 0 have no place on a logarithmic axis');
  if (hidden) notes.push(`${hidden} values ≤ 0 have no place on a logarithmic axis`);
  if (options.smoothing > 0) notes.push(`smoothed with weight ${options.smoothing}`);

  const measured = curves.filter((c) => !c.theory);
  const x = extent(
    measured.map((c) => c.x),
    logX,
  );
  return {
    curves,
    xLabel: X_AXES.find((a) => a.key === options.x)?.label ?? options.x,
    yLabel: quantityLabel(options.y),
    logX,
    logY,
    xDomain: x && widenPoint(x, logX),
    yDomain: yDomain(curves, logY),
    marks: runs.flatMap((run) => changeMarks(run, options.x)),
    notes,
    alarms: runs.flatMap((run) => (run.alarm ? [`${run.label}: ${run.alarm}`] : [])),
  };
}

/** Where f* is not known, and why. */
function unknownMinima(run: RunCurve): string[] {
  const open = run.segments.filter(({ fStar }) => !fStar);
  if (open.length === 0) return [];
  const where = open.length < run.segments.length ? ' for a part of its steps' : '';
  const reason = open.find((segment) => segment.reason)?.reason;
  return [
    `${run.label}: f* is not known${where}, so f − f* cannot be drawn${reason ? ` (${reason})` : ''}`,
  ];
}

/** The places of its changes on an axis: where the last step with the former values was measured. */
function changeMarks(run: RunCurve, axis: string): ChangeMark[] {
  const { step = [], [axis]: places = [] } = run.series;
  return run.segments.flatMap(({ from, change }) => {
    const row = step.findLastIndex((k) => k <= from);
    return change && row >= 0 && drawable(places[row])
      ? [{ nodeId: run.nodeId, x: places[row], label: change }]
      : [];
  });
}

function widenPoint(domain: Domain, log: boolean): Domain {
  if (domain[0] < domain[1]) return domain;
  return log ? [domain[0] / 2, domain[1] * 2] : [domain[0], domain[0] + 1];
}

function identity(run: RunCurve): Pick<Curve, 'nodeId' | 'label' | 'diverged'> {
  const diverged = run.status === 'diverged' || run.status === 'nonfinite';
  return { nodeId: run.nodeId, label: run.label, diverged };
}

/**
 * The vertical range for curves within a window of x. Bounds widen it upwards only, on a linear axis by their least value.
 * There a run that diverged counts only by its first value, where others exist: it would flatten the rest.
 */
export function yDomain(curves: readonly Curve[], logY: boolean, window?: Domain): Domain | null {
  const seen = curves.map((c) => {
    if (!window) return c.y;
    const from = Math.max(0, lastIndexAt(c.x, window[0]));
    return c.y.slice(from, lastIndexAt(c.x, window[1]) + 2);
  });
  if (logY) {
    // A bound may fall far below what rounding lets a run reach; it is followed only as far as the runs go.
    const measured = seen.filter((_, i) => !curves[i].theory);
    const domain = extent(measured, true);
    const reach = extent(seen, true);
    return domain && reach && padLogDomain([domain[0], reach[1]]);
  }
  const calm = seen.filter((_, i) => !curves[i].theory && !curves[i].diverged);
  const alone = !calm.some((y) => y.some(drawable));
  const lists = seen.map((y, i) => {
    if (curves[i].theory) {
      const bounds = extent([y]);
      return bounds ? [bounds[0]] : [];
    }
    return curves[i].diverged && !alone ? y.slice(0, 1) : y;
  });
  const domain = extent(lists);
  return domain && padDomain(domain);
}

/** Puts curves on one x axis: sorted union of all x, `undefined` where a curve has no point (it is joined across), null at gaps. */
export function align(curves: readonly Curve[]): [number[], ...(number | null | undefined)[][]] {
  const xs: number[] = [];
  const columns: (number | null | undefined)[][] = curves.map(() => []);
  const next = curves.map(() => 0);
  for (;;) {
    let x = Infinity;
    for (let c = 0; c < curves.length; c++) {
      const candidate = curves[c].x[next[c]];
      if (candidate < x) x = candidate;
    }
    if (x === Infinity) return [xs, ...columns];
    xs.push(x);
    for (let c = 0; c < curves.length; c++) {
      const here = curves[c].x[next[c]] === x;
      columns[c].push(here ? curves[c].y[next[c]] : undefined);
      if (here) next[c]++;
    }
  }
}

/** Colour index of each run: its place in the list. Given every run of the graph in the order of the graph, a run keeps its colour when others are added. */
export function runOrder(nodeIds: Iterable<string>): ReadonlyMap<string, number> {
  return new Map([...new Set(nodeIds)].map((id, i) => [id, i]));
}

/** Axes that suit the runs at hand: the column asked for, or f − f* where every run has a certificate, on a logarithmic axis. */
export function suggestedOptions(runs: readonly RunCurve[], column?: string): CurveOptions {
  if (column !== undefined && yChoices(runs).some(({ key }) => key === column))
    return { ...DEFAULT_OPTIONS, y: column, scale: 'semilog' };
  if (runs.length > 0 && runs.every(isCertified))
    return { ...DEFAULT_OPTIONS, y: SUBOPTIMALITY, scale: 'semilog' };
  const values = runs.flatMap((run) => run.series.objective ?? []);
  const domain = extent([values]);
  const decades = domain && domain[0] > 0 && domain[1] / domain[0] > 20;
  return { ...DEFAULT_OPTIONS, scale: decades ? 'semilog' : 'linear' };
}

/**
 * The runs shown after a click on one: that run alone, or all again when it was alone; with `several`, the set with that run
 * added or taken away. null shows all, and so does a set that would hold none or all.
 */
export function toggleIsolated(
  isolated: ReadonlySet<string> | null,
  all: readonly string[],
  nodeId: string,
  several: boolean,
): ReadonlySet<string> | null {
  if (!several) return isolated?.size === 1 && isolated.has(nodeId) ? null : new Set([nodeId]);
  const next = new Set(isolated ?? all);
  if (!next.delete(nodeId)) next.add(nodeId);
  return next.size === 0 || next.size === all.length ? null : next;
}
