/** Each view in words: the text alternative of a drawing, and what it says while there is nothing to draw. */
import type { CheckStatus, RunCurve, ViewData } from '../runtime/graph/view-data.ts';
import { drawable, extent } from './axes.ts';
import { formatNumber, precisionLabel } from './format.ts';
import { isDrawableField } from './paint/field.ts';
import { isDrawableHeatmap } from './paint/heatmap.ts';
import { isDrawableImage, scaleText } from './paint/image.ts';
import { isDrawableLevelSets } from './paint/level-sets.ts';
import { drawablePoints } from './paint/scatter.ts';
import { isDrawableMotion } from './paint/trajectories.ts';

export const NOTHING_FINITE = 'No finite values yet';

function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

function range(list: ArrayLike<number>): string {
  const domain = extent([list]);
  return domain ? `${formatNumber(domain[0])} to ${formatNumber(domain[1])}` : 'no finite values';
}

/** One run in words: label, status and last objective. */
export function describeRun(run: RunCurve): string {
  const objective = run.series.objective?.findLast(drawable);
  const step = run.series.iterations?.at(-1) ?? run.series.step?.at(-1);
  const parts = [run.message || statusLabel(run.status)];
  if (objective !== undefined) parts.push(`objective ${formatNumber(objective)}`);
  if (step !== undefined) parts.push(`after ${plural(step, 'iteration')}`);
  const changes = run.segments.flatMap(({ change }) => change ?? []);
  if (changes.length > 0) parts.push(`changed on the way: ${changes.slice(0, 3).join('; ')}`);
  if (run.outdated) parts.push(`outdated, ${run.outdated}`);
  if (run.alarm) parts.push(run.alarm);
  return `${run.label}: ${parts.join(', ')}`;
}

const STATUS_LABELS: Readonly<Record<RunCurve['status'], string>> = {
  idle: 'not started',
  running: 'running',
  paused: 'paused',
  converged: 'converged',
  maxSteps: 'step limit reached',
  diverged: 'diverged',
  nonfinite: 'not finite',
  cancelled: 'stopped',
  failed: 'failed',
};

export function statusLabel(status: RunCurve['status']): string {
  return STATUS_LABELS[status];
}

export const CHECK_LABELS: Readonly<Record<CheckStatus, string>> = {
  pass: 'pass',
  fail: 'fail',
  pending: 'pending',
  outdated: 'outdated',
  unavailable: 'not available',
};

/** Why there is nothing to draw, or null. */
export function emptyReason(view: ViewData): string | null {
  switch (view.kind) {
    case 'scatter':
      return drawablePoints(view) > 0 ? null : NOTHING_FINITE;
    case 'field':
      return isDrawableField(view) ? null : NOTHING_FINITE;
    case 'image':
      return isDrawableImage(view) ? null : NOTHING_FINITE;
    case 'heatmap':
      return isDrawableHeatmap(view) ? null : NOTHING_FINITE;
    case 'line': {
      const all = [...view.points, ...view.lines];
      const log = view.yScale === 'log';
      return all.some((c) => extent([c.x]) && extent([c.y], log)) ? null : NOTHING_FINITE;
    }
    case 'curves':
      if (view.runs.length === 0) return 'No runs yet';
      return view.runs.some((r) => r.series.objective?.some(drawable)) ? null : NOTHING_FINITE;
    case 'bars':
      return view.names.length > 0 && extent(view.series.map((s) => s.values))
        ? null
        : NOTHING_FINITE;
    case 'matrix':
      return view.values.length > 0 ? null : NOTHING_FINITE;
    case 'comparison':
      return view.rows.length > 0 ? null : 'No runs yet';
    case 'table':
      return view.columns.length > 0 ? null : 'No columns';
    case 'trajectories':
      return isDrawableMotion(view) ? null : NOTHING_FINITE;
    case 'level-sets':
      return isDrawableLevelSets(view) ? null : NOTHING_FINITE;
    default:
      return null;
  }
}

/** The drawing in one or two sentences. */
export function describe(view: ViewData): string {
  switch (view.kind) {
    case 'scatter': {
      const classes = view.classes?.length
        ? ` in ${plural(view.classes.length, 'class', 'classes')}: ${view.classes.slice(0, 8).join(', ')}`
        : '';
      return `Scatter plot of ${plural(drawablePoints(view), 'point')}${classes}. ${view.xLabel} from ${range(view.x)}, ${view.yLabel} from ${range(view.y)}.`;
    }
    case 'field': {
      const what = view.classIndex
        ? `Decision regions of ${plural(view.classes.length, 'class', 'classes')} (${view.classes.slice(0, 8).join(', ')})`
        : `Scalar field with values from ${range(view.values ?? [])}`;
      return `${what} over ${view.points.xLabel} and ${view.points.yLabel}, with ${plural(drawablePoints(view.points), 'point')}, ${view.precision}.`;
    }
    case 'image': {
      const captions = view.panels.map((p) => p.caption).join('; ');
      return `${plural(view.panels.length, 'grey image')} of ${view.height} × ${view.width} pixels (${scaleText(view)}), ${view.precision}: ${captions}.`;
    }
    case 'heatmap': {
      const [rows, columns] = view.of ?? [view.rows, view.columns];
      const drawn = view.of ? `, of which ${view.rows} × ${view.columns} are drawn` : '';
      return `Matrix of ${rows} × ${columns} cells${drawn}, ${view.rowLabel} by ${view.columnLabel}, with values from ${range(view.values)}, ${view.precision}.`;
    }
    case 'line': {
      const lines = view.lines.map((l) => `${l.label} (${range(l.y)})`).join('; ');
      const points = view.points
        .map((p) => `${plural(p.x.length, 'point')} of ${p.label}`)
        .join('; ');
      const scale = view.yScale === 'log' ? ' (logarithmic)' : '';
      return `${view.yLabel}${scale} against ${view.xLabel}. ${[points, lines].filter(Boolean).join('. Lines: ')}.`;
    }
    case 'curves':
      return `Curves of ${plural(view.runs.length, 'run')}. ${view.runs.map(describeRun).join('. ')}.`;
    case 'bars': {
      const tops = view.series.map((s) => {
        let best = -1;
        for (let i = 0; i < s.values.length; i++)
          if (
            drawable(s.values[i]) &&
            (best < 0 || Math.abs(s.values[i]) > Math.abs(s.values[best]))
          )
            best = i;
        return best < 0
          ? `${s.label}: no finite values`
          : `${s.label}: largest ${view.names[best]} = ${formatNumber(s.values[best])}`;
      });
      return `Bars for ${plural(view.names.length, 'name')}, ${view.precision}. ${tops.join('. ')}.`;
    }
    case 'matrix':
      return `${view.rowLabel} by ${view.columnLabel}, ${view.rowNames.length} × ${view.columnNames.length}.${view.summary ? ` ${view.summary}.` : ''}`;
    case 'comparison':
      return `Comparison of ${plural(view.rows.length, 'run')}.`;
    case 'value':
      return view.standing?.state === 'unavailable'
        ? `${view.label}: not available, ${view.standing.reason}`
        : `${view.label}: ${formatNumber(view.value)}, ${precisionLabel(view.precision)}${view.alarm ? `, ${view.alarm}` : ''}.`;
    case 'check':
      return `${view.label}: ${CHECK_LABELS[view.status]}${view.reason ? `, ${view.reason}` : ''}.`;
    case 'table':
      return `Table of ${plural(view.totalRows, 'row')} and ${plural(view.columns.length, 'column')}.`;
    case 'trajectories':
      return `Paths of ${plural(view.points, 'point')}${view.classes?.length ? ` in ${plural(view.classes.length, 'class', 'classes')}: ${view.classes.slice(0, 8).join(', ')},` : ''} from ${view.timeLabel ?? 'time'} ${formatNumber(view.times[0])} to ${formatNumber(view.times[view.frames - 1])}, ${view.precision}. ${view.xLabel} from ${range(view.x)}, ${view.yLabel} from ${range(view.y)}.`;
    case 'level-sets': {
      const paths = view.paths.map(({ label, steps, x, y }) => {
        const last = x.length - 1;
        return `${label}: ${plural(steps[last] ?? 0, 'step')} to (${formatNumber(x[last])}, ${formatNumber(y[last])})`;
      });
      return `Level sets of the objective over ${view.xLabel} from ${range(view.xRange)} and ${view.yLabel} from ${range(view.yRange)}, with ${plural(view.paths.length, 'path')}. ${paths.join('. ')}.`;
    }
    case 'problem':
      return `Optimization problem: ${view.formula}`;
  }
}
