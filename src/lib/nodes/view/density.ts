import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { FieldView } from '../../runtime/graph/view-data.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { densityOfRun, logProbOf, requirePlane } from '../shared/flow/evaluate.ts';
import { planeBox, planeGrid } from '../shared/flow/grid.ts';
import { brief } from '../shared/format.ts';
import { evaluationData } from '../shared/predict.ts';
import { scatter } from '../shared/preview.ts';

/** The density that a run fits, on a grid over the data, with some of the data points. */
export default defineNode({
  type: 'view/density',
  version: 1,
  family: 'view',
  title: 'Density',
  summary: 'The fitted density on a grid over the plane, with data points.',
  formula: String.raw`x \mapsto p_\theta(x)`,
  description: [
    'Computed in float64 by the steps of the model from the parameters of the run. The status is the integral over the picture: near 1 when it holds all of the mass and the grid resolves it. The density measure computes it by an adaptive solver.',
  ],
  keywords: ['flow', 'probability', '2d', 'field', 'map', 'likelihood'],
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, theorem 1',
      url: 'https://arxiv.org/abs/1806.07366',
    },
  ],
  params: {
    resolution: {
      kind: 'integer',
      label: 'Grid resolution',
      help: 'Points along each side.',
      default: 72,
      min: 8,
      max: 256,
    },
    margin: {
      kind: 'number',
      label: 'Margin',
      help: 'The range of the data is widened on each side by its width times this.',
      default: 0.15,
      min: 0,
      max: 10,
    },
    points: {
      kind: 'integer',
      label: 'Data points shown',
      default: 60,
      min: 0,
      max: 2000,
    },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const { resolution, margin, points } = context.params;
    const run = context.input('run', 'run');
    const of = densityOfRun(run, 'Density');
    requirePlane(of, 'Density');
    const data = evaluationData(context, of.model, 'Density');
    const box = planeBox(data.features, margin);
    const x = hostFloat(planeGrid(box, resolution), [resolution ** 2, 2]);
    const logProb = await logProbOf(context.cpu64, of, run.parameters, x);
    const values = Float32Array.from(logProb, elementary.exp);
    const cell = ((box.x[1] - box.x[0]) * (box.y[1] - box.y[0])) / (resolution - 1) ** 2;
    const mass = cell * values.reduce((total, p) => total + p, 0);
    const cloud = scatter(data, 0, 1);
    const view: FieldView = {
      kind: 'field',
      columns: resolution,
      rows: resolution,
      xRange: box.x,
      yRange: box.y,
      values,
      equalScale: true,
      classes: [],
      points: {
        kind: 'scatter',
        x: cloud.x.slice(0, points),
        y: cloud.y.slice(0, points),
        xLabel: cloud.xLabel,
        yLabel: cloud.yLabel,
      },
      precision: run.precision,
    };
    return { view, status: `∫ p = ${brief(mass)} over the picture` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { resolution: 8, points: 0, margin: 0 }],
    invalid: [{ params: { resolution: 4 }, message: /\[8, 256\], got 4/ }],
  },
});
