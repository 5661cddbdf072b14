/** The stopping rules, applied to rows of metrics in the order of their steps. */
import type { RunPlan, RunStatus } from './run-value.ts';

/** A run has diverged when its objective rose above the initial one by this many times max(1, |f(x₀)|). */
export const DIVERGENCE_FACTOR = 1e6;

export interface Measured {
  readonly step: number;
  readonly objective: number;
  readonly dataTerm: number;
  /** Undefined where the plan has none. */
  readonly residual: number | undefined;
}

export interface Outcome {
  readonly status: Extract<RunStatus, 'converged' | 'diverged' | 'nonfinite' | 'maxSteps'>;
  readonly message: string;
  /** The step at which the run ends; its state and curve are brought back to it. */
  readonly step: number;
}

/**
 * @param first the initial objective
 * @param previous the last measured step before this row, at which everything was finite
 */
export function judge(
  row: Measured,
  first: number,
  previous: number,
  { tolerance, remedy }: Pick<RunPlan, 'tolerance' | 'remedy'>,
): Outcome | null {
  const values = [
    row.objective,
    row.dataTerm,
    ...(row.residual === undefined ? [] : [row.residual]),
  ];
  if (!values.every(Number.isFinite))
    return {
      status: 'nonfinite',
      step: previous,
      message:
        row.step === 0
          ? 'not finite at the initial parameters. Check the data and the initialisation.'
          : `not finite at step ${row.step}; shown as of step ${previous}. ${remedy}`,
    };
  if (row.objective > first + DIVERGENCE_FACTOR * Math.max(1, Math.abs(first)))
    return {
      status: 'diverged',
      step: row.step,
      message: `diverged at step ${row.step}: the objective rose from ${brief(first)} to ${brief(row.objective)}. ${remedy}`,
    };
  if (tolerance > 0 && row.residual !== undefined && row.residual <= tolerance)
    return {
      status: 'converged',
      step: row.step,
      message: `converged at step ${row.step}: residual ${brief(row.residual)} ≤ ${brief(tolerance)}.`,
    };
  return null;
}

function brief(x: number): string {
  return String(Number(x.toPrecision(3)));
}
