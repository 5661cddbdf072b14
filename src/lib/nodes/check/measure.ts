import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { EvaluateContext, ParamTable } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { Certificate, ScalarValue } from '../../runtime/graph/ports.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { brief, percent } from '../shared/format.ts';
import { numericalRank } from '../shared/rank.ts';
import {
  decide,
  evaluationData,
  modelOf,
  predict,
  requireLabels,
  requireValues,
} from '../shared/predict.ts';
import { residualOrder, sublinearOrder } from '../shared/orders.ts';
import {
  hasEnded,
  lastMeasured,
  maxDistance,
  theoreticalBound,
  worstBoundRatio,
} from '../shared/runs.ts';
import {
  accuracy,
  determination,
  peakSignalToNoise,
  rootMeanSquareError,
} from '../shared/scores.ts';

type Context = EvaluateContext<ParamTable>;

interface Measure {
  readonly label: string;
  readonly needsData?: boolean;
  /** NaN while it isn't known yet. */
  of(context: Context, run: RunValue): number | Promise<number>;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  objective: { label: 'objective', of: (_, run) => lastMeasured(run, 'objective') },
  suboptimality: {
    label: 'f − f*',
    of: (_, run) => lastMeasured(run, 'objective') - (certificate(run)?.value ?? NaN),
  },
  accuracy: { label: 'accuracy', needsData: true, of: measureAccuracy },
  rmse: {
    label: 'RMSE',
    needsData: true,
    of: (context, run) => regression(context, run, rootMeanSquareError),
  },
  r2: {
    label: 'R²',
    needsData: true,
    of: (context, run) => regression(context, run, determination),
  },
  psnr: { label: 'PSNR in dB', of: (_, run) => signalToNoise(run) },
  psnrGain: {
    label: 'gain of PSNR in dB',
    of: (_, run) => signalToNoise(run) - observedRatio(run),
  },
  steps: { label: 'steps', of: (_, run) => run.step },
  minimiserDistance: { label: 'max |x − x*|', of: (_, run) => minimiserDistance(run) },
  residual: { label: 'residual', of: (_, run) => lastMeasured(run, 'residual') },
  infeasibility: { label: 'infeasibility', of: (_, run) => infeasibilityOf(run) },
  rank: { label: 'rank of the weights', of: (context, run) => rankOf(run, context.signal) },
  boundRatio: {
    label: 'worst measured / bound',
    of: (context, run) => boundRatio(run, context.liveValues),
  },
  order: { label: 'order p of f − f* ∝ k⁻ᵖ', of: measureOrder },
  residualOrder: { label: 'order q of the residual', of: (_, run) => residualOrder(run) },
};

/**
 * One number of a run, for a check or a display.
 * Numbers of data (accuracy, RMSE, R²) use the wired dataset, or the training data without one; predictions are computed in
 * float64 from the parameters of the run.
 */
export default defineNode({
  type: 'check/measure',
  version: 1,
  family: 'check',
  title: 'Measure',
  summary: 'One number of a run: objective, distance to the optimum, accuracy, error, steps.',
  formula: String.raw`f(x_k) - f^*,\quad \tfrac1N\#\{\hat y_i = y_i\},\quad \sqrt{\tfrac1N\textstyle\sum(\hat y_i-y_i)^2},\quad 1-\tfrac{\sum(\hat y_i-y_i)^2}{\sum(y_i-\bar y)^2},\ \dots`,
  description: [
    'f − f* and the distance to the minimiser need a certified optimum; f* is known to the gap of its certificate, which stands beside f − f*. The worst ratio divides the measured f − f* by the bound that theory guarantees, at every measured iteration after the start: at most 1 when theory holds; rows where f − f* is within rounding of 0 are left out.',
    'The order p is minus the slope of log(f(x_k) − f*) over log k, by least squares over the window of iterations with the same weight for each octave. The order q compares the last four residuals above rounding, q = log(r₃/r₁)/log(r₂/r₀): 2 for quadratic convergence, 1 for linear.',
    'The rank counts singular values above 1e-10 of the largest in float64, above 1e-5 in float32. While the run goes on the number is provisional, and a check of it pending.',
  ],
  keywords: ['metric', 'order', 'slope', 'accuracy', 'rmse', 'r2', 'suboptimality', 'score'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., ch. 7' },
  ],
  params: {
    measure: {
      kind: 'choice',
      label: 'Number',
      default: 'objective',
      options: [
        { value: 'objective', label: 'objective f' },
        { value: 'suboptimality', label: 'f − f*' },
        { value: 'accuracy', label: 'accuracy' },
        { value: 'rmse', label: 'root mean square error' },
        { value: 'r2', label: 'R²' },
        { value: 'psnr', label: 'peak signal-to-noise ratio' },
        { value: 'psnrGain', label: 'gain of it over what was observed' },
        { value: 'steps', label: 'steps done' },
        { value: 'minimiserDistance', label: 'largest |x − x*|' },
        { value: 'residual', label: 'residual' },
        { value: 'infeasibility', label: 'infeasibility' },
        { value: 'rank', label: 'rank of the first matrix of weights' },
        { value: 'boundRatio', label: 'worst measured / theoretical bound' },
        { value: 'order', label: 'order p of f − f* ∝ k⁻ᵖ' },
        { value: 'residualOrder', label: 'order q of the residual' },
      ],
    },
    from: {
      kind: 'integer',
      label: 'From iteration',
      default: 10,
      min: 1,
      max: 1_000_000,
      scale: 'log',
      visibleWhen: { param: 'measure', in: ['order'] },
    },
    to: {
      kind: 'integer',
      label: 'To iteration',
      default: 1000,
      min: 2,
      max: 1_000_000,
      scale: 'log',
      visibleWhen: { param: 'measure', in: ['order'] },
    },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [{ name: 'value', type: 'scalar', label: 'Value' }],
  async evaluate(context) {
    const run = context.input('run', 'run');
    const measure = MEASURES[context.params.measure];
    const number = await measure.of(context as unknown as Context, run);
    const data = context.optional('dataset', 'dataset');
    const on = measure.needsData === true && data !== undefined ? ` on ${data.name}` : '';
    const value: ScalarValue = {
      kind: 'scalar',
      value: number,
      label: `${measure.label}${on}, ${run.plan.label}`,
      precision: run.precision,
      final: hasEnded(run) && !(Number.isNaN(number) && awaitsCertificate(run)),
    };
    if (value.final === false && Number.isNaN(number)) {
      return { outputs: { value }, status: 'waits for the run' };
    }
    return {
      outputs: { value },
      view: { kind: 'value', label: value.label, value: number, precision: run.precision },
      status: statusOf(context.params.measure, number, run),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{ measure: 'steps' }, { measure: 'residual' }, { measure: 'order', from: 20, to: 500 }],
    invalid: [{ params: { measure: 'loss' }, message: /'objective'.*got .?loss/ }],
  },
});

/** The number as it is read, with how well f* is known where it is measured from there. */
function statusOf(measure: string, number: number, { certificate: known }: RunValue): string {
  if (measure === 'accuracy') return percent(number);
  const fromMinimum = measure === 'suboptimality' && known !== null;
  return fromMinimum ? `${brief(number)}, f* known to ${brief(known.gap)}` : brief(number);
}

function awaitsCertificate(run: RunValue): boolean {
  return run.certificate === null && run.plan.objective.certify !== undefined;
}

/** Null while it is being computed. */
function certificate(run: RunValue): Certificate | null {
  if (run.certificate !== null || awaitsCertificate(run)) return run.certificate;
  throw new NodeError(
    'no-certificate',
    `Measure (run): expected an objective whose minimum f* is known, got "${run.plan.objective.title}". Measure the objective instead, or use a convex problem with a certificate.`,
    'run',
  );
}

function minimiserDistance(run: RunValue): number {
  const known = certificate(run);
  if (known === null || run.parameters.length === 0) return NaN;
  if (known.minimiser === undefined) {
    throw new NodeError(
      'no-minimiser',
      `Measure (run): expected a problem whose minimiser is certified, got "${run.plan.objective.title}", where f* alone is. Measure f − f* instead.`,
      'run',
    );
  }
  return maxDistance(run.parameters, known.minimiser);
}

function infeasibilityOf(run: RunValue): number {
  const { terms, composed = [], title } = run.plan.objective;
  const all = [...terms, ...composed.map(({ regularizer }) => regularizer)];
  if (all.some(({ constraint }) => constraint)) return lastMeasured(run, 'infeasibility');
  throw new NodeError(
    'no-constraint',
    `Measure (run): expected a problem with a constraint, got "${title}". Wire one, such as nonnegativity, or measure the objective.`,
    'run',
  );
}

function rankOf(run: RunValue, signal: AbortSignal): number | Promise<number> {
  const matrix = run.plan.objective.variables.findIndex(({ shape }) => shape.length === 2);
  if (matrix < 0) {
    throw new NodeError(
      'no-matrix',
      `Measure (run): expected a variable that is a matrix, got "${run.plan.objective.title}", which has none. Measure the objective instead.`,
      'run',
    );
  }
  if (run.parameters.length === 0) return NaN;
  return numericalRank(run.parameters[matrix], run.precision, signal);
}

function boundRatio(run: RunValue, live: Readonly<Record<string, number>>): number {
  if (run.plan.theory === undefined) {
    throw new NodeError(
      'no-theory',
      `Measure (run): expected a method with a guaranteed rate on this objective, got ${run.plan.label} on "${run.plan.objective.title}". Use gradient descent, Nesterov, ISTA or FISTA on a convex problem.`,
      'run',
    );
  }
  if (certificate(run) === null || run.series.objective === undefined) return NaN;
  const curve = theoreticalBound(run, live);
  if (curve === null) {
    throw new NodeError(
      'no-theory',
      `Measure (run): expected a step size within the guarantee "${run.plan.theory.label}", got one outside. Lower the step size, or use 1/L.`,
      'run',
    );
  }
  return worstBoundRatio(run, curve);
}

function measureOrder(context: Context, run: RunValue): number {
  const [from, to] = [Number(context.params.from), Number(context.params.to)];
  if (!(to >= 2 * from)) {
    throw new NodeError(
      'range',
      `Measure (window): expected at least one octave, "To" ≥ 2 · "From", got ${from} to ${to}. Raise "To iteration".`,
      'to',
    );
  }
  return certificate(run) === null ? NaN : sublinearOrder(run, from, to);
}

function signalToNoise(run: RunValue): number {
  const grid = run.plan.objective.observed?.grid;
  if (grid === undefined) {
    throw new NodeError(
      'no-truth',
      `Measure (run): expected the estimate of a signal or image, got "${run.plan.objective.title}". Measure f − f* instead.`,
      'run',
    );
  }
  if (run.parameters.length === 0) return NaN;
  return peakSignalToNoise(run.parameters[0].data, grid.truth.data);
}

/** PSNR of the noisy, blurred or masked values, or of the back-projection, as a reconstruction shows them. */
function observedRatio(run: RunValue): number {
  const { grid, targets } = run.plan.objective.observed ?? {};
  if (grid === undefined || targets?.kind !== 'values') return NaN;
  return peakSignalToNoise(targets.values.data, grid.truth.data);
}

async function measureAccuracy(context: Context, run: RunValue): Promise<number> {
  const model = modelOf(run, 'Measure');
  const data = evaluationData(context, model, 'Measure');
  const { labels } = requireLabels(data, 'Measure (accuracy)', 'Measure RMSE or R² instead.');
  const logits = await predict(context, run, model, data.features);
  // The decision would be the first class.
  if (logits.some(Number.isNaN)) return NaN;
  return accuracy(decide(logits, model.outputs).labels, labels.data);
}

async function regression(
  context: Context,
  run: RunValue,
  score: (predicted: ArrayLike<number>, truth: ArrayLike<number>) => number,
): Promise<number> {
  const model = modelOf(run, 'Measure');
  const data = evaluationData(context, model, 'Measure');
  const { values } = requireValues(data, 'Measure (RMSE, R²)', 'Measure the accuracy instead.');
  return score(await predict(context, run, model, data.features), values.data);
}
