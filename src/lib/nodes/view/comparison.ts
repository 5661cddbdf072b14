import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ComparisonView } from '../../runtime/graph/view-data.ts';
import { ORACLES, certificateOf } from '../../runtime/run/run-value.ts';
import { alarmOf, suboptimalityAt, valued } from '../../runtime/run/optimality.ts';
import type { Oracle, RunValue } from '../../runtime/run/run-value.ts';
import { brief } from '../shared/format.ts';
import { lastMeasured } from '../shared/runs.ts';
import { hasEnded, remarkOf, standingOf } from '../shared/standing.ts';

type Column = ComparisonView['columns'][number];

const ORACLE_LABELS: Readonly<Record<Oracle, string>> = {
  gradients: 'Gradients',
  values: 'Values',
  prox: 'Proxes',
  matvecs: 'Matrix–vector products',
  passes: 'Passes over the data',
};

/** Final numbers of several runs in a table, with the first measured step at which f − f* ≤ ε. */
export default defineNode({
  type: 'view/comparison',
  version: 1,
  family: 'view',
  title: 'Comparison',
  summary: 'Final objective, work and time of each run, and when it reached a target accuracy.',
  formula: String.raw`k_\varepsilon = \min\{k : f(x_k) - f^* \le \varepsilon\}`,
  description: [
    'Seconds are time spent in steps; measuring is excluded. An empty cell: f* is not known, or the target was not reached.',
  ],
  keywords: ['table', 'race', 'benchmark', 'time to target', 'oracle'],
  references: [
    {
      text: 'Moreau et al., Benchopt: Reproducible, Efficient and Collaborative Optimization Benchmarks, NeurIPS 2022',
      url: 'https://arxiv.org/abs/2206.13424',
    },
  ],
  params: {
    target: {
      kind: 'number',
      label: 'Target accuracy ε',
      help: 'Of f − f*.',
      default: 1e-6,
      min: 0,
      max: 1e300,
      exclusiveMin: true,
      scale: 'log',
    },
  },
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  evaluate({ params, list }) {
    const runs = list('runs', 'run');
    const oracles = ORACLES.filter((oracle) => runs.some((run) => lastMeasured(run, oracle) > 0));
    const epsilon = brief(params.target);
    const columns: Column[] = [
      { key: 'objective', label: 'Objective f' },
      { key: 'suboptimality', label: 'f − f*' },
      ...(runs.some((run) => run.series.infeasibility)
        ? [{ key: 'infeasibility', label: 'Infeasibility' }]
        : []),
      { key: 'iterations', label: 'Iterations' },
      ...oracles.map((key): Column => ({ key, label: ORACLE_LABELS[key] })),
      { key: 'seconds', label: 'Seconds', unit: 's' },
      { key: 'targetIterations', label: `Iterations to f* + ${epsilon}` },
      { key: 'targetSeconds', label: `Seconds to f* + ${epsilon}`, unit: 's' },
    ];
    const note = minimaOf(runs);
    const view: ComparisonView = {
      kind: 'comparison',
      columns,
      rows: runs.map((run) => {
        const remark = remarkOfRun(run);
        return {
          nodeId: run.nodeId,
          label: run.plan.label,
          status: run.status,
          precision: run.precision,
          device: run.device,
          cells: cellsOf(run, oracles, params.target),
          ...(remark && { remark }),
        };
      }),
      ...(note !== '' && { note }),
    };
    return { view, status: `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}` };
  },
  migrations: {},
  fixtures: {
    valid: [{ target: 1e-12 }],
    invalid: [{ params: { target: 0 }, message: /> 0.*got 0/ }],
  },
});

function cellsOf(
  run: RunValue,
  oracles: readonly Oracle[],
  target: number,
): Record<string, number | null> {
  const cell = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value;
  const { series } = run;
  const segments = valued(run);
  const at = (row: number) => suboptimalityAt(series, segments, run.precision, row);
  const rows = series.objective ?? [];
  // Of steps done with several sets of values there is no time to a target.
  const reached =
    segments.length > 1
      ? -1
      : rows.findIndex((_, row) => {
          const found = at(row);
          return found?.verdict === 'sound' && found.value <= target;
        });
  return {
    objective: cell(lastMeasured(run, 'objective')),
    suboptimality: cell(at(rows.length - 1)?.value),
    infeasibility: cell(series.infeasibility?.at(-1)),
    iterations: cell(lastMeasured(run, 'iterations')),
    ...Object.fromEntries(oracles.map((oracle) => [oracle, cell(lastMeasured(run, oracle))])),
    seconds: cell(lastMeasured(run, 'seconds')),
    targetIterations: cell(series.iterations?.[reached]),
    targetSeconds: cell(series.seconds?.[reached]),
  };
}

function remarkOfRun(run: RunValue): ComparisonView['rows'][number]['remark'] {
  const segments = valued(run);
  const alarm = alarmOf(run.series, segments, run.precision);
  if (alarm !== null) return { tone: 'alarm', text: alarm };
  const last = suboptimalityAt(
    run.series,
    segments,
    run.precision,
    (run.series.objective?.length ?? 0) - 1,
  );
  if (last?.verdict === 'infeasible')
    return {
      tone: 'alarm',
      text: `infeasible by ${brief(last.infeasibility)}: better than optimal, so f − f* is no distance to the minimum`,
    };
  const standing = standingOf(run);
  const text = hasEnded(run) ? remarkOf(standing) : '';
  if (text === '') return undefined;
  return { tone: 'note', text: standing.state === 'outdated' ? `outdated: ${text}` : text };
}

/** Every f* that stands in the table, with the runs it is of where there are several. */
function minimaOf(runs: readonly RunValue[]): string {
  const runsBy = new Map<string, string[]>();
  for (const run of runs) {
    const known = certificateOf(run);
    const last = run.segments[run.segments.length - 1].certificate;
    const text = known
      ? `f* = ${known.value} within ${brief(known.gap)} (${known.method}, float64${known.attained === false ? '; not attained' : ''})`
      : last.state === 'unavailable'
        ? `f* is not available: ${last.reason}`
        : null;
    if (text !== null) runsBy.set(text, [...(runsBy.get(text) ?? []), run.plan.label]);
  }
  return [...runsBy]
    .map(([text, labels]) => (runsBy.size > 1 ? `${text}, of ${labels.join(', ')}` : text))
    .join('. ');
}
