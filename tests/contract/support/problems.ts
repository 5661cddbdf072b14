/** Builds objectives and runs plans in float64, node by node, without an engine. */
import { createCpu64, executeSync } from '../../../src/lib/runtime/device/cpu64/index.ts';
import type { NodeDefinition } from '../../../src/lib/runtime/graph/node-definition.ts';
import type {
  DatasetValue,
  LiveNumbers,
  ModelValue,
  ObjectiveValue,
  RegularizerValue,
  Targets,
} from '../../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostInt, hostScalar } from '../../../src/lib/runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal } from '../../../src/lib/runtime/ir/random.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../../src/lib/runtime/ir/types.ts';
import { compilePlan, initialParameters } from '../../../src/lib/runtime/run/compile-plan.ts';
import type { CompiledPlan } from '../../../src/lib/runtime/run/compile-plan.ts';
import { batchKey, initialKey } from '../../../src/lib/runtime/run/keys.ts';
import type { RunPlan } from '../../../src/lib/runtime/run/run-value.ts';
import { simplify } from '../../../src/lib/runtime/transform/index.ts';
import { registry } from '../../../src/lib/nodes/index.ts';
import { evaluateNode } from './evaluate-node.ts';
import type { NodeCall } from './evaluate-node.ts';

export function definitionOf(type: string): NodeDefinition {
  const definition = registry.get(type);
  if (!definition) throw new Error(`no node type ${type}`);
  return definition;
}

/** Evaluates a node and takes one output; live values default to those of the inputs' objectives and its own parameters. */
async function outputOf<T>(type: string, name: string, call: NodeCall): Promise<T> {
  const evaluation = await evaluateNode(definitionOf(type), call);
  const value = evaluation.outputs?.[name];
  if (value === undefined) throw new Error(`${type} gave no ${name}`);
  return value as T;
}

export function dataset(features: HostArray, targets: Targets, name = 'test'): DatasetValue {
  const featureNames = Array.from({ length: features.shape[1] }, (_, j) => `x${j}`);
  return { kind: 'dataset', name, features, featureNames, targets };
}

export const values = (data: ArrayLike<number>): Targets => ({
  kind: 'values',
  name: 'y',
  values: hostFloat(data),
});

export const labels = (data: ArrayLike<number>, classes: number): Targets => ({
  kind: 'labels',
  name: 'class',
  labels: hostInt(data),
  classes: Array.from({ length: classes }, (_, k) => `c${k}`),
});

/** Gaussian features [n, d] with values from a random linear model and noise. */
export function gaussianRegression(n: number, d: number, seed: number): DatasetValue {
  const key = hostKey(seed);
  const x = hostNormal(hostFoldIn(key, 1), n * d);
  const w = hostNormal(hostFoldIn(key, 2), d);
  const noise = hostNormal(hostFoldIn(key, 3), n);
  const y = Float64Array.from({ length: n }, (_, i) => {
    let total = 0.5 + 0.3 * noise[i];
    for (let j = 0; j < d; j++) total += x[i * d + j] * w[j];
    return total;
  });
  return dataset(hostFloat(x, [n, d]), values(y));
}

/** Gaussian features [n, d] with noisy classes by the largest of random linear scores. */
export function gaussianClasses(n: number, d: number, k: number, seed: number): DatasetValue {
  const key = hostKey(seed);
  const x = hostNormal(hostFoldIn(key, 1), n * d);
  const w = hostNormal(hostFoldIn(key, 2), d * k);
  const noise = hostNormal(hostFoldIn(key, 3), n * k);
  const y = Int32Array.from({ length: n }, (_, i) => {
    const scores = Array.from({ length: k }, (_, c) => {
      let total = noise[i * k + c];
      for (let j = 0; j < d; j++) total += x[i * d + j] * w[j * k + c];
      return total;
    });
    return scores.indexOf(Math.max(...scores));
  });
  return dataset(hostFloat(x, [n, d]), labels(y, k));
}

/** Two levels on n places with Gaussian noise, as a signal. */
export function noisySignal(n: number, seed = 7): DatasetValue {
  const noise = hostNormal(hostKey(seed), n);
  const truth = Float64Array.from({ length: n }, (_, i) => (2 * i < n ? 0 : 1));
  const places = hostFloat(
    truth.map((_, i) => i),
    [n, 1],
  );
  const noisy = values(truth.map((x, i) => x + 0.3 * noise[i]));
  return { ...dataset(places, noisy, 'signal'), grid: { shape: [n], truth: hostFloat(truth) } };
}

/** A shipped table, last column the target, features standardized to unit variance. */
export async function shipped(name: string): Promise<DatasetValue> {
  const data = await outputOf<DatasetValue>('data/table', 'dataset', {
    params: { table: { source: 'builtin', name } },
  });
  return outputOf<DatasetValue>('data/standardize', 'data', { inputs: { data } });
}

export const model = (type: string, data: DatasetValue, params: NodeCall['params'] = {}) =>
  outputOf<ModelValue>(type, 'model', { params, inputs: { data } });

/** `nodeId` makes the keys of its live parameters. */
export const regularizer = (type: string, params: NodeCall['params'] = {}, nodeId = 'reg') =>
  outputOf<RegularizerValue>(type, 'regularizer', { params, nodeId });

export const liveOf = (refs: readonly { key: string; value: number }[]): LiveNumbers =>
  Object.fromEntries(refs.map(({ key, value }) => [key, value]));

export const loss = (
  type: string,
  modelValue: ModelValue,
  regularizers: readonly RegularizerValue[] = [],
  params: NodeCall['params'] = {},
) =>
  outputOf<ObjectiveValue>(type, 'objective', {
    params,
    inputs: { model: modelValue, regularizer: regularizers },
    liveValues: liveOf(regularizers.flatMap((g) => g.live)),
  });

export const quadratic = (params: NodeCall['params'] = {}, seed = 0) =>
  outputOf<ObjectiveValue>('loss/quadratic', 'objective', { params, seed });

export const plan = (type: string, objective: ObjectiveValue, params: NodeCall['params'] = {}) =>
  outputOf<RunPlan>(type, 'run', {
    params,
    inputs: { objective },
    liveValues: liveOf(objective.live),
    nodeId: 'opt',
  });

/** Calls a traced function of points with host arrays. */
export function evaluateAt(
  objective: ObjectiveValue,
  x: readonly HostArray[],
  fn: (x: Value[], data: Value[], live: Readonly<Record<string, Value>>) => Value[],
  live: LiveNumbers = liveOf(objective.live),
): HostArray[] {
  const keys = Object.keys(live);
  const inputs = [...x, ...objective.data, ...keys.map((key) => hostScalar(live[key]))];
  const program = trace((...all) => {
    const rest = all.slice(x.length);
    const named = Object.fromEntries(keys.map((key, i) => [key, rest[objective.data.length + i]]));
    return fn(all.slice(0, x.length), rest.slice(0, objective.data.length), named);
  }, inputs);
  return executeSync(simplify(program), inputs);
}

export interface Trajectory {
  readonly compiled: CompiledPlan;
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly parameters: readonly HostArray[];
  readonly state: readonly HostArray[];
}

/** Runs a plan for a number of steps in float64 with the keys the engine gives it. */
export async function run(
  runPlan: RunPlan,
  steps: number,
  { seed = 0, every = 1, live }: { seed?: number; every?: number; live?: LiveNumbers } = {},
): Promise<Trajectory> {
  const compiled = compilePlan(runPlan, {
    x0: initialParameters(runPlan, initialKey(seed)),
    key: batchKey(seed),
    ...(live ? { liveValues: live } : {}),
  });
  const stepper = await createCpu64().createStepper(compiled.spec);
  const rows = await stepper.advance(steps, every);
  const state = await stepper.readState();
  const width = compiled.columns.length + compiled.pathWidth;
  const columns = Object.fromEntries(
    compiled.columns.map((name, j) => [name, rows.steps.map((_, i) => rows.values[i * width + j])]),
  );
  return {
    compiled,
    columns: { ...columns, step: rows.steps },
    parameters: compiled.parameters(state),
    state,
  };
}

export const last = (column: readonly number[]): number => column[column.length - 1];

export function distance(x: readonly HostArray[], y: readonly HostArray[]): number {
  let squares = 0;
  x.forEach(({ data }, i) => {
    for (let j = 0; j < data.length; j++) squares += (data[j] - y[i].data[j]) ** 2;
  });
  return Math.sqrt(squares);
}

export const largestDifference = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  if (x.length !== y.length) throw new Error(`lengths ${x.length} and ${y.length} differ`);
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i] - y[i]));
  return most;
};
