import * as elementary from '../../numerics/elementary/index.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { EvaluateContext, ParamTable } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, ScalarValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import {
  adaptiveLogProb,
  densityOfRun,
  logProbOf,
  requirePlane,
  type Density,
} from '../shared/flow/evaluate.ts';
import { planeBox, planeGrid } from '../shared/flow/grid.ts';
import { brief } from '../shared/format.ts';
import { evaluationData } from '../shared/predict.ts';
import { scalarStatus, scalarView } from '../shared/scalar-view.ts';
import { hasEnded, standingOf, worstOf } from '../shared/standing.ts';

type Context = EvaluateContext<ParamTable>;
const WHERE = 'Density measure';

const LABELS: Readonly<Record<string, string>> = {
  nll: 'negative log-likelihood',
  excess: 'excess of the negative log-likelihood over that of the true density',
  mass: '∫ p over the box',
  transport: 'transport cost',
};

/**
 * One number of a fitted density: the mean of −log p over a dataset, the integral of p over a box in the plane (trapezoidal
 * rule), or the mean of ∫ ½‖v‖² dt over a dataset; or the mean of log p* − log p where the density p* of the data is known, which is KL(p*‖p) on
 * average and so not negative but for chance. Means come with their standard errors. In float64 from the parameters of the run.
 */
export default defineNode({
  type: 'check/density-measure',
  version: 1,
  family: 'check',
  title: 'Density measure',
  summary:
    'One number of a fitted density: likelihood of data, its integral, or the transport cost.',
  formula: String.raw`-\tfrac1N\textstyle\sum_i \log p_\theta(x_i),\qquad \int_{\mathrm{box}} p_\theta\,\mathrm dx,\qquad \tfrac1N\sum_i\int_0^T\tfrac12\lVert v_\theta\rVert^2\mathrm dt`,
  description: [
    'The adaptive solver is the method of Dormand and Prince of order 5(4) in float64, with the exact trace: it measures the flow itself and not the steps it was trained with. If the velocity grows without bound, its step size underflows and the node says at what time.',
    'The excess compares with the true density of generated data, point by point: on average it is the Kullback–Leibler divergence, 0 for the true density alone, with a smaller standard error than the likelihood has.',
    'The box of the integral is the range of the data, widened on each side by its width times the margin. Measured once the run has ended.',
  ],
  keywords: ['likelihood', 'nll', 'normalisation', 'mass', 'dormand-prince', 'rk45', 'flow'],
  references: [
    {
      text: 'Dormand, Prince, A family of embedded Runge–Kutta formulae, J. Comput. Appl. Math. 6(1), 1980',
      url: 'https://doi.org/10.1016/0771-050X(80)90013-3',
    },
  ],
  params: {
    measure: {
      kind: 'choice',
      label: 'Number',
      default: 'nll',
      options: Object.entries(LABELS).map(([value, label]) => ({ value, label })),
    },
    solver: {
      kind: 'choice',
      label: 'Solver',
      default: 'adaptive',
      options: [
        { value: 'adaptive', label: 'Dormand–Prince 5(4), adaptive' },
        { value: 'model', label: 'steps of the model' },
      ],
      visibleWhen: { param: 'measure', in: ['nll', 'mass'] },
    },
    tolerance: {
      kind: 'number',
      label: 'Tolerance',
      help: 'Relative and absolute, for each step.',
      default: 1e-5,
      min: 1e-12,
      max: 0.1,
      scale: 'log',
      visibleWhen: { param: 'solver', in: ['adaptive'] },
    },
    resolution: {
      kind: 'integer',
      label: 'Grid resolution',
      help: 'Points along each side.',
      default: 101,
      min: 8,
      max: 512,
      visibleWhen: { param: 'measure', in: ['mass'] },
    },
    margin: {
      kind: 'number',
      label: 'Margin of the box',
      default: 0.5,
      min: 0,
      max: 10,
      visibleWhen: { param: 'measure', in: ['mass'] },
    },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [
    { name: 'value', type: 'scalar', label: 'Value' },
    { name: 'error', type: 'scalar', label: 'Standard error' },
  ],
  async evaluate(context) {
    const { params } = context;
    const run = context.input('run', 'run');
    const of = densityOfRun(run, WHERE);
    if (params.measure === 'mass') requirePlane(of, WHERE);
    const data = evaluationData(context, of.model, WHERE);
    const on = params.measure === 'mass' || data === of.model.dataset ? '' : ` on ${data.name}`;
    const label = `${LABELS[params.measure]}${on}, ${run.plan.label}`;
    const { number, error } = hasEnded(run)
      ? await measure(context as unknown as Context, run, of, data, params)
      : { number: NaN, error: NaN };
    const scalar = (found: number, name: string): ScalarValue => ({
      kind: 'scalar',
      value: found,
      label: name,
      precision: run.precision,
      standing: worstOf(standingOf(run), data.standing),
    });
    const value = scalar(number, label);
    const outputs = { value, error: scalar(error, `standard error of ${label}`) };
    const within = Number.isNaN(error) ? brief(number) : `${brief(number)} ± ${brief(error)}`;
    const status = scalarStatus(value, within);
    return { outputs, status, ...(hasEnded(run) && { view: scalarView(value) }) };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { measure: 'mass', solver: 'model', resolution: 64 }, { measure: 'transport' }],
    invalid: [
      { params: { measure: 'entropy' }, message: /'nll'.*got .?entropy/ },
      { params: { tolerance: 0 }, message: /Tolerance.*got 0/ },
    ],
  },
});

interface Params {
  readonly measure: string;
  readonly solver: string;
  readonly tolerance: number;
  readonly resolution: number;
  readonly margin: number;
}

/** A number, and its standard error where it is a mean over samples. */
interface Measured {
  readonly number: number;
  readonly error: number;
}

async function measure(
  context: Context,
  run: RunValue,
  of: Density,
  data: DatasetValue,
  params: Params,
): Promise<Measured> {
  const { measure: what, tolerance, resolution, margin } = params;
  const { features } = data;
  const known = what === 'excess' ? await knownDensity(data, context.signal) : null;
  const box = planeBox(features, margin);
  const x =
    what === 'mass' ? hostFloat(planeGrid(box, resolution), [resolution ** 2, 2]) : features;
  const { flow } = of.density;
  const adaptive =
    flow !== undefined && (params.solver === 'adaptive' || what === 'transport')
      ? await adaptiveLogProb(of, flow, run.parameters, x, tolerance, WHERE, context)
      : null;
  if (what === 'transport') return meanOf(adaptive?.transport ?? Float64Array.of(NaN));
  const logProb =
    adaptive === null ? await logProbOf(context.cpu64, of, run.parameters, x) : adaptive.logProb;
  if (what === 'nll') return meanOf(logProb.map((value) => -value));
  if (known !== null) return meanOf(logProb.map((value, i) => known[i] - value));
  const cell = ((box.x[1] - box.x[0]) * (box.y[1] - box.y[0])) / (resolution - 1) ** 2;
  return { number: cell * trapezoidal(logProb.map(elementary.exp), resolution), error: NaN };
}

/** Points whose density is computed without a pause. */
const BLOCK = 256;

async function knownDensity(
  { features, logDensity, name }: DatasetValue,
  signal: AbortSignal,
): Promise<Float64Array> {
  if (logDensity) {
    const pacer = createPacer(signal);
    const [samples, dimension] = features.shape;
    const points = Float64Array.from(features.data);
    const known = new Float64Array(samples);
    for (let i = 0; i < samples; i += BLOCK) {
      known.set(logDensity(points.subarray(i * dimension, (i + BLOCK) * dimension)), i);
      if (pacer.due()) await pacer.pause();
    }
    return known;
  }
  throw new NodeError(
    'no-density',
    `${WHERE} (dataset): expected samples of a known density, got "${name}". Wire generated data, such as eight Gaussians, as they are and with noise of 0.01 or more; or measure the negative log-likelihood.`,
    'dataset',
  );
}

function meanOf(values: Float64Array): Measured {
  const number = values.reduce((total, value) => total + value, 0) / values.length;
  const squares = values.reduce((total, value) => total + (value - number) ** 2, 0);
  return { number, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Sum over a square grid with weights ½ along its sides. */
function trapezoidal(values: Float64Array, side: number): number {
  const weight = (i: number): number => (i === 0 || i === side - 1 ? 0.5 : 1);
  return values.reduce(
    (total, value, i) => total + weight(i % side) * weight(Math.floor(i / side)) * value,
    0,
  );
}
