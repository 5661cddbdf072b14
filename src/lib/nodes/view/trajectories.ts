import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { TrajectoriesView } from '../../runtime/graph/view-data.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostNormal } from '../../runtime/ir/random.ts';
import { densityOfRun, requirePlane, trajectoriesOf } from '../shared/flow/evaluate.ts';
import { scatter } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/** The ways of draws of the base to samples of the fitted density. */
export default defineNode({
  type: 'view/trajectories',
  version: 1,
  family: 'view',
  title: 'Trajectories',
  summary: 'The paths along which a flow carries draws of the base to samples.',
  formula: String.raw`z(t),\quad \dot z = v_\theta(z, t),\quad z(0) \sim \mathcal N(0, I)`,
  description: [
    'Solved by the method of the model with a step from each frame to the next. Paths cannot cross at the same time, for solutions are unique. With a transport cost they become straight.',
  ],
  keywords: ['flow', 'paths', 'animation', 'particles', 'ode', 'transport'],
  references: [
    {
      text: 'Onken, Wu Fung, Li, Ruthotto, OT-Flow, AAAI 2021, figure 1',
      url: 'https://arxiv.org/abs/2006.00104',
    },
  ],
  params: {
    samples: { kind: 'integer', label: 'Paths', default: 100, min: 1, max: 2000, scale: 'log' },
    frames: { kind: 'integer', label: 'Frames', default: 33, min: 2, max: 201 },
    seed: seedParam,
  },
  inputs: [{ name: 'run', type: 'run', label: 'Run' }],
  outputs: [],
  async evaluate(context) {
    const { samples, frames } = context.params;
    const run = context.input('run', 'run');
    const of = densityOfRun(run, 'Trajectories');
    requirePlane(of, 'Trajectories');
    const draws = hostFloat(hostNormal(context.key, 2 * samples), [samples, 2]);
    const path = await trajectoriesOf(context.cpu64, of, run.parameters, draws, frames);
    const column = (j: number): Float64Array =>
      Float64Array.from({ length: frames * samples }, (_, i) => path.data[2 * i + j]);
    const horizon = of.density.flow?.horizon ?? 1;
    const background = scatter(of.model.dataset, 0, 1);
    const view: TrajectoriesView = {
      kind: 'trajectories',
      frames,
      points: samples,
      times: Float64Array.from({ length: frames }, (_, f) => (horizon * f) / (frames - 1)),
      x: column(0),
      y: column(1),
      xLabel: background.xLabel,
      yLabel: background.yLabel,
      background,
      precision: run.precision,
    };
    return { view, status: `${samples} paths (${run.precision})` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { samples: 5, frames: 2 }],
    invalid: [{ params: { frames: 1 }, message: /\[2, 201\], got 1/ }],
  },
});
