/** Curves and tables as files. Numbers are written in full: shortest text that reads back as the same double. */
import Papa from 'papaparse';
import type { NodeTable } from '../runtime/graph/node-table.ts';
import type { ComparisonView, RunCurve } from '../runtime/graph/view-data.ts';
import { suboptimalityAt } from '../runtime/run/optimality.ts';
import { isCertified, resolution, SUBOPTIMALITY } from './curves.ts';

type Cell = string | number | null;

function csv(fields: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = Papa.unparse(
    {
      fields: [...fields],
      data: rows.map((row) => row.map((cell) => (typeof cell === 'number' ? plain(cell) : cell))),
    },
    // A label that begins with =, +, - or @ is data here, and must not become a formula in a spreadsheet.
    { newline: '\r\n', escapeFormulae: /^[=+@\t\r]|^-(?![\d.]|Infinity$)/ },
  );
  return `${text}\r\n`;
}

/** Spreadsheets and pandas read these words. */
function plain(x: number): string {
  return Number.isNaN(x) ? 'NaN' : String(x);
}

/** Series columns in a fixed order: counters, seconds, measures, extras. */
function columnsOf(runs: readonly RunCurve[]): string[] {
  const first = [
    'step',
    'iterations',
    'gradients',
    'values',
    'prox',
    'matvecs',
    'passes',
    'seconds',
  ];
  const measures = ['objective', 'dataTerm', 'infeasibility', 'residual'];
  const present = new Set(runs.flatMap((run) => Object.keys(run.series)));
  const known = [...first, ...measures].filter((c) => present.has(c));
  return [...known, ...[...present].filter((c) => !known.includes(c)).sort()];
}

/**
 * One line per run and measured row; f − f* as measured, against the f* of the row's own live values, not clipped to its resolution, which has
 * its own column.
 */
export function curvesToCsv(runs: readonly RunCurve[]): string {
  const columns = columnsOf(runs);
  const certified = runs.some(isCertified);
  const fields = ['run', 'node', 'device', 'precision', 'status', ...columns];
  if (certified) fields.push(SUBOPTIMALITY, 'resolution');
  const rows: Cell[][] = [];
  for (const run of runs) {
    const length = Math.max(0, ...Object.values(run.series).map((s) => s.length));
    for (let i = 0; i < length; i++) {
      const row: Cell[] = [run.label, run.nodeId, run.device, run.precision, run.status];
      for (const column of columns) row.push(run.series[column]?.[i] ?? null);
      if (certified) {
        const found = suboptimalityAt(run.series, run.segments, run.precision, i);
        row.push(found && found.value, found && resolution(found.fStar, run.precision));
      }
      rows.push(row);
    }
  }
  return csv(fields, rows);
}

/** One line per row, all columns. */
export function tableToCsv({ columns }: NodeTable): string {
  const rows = (columns[0]?.values ?? []).map((_, i) => columns.map(({ values }) => values[i]));
  return csv(
    columns.map(({ name }) => name),
    rows,
  );
}

/** JSON has no NaN or infinities; they are written as strings. */
function json(value: unknown): string {
  const replace = (_: string, v: unknown): unknown =>
    typeof v === 'number' && !Number.isFinite(v) ? String(v) : v;
  return `${JSON.stringify(value, replace, 2)}\n`;
}

export function curvesToJson(runs: readonly RunCurve[]): string {
  return json({ format: 'adjoint-curves', version: 1, runs });
}

/** `devices` by node id fills in the device where a row does not name it. */
export function comparisonToCsv(
  view: ComparisonView,
  devices: ReadonlyMap<string, string> = new Map(),
): string {
  const header = view.columns.map((c) => (c.unit ? `${c.label} (${c.unit})` : c.label));
  const remarks = view.rows.some((row) => row.remark);
  const fields = ['run', 'node', 'device', 'precision', 'status', ...header];
  if (remarks) fields.push('remark');
  const rows = view.rows.map((row) => [
    row.label,
    row.nodeId,
    row.device ?? devices.get(row.nodeId) ?? null,
    row.precision,
    row.status,
    ...view.columns.map((c) => row.cells[c.key] ?? null),
    ...(remarks ? [row.remark?.text ?? null] : []),
  ]);
  return csv(fields, rows);
}

export function comparisonToJson(
  view: ComparisonView,
  devices: ReadonlyMap<string, string> = new Map(),
): string {
  const rows = view.rows.map((row) => ({
    ...row,
    device: row.device ?? devices.get(row.nodeId) ?? null,
  }));
  return json({ format: 'adjoint-comparison', version: 1, ...view, rows });
}

/** A file name from a title: letters and digits of any script, the rest hyphens. */
export function fileName(title: string, extension: string): string {
  const stem = title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  return `${stem || 'adjoint'}.${extension}`;
}

/** Offers a file for download. */
export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob =
    typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own handle on the data once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
