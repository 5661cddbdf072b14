import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { describeSize, featureCount, numberedNames } from '../shared/dataset.ts';
import { modelOf, predict } from '../shared/predict.ts';
import { previewDataset } from '../shared/preview.ts';
import { hasEnded } from '../shared/runs.ts';
import { seedParam } from '../shared/seed.ts';

/** New samples x = g(z), z ~ N(0, I), of a generator at the present parameters of its run: features [N, D], in float64. */
export default defineNode({
  type: 'data/generated',
  version: 1,
  family: 'data',
  title: 'Generated samples',
  summary: 'New samples of a generator, from noise it was not trained on.',
  formula: String.raw`x_i = g_\theta(z_i), \qquad z_i \sim \mathcal N(0, I)`,
  description: [
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
    if (model.generator !== true)
      throw new NodeError(
        'no-generator',
        `Generated samples (run): expected a run of a generator, got one of ${model.title}, whose inputs are not noise. Train a Generator by a Wasserstein loss.`,
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
      final: hasEnded(run),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { samples: 10, seed: 4 }],
    invalid: [{ params: { samples: 0 }, message: /\[1, 20000\], got 0/ }],
  },
});
