import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { TrajectoriesView } from '../../runtime/graph/view-data.ts';
import { depthOf, firstRows, hiddenStates } from '../shared/deep.ts';
import { percent } from '../shared/format.ts';
import { evaluationData, modelOf } from '../shared/predict.ts';
import { principalPlane } from '../shared/principal-components.ts';

const WHERE = 'Layer trajectories';
/** The eigenvalues of a covariance of this width take about a second. */
const MAX_WIDTH = 256;

/**
 * Data on their way through the hidden states h₀, …, h_L of a deep model at the present parameters of its run, in float64. States of width 2
 * are drawn as they are; wider ones along the first two principal components of all states of all layers together.
 */
export default defineNode({
  type: 'view/layer-trajectories',
  version: 1,
  family: 'view',
  title: WHERE,
  summary: 'The data as they move through the layers of a network, coloured by class.',
  formula: String.raw`h_0(x_i) \to h_1(x_i) \to \dots \to h_L(x_i)`,
  description: [
    'A residual network moves its points a little in each layer: the paths are those of an ordinary differential equation, and the last layer separates their ends by planes. A plain network jumps.',
    'States of width 2 are shown themselves. Wider ones are projected to the plane of their first two principal components, of all layers together; the axes tell which share of the variance each has, and what looks crossed may be apart in the others.',
  ],
  keywords: ['hidden states', 'paths', 'animation', 'neural ode', 'features', 'pca', 'untangle'],
  references: [
    {
      text: 'E, A proposal on machine learning via dynamical systems, Commun. Math. Stat. 5, 2017',
      url: 'https://doi.org/10.1007/s40304-017-0103-z',
    },
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017, figure 3',
      url: 'https://arxiv.org/abs/1705.03341',
    },
  ],
  params: {
    samples: { kind: 'integer', label: 'Points', default: 300, min: 1, max: 2000, scale: 'log' },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const run = context.input('run', 'run');
    const model = modelOf(run, WHERE);
    const depth = depthOf(model, WHERE, 'run');
    const data = evaluationData(context, model, WHERE);
    if (depth.width < 2 || depth.width > MAX_WIDTH) {
      throw new NodeError(
        'width',
        `${WHERE} (run): expected hidden states of 2 to ${MAX_WIDTH} numbers, got ${depth.width} (${model.title}). Change the width of the model.`,
        'run',
      );
    }
    const x = firstRows(data.features, context.params.samples);
    const points = x.shape[0];
    const frames = depth.layers + 1;
    const states = await hiddenStates(context.cpu64, model, depth, run.parameters, x);
    const values = Float64Array.from(states.data);
    if (!values.every(Number.isFinite)) {
      throw new NodeError(
        'not-finite',
        `${WHERE} (run): expected finite hidden states, got others in ${model.title} at the present parameters. Lower the step size of the run.`,
        'run',
      );
    }
    const count = frames * points;
    const column = (j: number) => Float64Array.from({ length: count }, (_, i) => values[2 * i + j]);
    const plane =
      depth.width === 2
        ? { x: column(0), y: column(1), xLabel: 'h1', yLabel: 'h2' }
        : await principalPlane(values, count, depth.width, context.signal).then(
            ({ shares, ...projected }) => ({
              ...projected,
              xLabel: `PC 1 (${percent(shares[0])})`,
              yLabel: `PC 2 (${percent(shares[1])})`,
            }),
          );
    const { targets } = data;
    const view: TrajectoriesView = {
      kind: 'trajectories',
      frames,
      points,
      times: Float64Array.from({ length: frames }, (_, l) => l),
      timeLabel: 'layer',
      ...plane,
      ...(targets.kind === 'labels' && {
        classes: targets.classes,
        labels: Int32Array.from(targets.labels.data.slice(0, points)),
      }),
      precision: run.precision,
    };
    return { view, status: `${points} points, ${depth.layers} layers (${run.precision})` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { samples: 5 }],
    invalid: [{ params: { samples: 0 }, message: /\[1, 2000\], got 0/ }],
  },
});
