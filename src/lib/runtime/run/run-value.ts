import type { DeviceName, Precision } from '../device/device.ts';
import type { Certificate, LiveRef, LiveValues, ObjectiveValue } from '../graph/ports.ts';
import type { HostArray, Value } from '../ir/types.ts';
import type { ChangeOnTheWay, LiveChange, RunStanding, Segment } from './segments.ts';

export type RunStatus =
  | 'idle'
  | 'running'
  | 'paused'
  | 'converged'
  | 'maxSteps'
  | 'diverged'
  | 'nonfinite'
  | 'cancelled'
  | 'failed';

/** Work done so far, as counted by the optimizer. A pass is N per-sample gradients or values. */
export const ORACLES = ['gradients', 'values', 'prox', 'matvecs', 'passes'] as const;
export type Oracle = (typeof ORACLES)[number];

/**
 * What an optimizer node hands to the engine: an iteration written as traced functions. The loop lives in the engine.
 * State is a list of arrays of fixed shapes; it contains everything that changes (iterate, momentum, counters, keys).
 */
export interface RunPlan {
  readonly kind: 'plan';
  /** e.g. "FISTA, step 1/L". */
  readonly label: string;
  /** A sentence on what helps when a run diverges or meets numbers that are not finite; it must apply to this method and its settings. */
  readonly remedy: string;
  readonly objective: ObjectiveValue;
  readonly live: readonly LiveRef[];
  /** x0 in the order of `objective.variables`; key int [2] is this run's own stream. */
  init(x0: readonly Value[], key: Value, data: readonly Value[], live: LiveValues): Value[];
  step(state: readonly Value[], data: readonly Value[], live: LiveValues): Value[];
  /** The iterate to evaluate and to predict with. */
  parameters(state: readonly Value[]): Value[];
  /** Float scalars: iterations done and the oracle counters in the order of ORACLES. Traced from the state. */
  counters(state: readonly Value[]): { iterations: Value; oracles: Record<Oracle, Value> };
  /** Further float scalars worth a curve, e.g. stepSize, restarts. */
  extras?(state: readonly Value[], data: readonly Value[], live: LiveValues): Record<string, Value>;
  /** A float scalar that tends to 0 at a solution (gradient norm or prox-gradient residual), used by `tolerance`. */
  residual?(state: readonly Value[], data: readonly Value[], live: LiveValues): Value;
  readonly maxSteps: number;
  /** Stops as converged when the residual is at most this; 0 never. */
  readonly tolerance: number;
  /**
   * The guaranteed bound on f(x_k) − f*, given ‖x₀ − x*‖, f(x₀) − f* and the live values by key; drawn over the curve.
   * NaN where these live values void the guarantee (a constant step above 2/L).
   */
  readonly theory?: {
    readonly label: string;
    bound(k: number, distance: number, gap: number, live: Readonly<Record<string, number>>): number;
  };
}

/** Columns of a run: 'step', 'iterations', each oracle, 'seconds', 'objective', 'dataTerm', 'infeasibility' (with constraints), 'residual', extras. Equal lengths. */
export type Series = Readonly<Record<string, readonly number[]>>;

/** Iterates of a run by step: all unknowns in the order of `objective.variables`, one row for each step. */
export interface Path {
  readonly steps: readonly number[];
  readonly iterates: Float64Array;
}

/** The live result of an optimizer, as downstream nodes and the page see it. */
export interface RunValue {
  readonly kind: 'run';
  readonly nodeId: string;
  readonly plan: RunPlan;
  readonly status: RunStatus;
  /** A sentence for the person, e.g. "diverged at step 12: the objective grew 1e6-fold". */
  readonly message: string;
  readonly step: number;
  readonly parameters: readonly HostArray[];
  /** The iterate at step 0; theoretical bounds start from its distance to the minimiser. */
  readonly initialParameters: readonly HostArray[];
  readonly series: Series;
  /** The iterates on the way to `parameters`, at the steps of `run/path.ts`; absent where there are too many unknowns. */
  readonly path?: Path;
  /** Where a device was lost on the way: the one of least precision. */
  readonly device: DeviceName;
  readonly precision: Precision;
  /** At least one, the first from step 0. */
  readonly segments: readonly Segment[];
  readonly standing: RunStanding;
  /** Where live values changed on the way, by the beginnings of the later segments. */
  readonly changes: readonly ChangeOnTheWay[];
  /** Present values that its last steps were not done with; empty unless it is outdated. */
  readonly since: readonly LiveChange[];
}

/** f* at the values that the final state was computed with; null where it is not known (yet). */
export function certificateOf({ segments }: Pick<RunValue, 'segments'>): Certificate | null {
  const last = segments.at(-1)?.certificate;
  return last?.state === 'known' ? last.certificate : null;
}
