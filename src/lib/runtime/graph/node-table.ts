/** Numbers as columns with all their digits, for files: what a node gives itself, or what its picture is drawn from. */
import type { DatasetValue, Targets } from './ports.ts';
import type { LevelSetsView, ScatterView, ValueView, ViewData } from './view-data.ts';

export type Cell = string | number | null;

/** Columns of one length. */
export interface NodeTable {
  readonly columns: readonly { readonly name: string; readonly values: readonly Cell[] }[];
}

type Row = readonly Cell[];

function fromRows(names: readonly string[], rows: readonly Row[]): NodeTable {
  return { columns: names.map((name, j) => ({ name, values: rows.map((row) => row[j] ?? null) })) };
}

/** The numbers that a picture is drawn from; null for curves and comparisons, which have files of their own, and for formulas. */
export function viewTable(view: ViewData): NodeTable | null {
  switch (view.kind) {
    case 'scatter':
      return scatterTable(view);
    case 'field':
      return fromRows(
        [view.points.xLabel, view.points.yLabel, view.values ? 'value' : 'class', 'confidence'],
        grid(view).map(([x, y], k) => [
          x,
          y,
          view.values?.[k] ?? view.classes[view.classIndex?.[k] ?? -1] ?? null,
          view.confidence?.[k] ?? null,
        ]),
      );
    case 'image':
      return fromRows(
        ['row', 'column', ...view.panels.map(({ caption }) => caption)],
        Array.from({ length: view.height * view.width }, (_, k) => [
          Math.floor(k / view.width),
          k % view.width,
          ...view.panels.map(({ values }) => values[k]),
        ]),
      );
    case 'heatmap':
      return fromRows(
        [view.rowLabel, view.columnLabel, 'value'],
        Array.from(view.values, (value, k) => [
          Math.floor(k / view.columns),
          k % view.columns,
          value,
        ]),
      );
    case 'line':
      return fromRows(
        ['series', view.xLabel, view.yLabel],
        [...view.points, ...view.lines].flatMap(({ x, y, label }) =>
          Array.from(x, (value, i) => [label, value, y[i]]),
        ),
      );
    case 'bars':
      return fromRows(
        ['name', ...view.series.map(({ label }) => label)],
        view.names.map((name, j) => [name, ...view.series.map(({ values }) => values[j])]),
      );
    case 'matrix':
      return fromRows(
        [view.rowLabel, view.columnLabel, 'value'],
        Array.from(view.values, (value, k) => [
          view.rowNames[Math.floor(k / view.columnNames.length)],
          view.columnNames[k % view.columnNames.length],
          value,
        ]),
      );
    case 'value':
      return fromRows(
        [view.label, 'precision', 'standing', 'remark'],
        [[view.value, view.precision, view.standing?.state ?? 'final', valueRemark(view)]],
      );
    case 'check':
      return fromRows(
        ['check', 'status', 'measured', 'expected', 'deviation', 'precision', 'remark'],
        [
          [
            view.label,
            view.status,
            view.measured,
            view.expected,
            view.deviation,
            view.precision,
            view.reason ?? '',
          ],
        ],
      );
    case 'table':
      return fromRows(view.columns, view.rows);
    case 'trajectories':
      return fromRows(
        [view.timeLabel ?? 't', 'point', view.xLabel, view.yLabel],
        Array.from({ length: view.frames * view.points }, (_, k) => [
          view.times[Math.floor(k / view.points)],
          k % view.points,
          view.x[k],
          view.y[k],
        ]),
      );
    case 'level-sets':
      return levelSetsTable(view);
    case 'curves':
    case 'comparison':
    case 'problem':
      return null;
  }
}

function valueRemark({ standing, alarm }: ValueView): string {
  return alarm ?? (standing && standing.state !== 'final' ? standing.reason : '');
}

/** The samples with their targets. */
export function datasetTable({ features, featureNames, targets }: DatasetValue): NodeTable {
  const [rows, width] = features.shape;
  const column = (j: number) =>
    Array.from({ length: rows }, (_, i) => features.data[i * width + j]);
  return {
    columns: [
      ...featureNames.map((name, j) => ({ name, values: column(j) })),
      ...(targets.kind === 'none' ? [] : [{ name: targets.name, values: targetCells(targets) }]),
    ],
  };
}

function targetCells(targets: Exclude<Targets, { kind: 'none' }>): Cell[] {
  return targets.kind === 'values'
    ? Array.from(targets.values.data)
    : Array.from(targets.labels.data, (label) => targets.classes[label]);
}

function scatterTable({ x, y, xLabel, yLabel, classes, labels }: ScatterView): NodeTable {
  const named = classes && labels;
  return fromRows(
    [xLabel, yLabel, ...(named ? ['class'] : [])],
    Array.from(x, (value, i) => [value, y[i], ...(named ? [classes[labels[i]]] : [])]),
  );
}

/** Heights on the grid, then the iterates of the runs: `run` is empty for the grid. */
function levelSetsTable(view: LevelSetsView): NodeTable {
  return fromRows(
    ['run', 'step', view.xLabel, view.yLabel, `f − ${view.reference.label}`, 'off the plane'],
    [
      ...grid(view).map(([x, y], k): Row => ['', null, x, y, view.heights[k], 0]),
      ...view.paths.flatMap(({ label, steps, x, y, off }) =>
        steps.map((step, i): Row => [label, step, x[i], y[i], null, off[i]]),
      ),
    ],
  );
}

interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
}

/** Its points, row by row from the smallest y. */
function grid({ columns, rows, xRange, yRange }: Grid): [number, number][] {
  const at = ([low, high]: readonly [number, number], i: number, count: number) =>
    count > 1 ? low + ((high - low) * i) / (count - 1) : low;
  return Array.from({ length: rows * columns }, (_, k) => [
    at(xRange, k % columns, columns),
    at(yRange, Math.floor(k / columns), rows),
  ]);
}
