import { defineNode } from '../../runtime/graph/node-definition.ts';
import type {
  EvaluateContext,
  Evaluation,
  ParamTable,
} from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { CloudModel, DatasetValue, ModelValue, Targets } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { describeSize, featureCount, numberedNames } from '../shared/dataset.ts';
import { modelOf, predict } from '../shared/predict.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';
import { standingOf } from '../shared/standing.ts';

/**
 * New samples x = g(z), z ~ N(0, I), of a generator at the present parameters of its run: features [N, D], in float64. Of free points the points
 * themselves, with their weights as target values where those are parameters.
 */
export default defineNode({
  type: 'data/generated',
  version: 1,
  family: 'data',
  title: 'Generated samples',
  summary: 'New samples of a generator, from noise it was not trained on.',
  formula: String.raw`x_i = g_\theta(z_i), \qquad z_i \sim \mathcal N(0, I)`,
  description: [
    'Of a run of free points these are the points as they are now, whatever the number of samples; where weights are parameters they are the target values.',
    'The noise stays the same while the run goes on, so that each sample can be followed; checks of the samples wait for its end.',
  ],
  keywords: ['generator', 'generative', 'draws', 'push-forward'],
  references: [
    {
      text: 'Genevay, Peyré, Cuturi, Learning generative models with Sinkhorn divergences (2018), section 2',
      url: 'https://arxiv.org/abs/1706.00292',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 256,
      min: 1,
      max: 20_000,
      scale: 'log',
    },
    seed: seedParam,
  },
  inputs: [{ name: 'run', type: 'run', label: 'Run' }],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  async evaluate(context) {
    const { samples } = context.params;
    const run = context.input('run', 'run');
    const model = modelOf(run, 'Generated samples');
    if (model.cloud) return movedPoints(context, run, model, model.cloud);
    if (model.generator !== true)
      throw new NodeError(
        'no-generator',
        `Generated samples (run): expected a run of a generator, got one of ${model.title}, whose inputs are not noise. Train a Generator or Free points by a Wasserstein loss.`,
        'run',
      );
    if (run.parameters.length === 0) return { status: 'waits for the run' };
    const d = featureCount(model.dataset);
    const noise = hostFloat(hostNormal(hostFoldIn(context.key, 0), samples * d), [samples, d]);
    const points = await predict(context, run, model, noise);
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Generated samples',
      features: hostFloat(points, [samples, model.outputs]),
      featureNames: numberedNames(model.outputs),
      targets: { kind: 'none' },
      standing: standingOf(run),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { samples: 10, seed: 4 }],
    invalid: [{ params: { samples: 0 }, message: /\[1, 20000\], got 0/ }],
  },
});

async function movedPoints(
  context: Pick<EvaluateContext<ParamTable>, 'cpu64'>,
  run: RunValue,
  model: ModelValue,
  { weights }: CloudModel,
): Promise<Evaluation> {
  const { features } = model.dataset;
  const [N] = features.shape;
  if (run.parameters.length === 0) return { status: 'waits for the run' };
  const points = await predict(context, run, model, features);
  const targets = async (): Promise<Targets> => {
    if (!weights) return { kind: 'none' };
    const program = trace(
      (...values) => [weights(values.slice(0, -1), values[values.length - 1])],
      [...run.parameters, features],
    );
    const [values] = await context.cpu64.execute(program, [...run.parameters, features]);
    return { kind: 'values', name: 'weight', values };
  };
  const dataset: DatasetValue = {
    kind: 'dataset',
    name: 'Moved points',
    features: hostFloat(points, [N, model.outputs]),
    featureNames: numberedNames(model.outputs),
    targets: await targets(),
    standing: standingOf(run),
  };
  return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
}
