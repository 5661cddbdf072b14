import { ARITHMETIC } from '../../numerics/arithmetic.ts';
import type { Fingerprint } from '../graph/document.ts';
import type { ScalarValue } from '../graph/ports.ts';
import type { NodeReport } from './protocol.ts';
import type { Run } from './run.ts';

/**
 * The final numbers of an experiment; null when they do not follow from the document alone (a run not ended, done with
 * other live values, or in part on a device that was lost). With runs on several devices it names the one of least precision.
 */
export function fingerprint(
  runs: readonly Run[],
  scalars: Readonly<Record<string, ScalarValue>>,
  reports: readonly NodeReport[],
): Fingerprint | null {
  const unfinished = runs.some(
    (run) =>
      run.standing !== 'current' ||
      run.hasMoved ||
      ['idle', 'running', 'paused', 'cancelled', 'failed'].includes(run.status),
  );
  if (unfinished || reports.some((report) => report.state !== 'ready')) return null;
  const ended = runs.map((run) => run.report());
  const coarse = ended.find((report) => report.precision === 'float32') ?? ended.at(0);
  const numbers: [string, number][] = [
    ...Object.entries(scalars).map(([id, { value }]): [string, number] => [id, value]),
    ...reports.flatMap(({ nodeId, view }): [string, number][] =>
      view?.kind === 'check' ? [[nodeId, view.measured]] : [],
    ),
  ];
  return {
    device: coarse?.device ?? 'cpu64',
    precision: coarse?.precision ?? 'float64',
    arithmetic: ARITHMETIC,
    runs: Object.fromEntries(
      ended.flatMap(({ nodeId, step, objective }) =>
        objective === null ? [] : [[nodeId, { steps: step, objective }]],
      ),
    ),
    scalars: Object.fromEntries(numbers.filter(([, value]) => Number.isFinite(value))),
  };
}
