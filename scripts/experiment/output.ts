/** What the runner prints and writes. */
import type { HeadlessResult } from '../../src/lib/runtime/run/headless.ts';
import type { RunReport } from '../../src/lib/runtime/run/protocol.ts';

export function comparisonTable({ runs, reports }: HeadlessResult): string {
  const header = ['Run', 'Status', 'Steps', 'Objective', 'f − f*', 'Residual', 'Seconds', 'Device'];
  const rows = runs.map((run) => {
    const report = reports.find((other) => other.nodeId === run.nodeId);
    const objective = report?.objective ?? NaN;
    const residual = run.series.residual?.at(-1);
    return [
      run.plan.label,
      run.status,
      String(run.step),
      number(objective, 12),
      run.certificate ? number(objective - run.certificate.value, 3) : '',
      residual === undefined ? '' : number(residual, 3),
      (report?.seconds ?? 0).toFixed(2),
      `${run.device} (${run.precision})`,
    ];
  });
  return aligned([header, ...rows], new Set([2, 3, 4, 5, 6]));
}

export function checkLines({ checks }: HeadlessResult): string[] {
  return Object.values(checks).map(
    ({ status, label, measured, expected, precision }) =>
      `${status.toUpperCase().padEnd(7)} ${label}: ${number(measured, 10)} ${expected} (${precision})`,
  );
}

/** Nodes that could not be evaluated; those that only wait for others are left out. */
export function errorLines({ nodes }: HeadlessResult): string[] {
  return nodes.flatMap(({ nodeId, error }) =>
    error && error.code !== 'upstream' ? [`ERROR   ${nodeId}: ${error.message}`] : [],
  );
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
  const { document, runs, reports, scalars, checks, nodes, fingerprint, device } = result;
  return JSON.stringify(
    {
      title: document.title,
      seed: document.seed,
      device: device && { choice: device.choice, description: device.description },
      runs: runs.map((run) => ({
        ...reports.find((report) => report.nodeId === run.nodeId),
        label: run.plan.label,
        certificate: run.certificate && {
          value: run.certificate.value,
          gap: run.certificate.gap,
          method: run.certificate.method,
        },
        parameters: run.parameters.map(({ shape, data }) => ({ shape, data: [...data] })),
        series: run.series,
      })),
      scalars: Object.fromEntries(
        Object.entries(scalars).map(([id, { label, value, precision }]) => [
          id,
          { label, value, precision },
        ]),
      ),
      checks,
      errors: nodes.flatMap(({ nodeId, error }) => (error ? [{ nodeId, ...error }] : [])),
      fingerprint,
    },
    null,
    2,
  );
}

/** A row for each measured step of each run. */
export function resultsCsv({ runs }: HeadlessResult): string {
  const columns = [...new Set(runs.flatMap((run) => Object.keys(run.series)))];
  const lines = runs.flatMap((run) =>
    run.series.step.map((_, row) =>
      [
        quoted(run.nodeId),
        quoted(run.plan.label),
        run.device,
        ...columns.map((column) => run.series[column]?.[row] ?? ''),
      ].join(','),
    ),
  );
  return [['node', 'label', 'device', ...columns].join(','), ...lines, ''].join('\n');
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
