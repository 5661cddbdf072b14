import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { RunCurve } from '../../runtime/graph/view-data.ts';
import { alarmOf, valued } from '../../runtime/run/optimality.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { changeText } from '../../runtime/run/segments.ts';
import { isBound, theoreticalBound } from '../shared/runs.ts';
import { hasEnded, remarkOf, standingOf } from '../shared/standing.ts';

/** The measured series of runs side by side, with f* and the theoretical bound on f(x_k) − f* where they are known. */
export default defineNode({
  type: 'view/loss-curves',
  version: 1,
  family: 'view',
  title: 'Loss curves',
  summary: 'The objective of each run against iterations, oracle calls, epochs or seconds.',
  formula: String.raw`k \mapsto f(x_k),\qquad k \mapsto f(x_k) - f^*`,
  description: [
    'f* comes from a certificate (a closed form, or a float64 solve with a duality gap), never from the best curve shown. A dashed line is the bound that theory guarantees for that run. Where live values were changed on the way, each stretch is measured against the f* of its own values, a thin line marks the change, and there is no bound, for theory means one set of values from the start.',
  ],
  keywords: ['plot', 'convergence', 'race', 'chart', 'suboptimality', 'rate'],
  references: [
    {
      text: 'Nesterov, Lectures on Convex Optimization, 2nd ed., Springer 2018, ch. 2',
      url: 'https://doi.org/10.1007/978-3-319-91578-4',
    },
  ],
  params: {
    column: {
      kind: 'choice',
      label: 'Show first',
      help: 'On a logarithmic axis; the panel offers every other.',
      default: 'objective',
      options: [
        { value: 'objective', label: 'objective, or f − f*' },
        { value: 'infeasibility', label: 'infeasibility' },
        { value: 'residual', label: 'residual' },
      ],
    },
  },
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  evaluate({ params, list }) {
    const runs = list('runs', 'run').map(curveOf);
    return {
      view: {
        kind: 'curves',
        runs,
        ...(params.column !== 'objective' && { column: params.column }),
      },
      status: `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { column: 'infeasibility' }],
    invalid: [{ params: { axis: 'log' }, message: /axis/ }],
  },
});

function curveOf(run: RunValue): RunCurve {
  const segments = valued(run);
  const theory = theoreticalBound(run);
  const alarm = alarmOf(run.series, segments, run.precision);
  const outdated = hasEnded(run) && run.standing === 'outdated';
  return {
    nodeId: run.nodeId,
    label: run.plan.label,
    status: run.status,
    message: run.message,
    device: run.device,
    precision: run.precision,
    series: run.series,
    segments: segments.map((segment, i) => {
      const { certificate } = run.segments[i];
      return {
        ...segment,
        ...(i > 0 && { change: changeText(run.changes[i - 1].changes) }),
        ...(certificate.state === 'unavailable' && { reason: certificate.reason }),
      };
    }),
    theory: isBound(theory) && theory.bound.some(Number.isFinite) ? theory : null,
    ...(!isBound(theory) && theory.state === 'changed' && { noTheory: theory.reason }),
    ...(outdated && { outdated: remarkOf(standingOf(run)) }),
    ...(alarm !== null && { alarm }),
  };
}
