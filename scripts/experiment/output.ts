/** What the runner prints and writes. */
import type { CheckView } from '../../src/lib/runtime/graph/view-data.ts';
import type { HeadlessResult } from '../../src/lib/runtime/run/headless.ts';
import { suboptimalityAt, valued } from '../../src/lib/runtime/run/optimality.ts';
import type { RunReport } from '../../src/lib/runtime/run/protocol.ts';
import { certificateOf } from '../../src/lib/runtime/run/run-value.ts';
import type { RunValue } from '../../src/lib/runtime/run/run-value.ts';

export function comparisonTable({ runs, reports }: HeadlessResult): string {
  const constrained = runs.some((run) => run.series.infeasibility);
  const header = [
    'Run',
    'Status',
    'Steps',
    'Objective',
    'f − f*',
    ...(constrained ? ['Infeasibility'] : []),
    'Residual',
    'Seconds',
    'Device',
  ];
  const rows = runs.map((run) => {
    const report = reports.find((other) => other.nodeId === run.nodeId);
    const objective = report?.objective ?? NaN;
    const residual = run.series.residual?.at(-1);
    const infeasibility = run.series.infeasibility?.at(-1);
    const excess = excessOf(run);
    return [
      run.plan.label,
      run.status,
      String(run.step),
      number(objective, 12),
      excess === null ? '' : number(excess, 3),
      ...(constrained ? [infeasibility === undefined ? '' : number(infeasibility, 3)] : []),
      residual === undefined ? '' : number(residual, 3),
      (report?.seconds ?? 0).toFixed(2),
      `${run.device} (${run.precision})`,
    ];
  });
  const numbers = header.flatMap((name, i) => (i < 2 || name === 'Device' ? [] : [i]));
  return aligned([header, ...rows], new Set(numbers));
}

/** f − f* of the last measured row; null where f* is not known. */
function excessOf(run: RunValue): number | null {
  const last = (run.series.objective?.length ?? 0) - 1;
  return suboptimalityAt(run.series, valued(run), run.precision, last)?.value ?? null;
}

/** What stands against the numbers of the runs: an f* that could not be had, an f − f* that cannot be. */
export function runLines({ runs, reports }: HeadlessResult): string[] {
  const lines = runs.flatMap((run) => {
    const { certificate } = run.segments[run.segments.length - 1];
    const { alarm = null, shortfall = null } =
      reports.find((report) => report.nodeId === run.nodeId) ?? {};
    return [
      ...(certificate.state === 'unavailable'
        ? [`NO f*   ${run.plan.objective.title}: ${certificate.reason}`]
        : []),
      ...(certificate.state === 'known' && certificate.certificate.attained === false
        ? [
            `NOTE    ${run.plan.objective.title}: f* is not attained, so there is no minimiser. ${certificate.certificate.reason ?? ''}`.trim(),
          ]
        : []),
      ...(alarm ? [`ALARM   ${run.plan.label}: ${alarm}`] : []),
      ...(shortfall ? [`NOTE    ${run.plan.label}: ${shortfall}`] : []),
    ];
  });
  return [...new Set(lines)];
}

const STATUS_WORDS: Readonly<Record<CheckView['status'], string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  pending: 'PENDING',
  outdated: 'OUTDATED',
  unavailable: 'NOT AVAILABLE',
};

export function checkLines({ checks }: HeadlessResult): string[] {
  return Object.values(checks).map(
    ({ status, label, measured, expected, precision, reason }) =>
      `${STATUS_WORDS[status].padEnd(7)} ${label}: ${number(measured, 10)} ${expected} (${precision})${reason ? `, ${reason}` : ''}`,
  );
}

/** Numbers that could not be had, by the node that should have measured them. */
export function missingLines({ scalars }: HeadlessResult): string[] {
  return Object.entries(scalars).flatMap(([key, { label, standing }]) =>
    standing?.state === 'unavailable'
      ? [`NOT AVAILABLE ${key} (${label}): ${standing.reason}`]
      : [],
  );
}

/** What nodes that work all the same want a person to know. */
export function noteLines({ nodes }: HeadlessResult): string[] {
  return nodes.flatMap(({ nodeId, notes = [] }) =>
    notes.map(({ text, insert }) =>
      ['NOTE   ', `${nodeId}: ${text}`, ...(insert ? [`Put ${insert.label} before it.`] : [])].join(
        ' ',
      ),
    ),
  );
}

/** Nodes that could not be evaluated; those that only wait for others are left out. */
export function errorLines({ nodes }: HeadlessResult): string[] {
  return nodes.flatMap(({ nodeId, error, state }) => {
    if (!error || error.code === 'upstream') return [];
    if (state === 'held')
      return [`HELD    ${nodeId}: ${error.message} Pass --allow-heavy to evaluate it.`];
    return [`ERROR   ${nodeId}: ${error.message}`];
  });
}

/** One line: share of all steps done, and the run that is furthest behind. */
export function progressLine(reports: readonly RunReport[], width = 30): string {
  const total = reports.reduce((sum, report) => sum + report.maxSteps, 0);
  const done = reports.reduce(
    (sum, { status, step, maxSteps }) =>
      sum + (['idle', 'running', 'paused'].includes(status) ? step : maxSteps),
    0,
  );
  const share = total > 0 ? done / total : 0;
  const filled = Math.round(share * width);
  const running = reports.filter((report) => report.status === 'running');
  const names = running.map(({ label, step }) => `${label} ${step}`).join(', ');
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${Math.round(100 * share)} % ${names}`;
}

export function resultsJson(result: HeadlessResult): string {
  const { document, runs, reports, scalars, checks, nodes, numbers, fingerprint, device } = result;
  return JSON.stringify(
    {
      title: document.title,
      seed: document.seed,
      device: device && { choice: device.choice, description: device.description },
      runs: runs.map((run) => ({
        ...reports.find((report) => report.nodeId === run.nodeId),
        label: run.plan.label,
        certificate: certificateJson(run),
        suboptimality: excessOf(run),
        parameters: run.parameters.map(({ shape, data }) => ({ shape, data: [...data] })),
        series: run.series,
      })),
      scalars: Object.fromEntries(
        Object.entries(scalars).map(
          ([key, { label, value, precision, standing, excess, alarm }]) => [
            key,
            {
              label,
              value,
              precision,
              ...standing,
              ...excess,
              ...(alarm === undefined ? {} : { alarm }),
            },
          ],
        ),
      ),
      checks,
      numbers: Object.fromEntries(
        Object.entries(numbers).map(([id, { columns }]) => [
          id,
          columns.map(({ name, values }) => ({ name, values })),
        ]),
      ),
      notes: nodes.flatMap(({ nodeId, notes = [] }) => notes.map(({ text }) => ({ nodeId, text }))),
      errors: nodes.flatMap(({ nodeId, error }) => (error ? [{ nodeId, ...error }] : [])),
      fingerprint,
    },
    null,
    2,
  );
}

function certificateJson(run: RunValue): unknown {
  const certificate = certificateOf(run);
  const { certificate: known } = run.segments[run.segments.length - 1];
  if (!certificate) return known.state === 'unavailable' ? { reason: known.reason } : null;
  const { value, gap, method, attained = true } = certificate;
  return { value, gap, method, attained };
}

/** A row for each measured step of each run, then one for each scalar, named `node.port`, with its number in the column `value`. */
export function resultsCsv({ runs, scalars }: HeadlessResult): string {
  const columns = [...new Set(runs.flatMap((run) => Object.keys(run.series)))];
  const lines = runs.flatMap((run) =>
    run.series.step.map((_, row) =>
      [
        quoted(run.nodeId),
        quoted(run.plan.label),
        run.device,
        ...columns.map((column) => run.series[column]?.[row] ?? ''),
        '',
      ].join(','),
    ),
  );
  const numbers = Object.entries(scalars).map(([key, { label, value }]) =>
    [quoted(key), quoted(label), '', ...columns.map(() => ''), value].join(','),
  );
  const header = ['node', 'label', 'device', ...columns, 'value'].join(',');
  return [header, ...lines, ...numbers, ''].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function number(x: number, digits: number): string {
  return Number.isFinite(x) ? x.toPrecision(digits) : String(x);
}

function aligned(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
