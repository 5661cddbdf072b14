import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScatterView } from '../../runtime/graph/view-data.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostNormal } from '../../runtime/ir/random.ts';
import { densityOfRun, requirePlane, samplesOf } from '../shared/flow/evaluate.ts';
import { evaluationData } from '../shared/predict.ts';
import { scatter } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/** Samples of the fitted density beside data: the same draws of the base each time, carried along by the present parameters. */
export default defineNode({
  type: 'view/samples',
  version: 1,
  family: 'view',
  title: 'Samples',
  summary: 'Samples drawn from the fitted density, over the data.',
  formula: String.raw`x = z(T),\qquad z(0) \sim \mathcal N(0, I)`,
  description: [
    'The draws of the base stay the same while the run goes on, so that each sample can be followed.',
  ],
  keywords: ['generate', 'flow', 'draws', '2d', 'scatter'],
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, section 4',
      url: 'https://arxiv.org/abs/1806.07366',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 500,
      min: 1,
      max: 20_000,
      scale: 'log',
    },
    seed: seedParam,
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const { samples } = context.params;
    const run = context.input('run', 'run');
    const of = densityOfRun(run, 'Samples');
    requirePlane(of, 'Samples');
    const data = evaluationData(context, of.model, 'Samples');
    const draws = hostFloat(hostNormal(context.key, 2 * samples), [samples, 2]);
    const drawn = await samplesOf(context.cpu64, of, run.parameters, draws);
    const cloud = scatter(data, 0, 1);
    const shown = Math.min(samples, cloud.x.length);
    const column = (j: number, of: Float64Array): Float64Array =>
      Float64Array.from({ length: shown + samples }, (_, i) =>
        i < shown ? of[i] : drawn.data[2 * (i - shown) + j],
      );
    const view: ScatterView = {
      kind: 'scatter',
      x: column(0, cloud.x),
      y: column(1, cloud.y),
      xLabel: cloud.xLabel,
      yLabel: cloud.yLabel,
      classes: ['data', 'samples'],
      labels: Int32Array.from({ length: shown + samples }, (_, i) => (i < shown ? 0 : 1)),
    };
    return { view, status: `${samples} samples (${run.precision})` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { samples: 10, seed: 2 }],
    invalid: [{ params: { samples: 0 }, message: /\[1, 20000\], got 0/ }],
  },
});
