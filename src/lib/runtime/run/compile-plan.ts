/** Turns a run plan (traced functions) into the programs that a device steps and measures. */
import { executeSync } from '../device/cpu64/index.ts';
import type { StepperSpec } from '../device/device.ts';
import type { LiveRef, LiveValues, ObjectiveValue } from '../graph/ports.ts';
import { estimate } from '../ir/estimate.ts';
import { hostInt, hostScalar } from '../ir/host.ts';
import { add, concat, flatten } from '../ir/ops.ts';
import { sizeOf } from '../ir/shape.ts';
import { trace } from '../ir/trace.ts';
import type { ArrayType, HostArray, Program, Value } from '../ir/types.ts';
import { simplify } from '../transform/index.ts';
import type { HostKey } from './keys.ts';
import { pathWidth } from './path.ts';
import { ORACLES } from './run-value.ts';
import type { RunPlan } from './run-value.ts';
import { paceOf } from './series.ts';

/** A plan as programs, none of which has run: what it takes is known by them. */
export interface TracedPlan {
  readonly plan: RunPlan;
  /** Key [2] to the initial parameters. */
  readonly start: Program;
  /** Parameters, key, data and live values to the initial state. */
  readonly init: Program;
  /** State, data and live values to the next state. */
  readonly step: Program;
  /** The same inputs to the metrics, and the iterate where a path is kept. */
  readonly metrics: Program;
  /** A state to the iterate within. */
  readonly parameters: Program;
  /** Names of the scalar metrics, in the order of the outputs of `metrics`. */
  readonly columns: readonly string[];
  /** Numbers of the iterate that follow them in each row; 0 where no path is kept. */
  readonly pathWidth: number;
  readonly liveKeys: readonly string[];
  readonly data: readonly HostArray[];
  /** Steps between measurements at the beginning; see `series.ts`. */
  readonly pace: number;
}

export interface PlanInputs {
  /** Initial parameters in the order of `objective.variables`. */
  readonly x0: readonly HostArray[];
  /** The plan's own stream: `batchKey(seed)`. */
  readonly key: HostKey;
  /** @default plan.objective.data */
  readonly data?: readonly HostArray[];
  /** @default the keys of `liveRefs(plan)` */
  readonly liveKeys?: readonly string[];
  /** By key. @default the values of `liveRefs(plan)` */
  readonly liveValues?: Readonly<Record<string, number>>;
}

export interface CompiledPlan {
  readonly plan: RunPlan;
  readonly traced: TracedPlan;
  /** From the initial state at the given live values. */
  readonly spec: StepperSpec;
  /** Names of the scalar metrics, in the order of the outputs of `spec.metrics`. */
  readonly columns: readonly string[];
  /** Numbers of the iterate that follow them in each row; 0 where no path is kept. */
  readonly pathWidth: number;
  readonly liveKeys: readonly string[];
  /** Steps between measurements at the beginning; see `series.ts`. */
  readonly pace: number;
  readonly x0: readonly HostArray[];
  /** The initial state in float64; it may depend on live values. */
  initialState(live: Readonly<Record<string, number>>): HostArray[];
  /** The iterate within a state. */
  parameters(state: readonly HostArray[]): HostArray[];
}

export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly code = 'plan';
}

/** Every live parameter that the iteration, the objective or its terms read, once each. */
export function liveRefs(plan: RunPlan): LiveRef[] {
  return unique([...plan.live, ...liveRefsOf(plan.objective)]);
}

/** Every live parameter that the value of an objective depends on. */
export function liveRefsOf(objective: ObjectiveValue): LiveRef[] {
  const composed = (objective.composed ?? []).map(({ regularizer }) => regularizer);
  const terms = [...objective.terms, ...objective.smoothTerms, ...composed];
  return unique([...objective.live, ...terms.flatMap((term) => term.live)]);
}

function unique(refs: readonly LiveRef[]): LiveRef[] {
  return [...new Map(refs.map((ref) => [ref.key, ref])).values()];
}

/** Initial parameters of an objective, computed in float64 whatever the device. */
export function initialParameters(plan: RunPlan, key: HostKey): HostArray[] {
  return executeSync(startProgram(plan), [hostInt([...key], [2])]);
}

function startProgram({ objective }: RunPlan): Program {
  return tidy(([k]) => objective.init(k), [KEY]);
}

/** @throws PlanError when the plan's functions do not fit together; errors of shapes while tracing pass through. */
export function tracePlan(
  plan: RunPlan,
  inputs: Pick<PlanInputs, 'data' | 'liveKeys'> = {},
): TracedPlan {
  const { objective } = plan;
  const liveKeys = inputs.liveKeys ?? liveRefs(plan).map((ref) => ref.key);
  const data = inputs.data ?? objective.data;
  const liveTypes = liveKeys.map(() => SCALAR);
  const named = (values: readonly Value[]): LiveValues =>
    Object.fromEntries(liveKeys.map((key, i) => [key, values[i]]));

  const start = startProgram(plan);
  const x0 = start.outputs;
  const init = tidy(
    (all) => {
      const [x, [key], arrays, live] = split(all, [x0.length, 1, data.length]);
      return plan.init(x, key, arrays, named(live));
    },
    [...x0, KEY, ...data, ...liveTypes],
  );

  const stateTypes = init.outputs.map(({ shape, dtype }): ArrayType => ({ shape, dtype }));
  const types = [...stateTypes, ...data, ...liveTypes];
  const sizes = [stateTypes.length, data.length];
  const step = tidy((all) => {
    const [state, arrays, live] = split(all, sizes);
    return plan.step(state, arrays, named(live));
  }, types);
  assertSameTypes(plan, stateTypes, step.outputs);

  const columns: string[] = [];
  const width = pathWidth(x0.reduce((total, { shape }) => total + sizeOf(shape), 0));
  const metrics = tidy((all) => {
    const [state, arrays, live] = split(all, sizes);
    const measured = measure(plan, state, arrays, named(live));
    columns.length = 0;
    columns.push(...Object.keys(measured));
    const iterate = width > 0 ? [concat(plan.parameters(state).map(flatten), 0)] : [];
    return [...Object.values(measured), ...iterate];
  }, types);
  metrics.outputs.slice(0, columns.length).forEach((output, i) => {
    if (output.dtype !== 'float' || output.shape.length > 0)
      throw new PlanError(
        `${plan.label} (${columns[i]}): expected a float scalar, got ${output.dtype} [${output.shape.join(', ')}]. Reduce it to one number.`,
      );
  });
  const parameters = tidy((state) => plan.parameters(state), stateTypes);
  const pace = paceOf(estimate(step).flops, estimate(metrics).flops);
  return {
    plan,
    start,
    init,
    step,
    metrics,
    parameters,
    columns,
    pathWidth: width,
    liveKeys,
    data,
    pace,
  };
}

/** @throws PlanError when the plan's functions do not fit together; errors of shapes while tracing pass through. */
export function compilePlan(plan: RunPlan, inputs: PlanInputs): CompiledPlan {
  return beginPlan(tracePlan(plan, inputs), inputs);
}

/** Computes the initial state of a traced plan. */
export function beginPlan(
  traced: TracedPlan,
  { x0, key, liveValues: given }: Pick<PlanInputs, 'x0' | 'key' | 'liveValues'>,
): CompiledPlan {
  const { plan, init, step, metrics, parameters, columns, pathWidth, liveKeys, data, pace } =
    traced;
  const liveValues =
    given ?? Object.fromEntries(liveRefs(plan).map(({ key, value }) => [key, value]));
  const initialState = (live: Readonly<Record<string, number>>) =>
    executeSync(init, [...x0, hostInt([...key], [2]), ...data, ...scalars(liveKeys, live)]);
  return {
    plan,
    traced,
    columns,
    pathWidth,
    liveKeys,
    pace,
    x0,
    initialState,
    parameters: (state) => executeSync(parameters, [...state]),
    spec: {
      step,
      metrics,
      data,
      state: initialState(liveValues),
      live: liveKeys.map((key) => liveValues[key]),
      verifySteps: 3,
    },
  };
}

function measure(
  plan: RunPlan,
  state: readonly Value[],
  data: readonly Value[],
  live: LiveValues,
): Record<string, Value> {
  const { objective } = plan;
  const x = plan.parameters(state);
  const { iterations, oracles } = plan.counters(state);
  const outside = infeasibility(objective, x, live);
  return {
    iterations,
    ...Object.fromEntries(ORACLES.map((name) => [name, oracles[name]])),
    objective: totalObjective(objective, x, data, live),
    dataTerm: objective.dataTerm(x, data, live),
    ...(outside && { infeasibility: outside }),
    ...(plan.residual ? { residual: plan.residual(state, data, live) } : {}),
    ...plan.extras?.(state, data, live),
  };
}

/** f + Σ g + Σ g(Kx). */
export function totalObjective(
  objective: ObjectiveValue,
  x: readonly Value[],
  data: readonly Value[],
  live: LiveValues,
): Value {
  const smoothAndTerms = objective.terms.reduce(
    (sum, term) => add(sum, term.value(x, live)),
    objective.value(x, data, live),
  );
  return (objective.composed ?? []).reduce(
    (sum, { regularizer, operator }) => add(sum, regularizer.value([operator.apply(x[0])], live)),
    smoothAndTerms,
  );
}

/** How far x is outside the sets of the constraints; null where there are none. */
export function infeasibility(
  { terms, composed = [] }: ObjectiveValue,
  x: readonly Value[],
  live: LiveValues,
): Value | null {
  const distances = [
    ...terms.flatMap(({ constraint }) => (constraint ? [constraint.distance(x, live)] : [])),
    ...composed.flatMap(({ regularizer: { constraint }, operator }) =>
      constraint ? [constraint.distance([operator.apply(x[0])], live)] : [],
    ),
  ];
  return distances.length === 0 ? null : distances.reduce((sum, distance) => add(sum, distance));
}

const KEY: ArrayType = { shape: [2], dtype: 'int' };
const SCALAR: ArrayType = { shape: [], dtype: 'float' };

function tidy(fn: (inputs: Value[]) => Value[], types: readonly ArrayType[]): Program {
  return simplify(trace((...inputs) => fn(inputs), types));
}

/** Consecutive groups of the given sizes, and the rest. */
function split(values: readonly Value[], sizes: readonly number[]): Value[][] {
  let start = 0;
  const groups = sizes.map((size) => values.slice(start, (start += size)));
  return [...groups, values.slice(start)];
}

function scalars(keys: readonly string[], live: Readonly<Record<string, number>>): HostArray[] {
  return keys.map((key) => {
    const value = live[key];
    if (value === undefined)
      throw new PlanError(`internal: expected a live value for '${key}', got none.`);
    return hostScalar(value);
  });
}

function assertSameTypes(
  plan: RunPlan,
  expected: readonly ArrayType[],
  got: readonly ArrayType[],
): void {
  const words = (types: readonly ArrayType[]) =>
    types.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`).join('; ');
  if (words(expected) !== words(got))
    throw new PlanError(
      `${plan.label} (step): expected a state of ${words(expected)}, got ${words(got)}. A step must keep the types of the state.`,
    );
}
