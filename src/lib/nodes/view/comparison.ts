import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ComparisonView } from '../../runtime/graph/view-data.ts';
import { ORACLES } from '../../runtime/run/run-value.ts';
import type { Oracle, RunValue } from '../../runtime/run/run-value.ts';
import { brief } from '../shared/format.ts';
import { lastMeasured } from '../shared/runs.ts';

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
      { key: 'iterations', label: 'Iterations' },
      ...oracles.map((key): Column => ({ key, label: ORACLE_LABELS[key] })),
      { key: 'seconds', label: 'Seconds', unit: 's' },
      { key: 'targetIterations', label: `Iterations to f* + ${epsilon}` },
      { key: 'targetSeconds', label: `Seconds to f* + ${epsilon}`, unit: 's' },
    ];
    const certified = runs.find((run) => run.certificate !== null)?.certificate;
    const view: ComparisonView = {
      kind: 'comparison',
      columns,
      rows: runs.map((run) => ({
        nodeId: run.nodeId,
        label: run.plan.label,
        status: run.status,
        precision: run.precision,
        device: run.device,
        cells: cellsOf(run, oracles, params.target),
      })),
      ...(certified && {
        note: `f* = ${certified.value} within ${brief(certified.gap)} (${certified.method}, float64)`,
      }),
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
  const { certificate, series } = run;
  const objective = lastMeasured(run, 'objective');
  const reached =
    certificate === null
      ? -1
      : (series.objective ?? []).findIndex((f) => f - certificate.value <= target);
  return {
    objective: cell(objective),
    suboptimality: certificate === null ? null : cell(objective - certificate.value),
    iterations: cell(lastMeasured(run, 'iterations')),
    ...Object.fromEntries(oracles.map((oracle) => [oracle, cell(lastMeasured(run, oracle))])),
    seconds: cell(lastMeasured(run, 'seconds')),
    targetIterations: cell(series.iterations?.[reached]),
    targetSeconds: cell(series.seconds?.[reached]),
  };
}
