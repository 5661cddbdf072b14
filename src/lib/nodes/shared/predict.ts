import * as elementary from '../../numerics/elementary/index.ts';
import type { EvaluateContext, ParamTable } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, ModelValue, Targets } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { HostArray, Program } from '../../runtime/ir/types.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { alignTo, describeTargets } from './align.ts';
import { featureCount } from './dataset.ts';

/** Programs by model and number of samples: a running model is predicted with several times a second. */
const programs = new WeakMap<ModelValue, Map<number, Program>>();

function program(model: ModelValue, samples: number): Program {
  let bySamples = programs.get(model);
  if (bySamples === undefined) programs.set(model, (bySamples = new Map<number, Program>()));
  let found = bySamples.get(samples);
  if (found === undefined) {
    const x = { shape: [samples, featureCount(model.dataset)], dtype: 'float' as const };
    const parameters = model.parameters.map(({ shape }) => ({ shape, dtype: 'float' as const }));
    found = trace(
      (...values) => [model.apply(values.slice(0, -1), values[values.length - 1])],
      [...parameters, x],
    );
    bySamples.set(samples, found);
  }
  return found;
}

type Context = Pick<EvaluateContext<ParamTable>, 'cpu64' | 'optional'>;

/** The outputs of the run's model at its present parameters, in float64: features [N, D] → float [N, K], row-major. */
export async function predict(
  context: Pick<Context, 'cpu64'>,
  run: RunValue,
  model: ModelValue,
  features: HostArray,
): Promise<Float64Array> {
  const [outputs] = await context.cpu64.execute(program(model, features.shape[0]), [
    ...run.parameters,
    features,
  ]);
  return Float64Array.from(outputs.data);
}

/** The model that a run trains, or an error that names what it minimises instead. */
export function modelOf(run: RunValue, where: string): ModelValue {
  const { model, title } = run.plan.objective;
  if (model !== undefined) return model;
  throw new NodeError(
    'no-model',
    `${where} (run): expected a run that trains a model, got one on "${title}", which has none. Wire a run of a loss with a model.`,
    'run',
  );
}

/** The dataset wired in, matched by name with the training data, or the training data themselves. */
export function evaluationData(context: Context, model: ModelValue, where: string): DatasetValue {
  const data = context.optional('dataset', 'dataset') ?? model.dataset;
  return alignTo(model.dataset, data, { where, port: 'dataset' });
}

export function requireLabels(
  dataset: DatasetValue,
  where: string,
  remedy: string,
): Extract<Targets, { kind: 'labels' }> {
  if (dataset.targets.kind === 'labels') return dataset.targets;
  throw new NodeError(
    'targets',
    `${where}: expected data with classes, got ${describeTargets(dataset.targets)} in "${dataset.name}". ${remedy}`,
    'run',
  );
}

export function requireValues(
  dataset: DatasetValue,
  where: string,
  remedy: string,
): Extract<Targets, { kind: 'values' }> {
  if (dataset.targets.kind === 'values') return dataset.targets;
  throw new NodeError(
    'targets',
    `${where}: expected data with target values, got ${describeTargets(dataset.targets)} in "${dataset.name}". ${remedy}`,
    'run',
  );
}

export interface Decisions {
  /** Class index per sample. */
  readonly labels: Int32Array;
  /** Probability of that class under the softmax (of two classes: the logistic function). */
  readonly confidence: Float32Array;
}

/** Logits [N, K] → classes; one column is the logit of class 1 against class 0. */
export function decide(logits: Float64Array, columns: number): Decisions {
  const samples = logits.length / columns;
  const labels = new Int32Array(samples);
  const confidence = new Float32Array(samples);
  for (let i = 0; i < samples; i++) {
    if (columns === 1) {
      labels[i] = logits[i] > 0 ? 1 : 0;
      confidence[i] = 1 / (1 + elementary.exp(-Math.abs(logits[i])));
      continue;
    }
    const row = logits.subarray(i * columns, (i + 1) * columns);
    let best = 0;
    for (let k = 1; k < columns; k++) if (row[k] > row[best]) best = k;
    labels[i] = best;
    confidence[i] = 1 / row.reduce((sum, z) => sum + elementary.exp(z - row[best]), 0);
  }
  return { labels, confidence };
}

/** `count` points over the range of the values, a twentieth of it beyond either end. */
export function gridOver(values: ArrayLike<number>, count: number): Float64Array {
  const [low, high] = widenedRange(values);
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

export function widenedRange(values: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  const margin = high > low ? (high - low) / 20 : 0.5;
  return [low - margin, high + margin];
}

/** One feature as features [N, 1]. */
export function singleFeature(values: Float64Array): HostArray {
  return hostFloat(values, [values.length, 1]);
}
