import { add, cast, mul } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { Oracle } from '../../runtime/run/run-value.ts';

export interface Counts {
  /** int: iterations done, without refused trials. */
  readonly iterations: Value;
  /** int: gradients of f taken. */
  readonly trials: Value;
  /** Each trial ends with a prox. */
  readonly prox: boolean;
  /** Each trial evaluates f at its end. */
  readonly trialValues: boolean;
  /** Each iteration evaluates f at its end, besides. */
  readonly iterationValues?: boolean;
  /** Hessian-vector products and values of f before the first step. */
  readonly setupProducts: number;
  readonly setupValues?: number;
}

/**
 * Oracle counts of a full-batch method. The value that comes with a gradient at the same point is free in reverse mode and not
 * counted. `passes` are N per-sample gradients or values; a Hessian-vector product counts as two.
 */
export function solverCounters(counts: Counts): {
  iterations: Value;
  oracles: Record<Oracle, Value>;
} {
  const trials = cast(counts.trials, 'float');
  const iterations = cast(counts.iterations, 'float');
  const none = mul(trials, 0);
  const trialValues = counts.trialValues ? trials : none;
  const running = counts.iterationValues ? add(trialValues, iterations) : trialValues;
  const values = add(running, counts.setupValues ?? 0);
  return {
    iterations,
    oracles: {
      gradients: trials,
      values,
      prox: counts.prox ? trials : none,
      matvecs: add(none, counts.setupProducts),
      passes: add(add(trials, values), 2 * counts.setupProducts),
    },
  };
}
