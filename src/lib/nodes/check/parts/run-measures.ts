/** The numbers that Measure takes of a run. */
import type { EvaluateContext, ParamTable } from '../../../runtime/graph/node-definition.ts';
import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { Certificate, Excess, Standing } from '../../../runtime/graph/ports.ts';
import { alarmOf, suboptimalityAt, valued } from '../../../runtime/run/optimality.ts';
import type { Suboptimality } from '../../../runtime/run/optimality.ts';
import type { RunValue } from '../../../runtime/run/run-value.ts';
import { brief } from '../../shared/format.ts';
import { residualOrder, sublinearOrder } from '../../shared/orders.ts';
import {
  decide,
  evaluationData,
  modelOf,
  predict,
  requireLabels,
  requireValues,
} from '../../shared/predict.ts';
import { numericalRank } from '../../shared/rank.ts';
import {
  isBound,
  lastMeasured,
  maxDistance,
  theoreticalBound,
  worstBoundRatio,
} from '../../shared/runs.ts';
import {
  accuracy,
  determination,
  peakSignalToNoise,
  rootMeanSquareError,
} from '../../shared/scores.ts';

export type MeasureContext = EvaluateContext<ParamTable>;

/** A number, or NaN with the reason why it is not known (yet). */
export interface Reading {
  readonly value: number;
  readonly standing?: Standing;
  readonly excess?: Excess;
  readonly alarm?: string;
  /** Beside the number on the card. */
  readonly beside?: string;
}

export interface Measure {
  readonly label: string;
  readonly needsData?: boolean;
  /** A number of the way there, which means one set of live values from the start. */
  readonly ofHistory?: true;
  of(context: MeasureContext, run: RunValue): number | Reading | Promise<number>;
}

export const MEASURES: Readonly<Record<string, Measure>> = {
  objective: { label: 'objective', of: (_, run) => lastMeasured(run, 'objective') },
  suboptimality: { label: 'f − f*', of: (_, run) => suboptimality(run) },
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
  steps: { label: 'steps', ofHistory: true, of: (_, run) => run.step },
  minimiserDistance: { label: 'max |x − x*|', of: (_, run) => minimiserDistance(run) },
  residual: { label: 'residual', of: (_, run) => lastMeasured(run, 'residual') },
  infeasibility: { label: 'infeasibility', of: (_, run) => infeasibilityOf(run) },
  rank: { label: 'rank of the weights', of: (context, run) => rankOf(run, context.signal) },
  boundRatio: {
    label: 'worst measured / bound',
    ofHistory: true,
    of: (_, run) => boundRatio(run),
  },
  order: { label: 'order p of f − f* ∝ k⁻ᵖ', ofHistory: true, of: measureOrder },
  residualOrder: {
    label: 'order q of the residual',
    ofHistory: true,
    of: (_, run) =>
      known(residualOrder(run), 'fewer than three residuals fall above rounding at the end'),
  },
};

function unavailable(reason: string): Reading {
  return { value: NaN, standing: { state: 'unavailable', reason } };
}

/** The number, or the reason where it is none. */
function known(value: number, reason: string): number | Reading {
  return Number.isNaN(value) ? unavailable(reason) : value;
}

/**
 * What a number that starts from f* needs: the certificate at the values of the final state, or why there is none; refused where the objective
 * offers none at all.
 */
function fromMinimum(
  run: RunValue,
  of: (certificate: Certificate) => number | Reading,
): number | Reading {
  const { certificate } = run.segments[run.segments.length - 1];
  switch (certificate.state) {
    case 'none':
      throw new NodeError(
        'no-certificate',
        `Measure (run): expected an objective whose minimum f* is known, got "${run.plan.objective.title}". Measure the objective instead, or use a convex problem with a certificate.`,
        'run',
      );
    case 'pending':
      return { value: NaN, standing: { state: 'pending', reason: 'f* is being computed' } };
    case 'unavailable':
      return unavailable(`f* is not known: ${certificate.reason}`);
    case 'known': {
      const found = of(certificate.certificate);
      const reading = typeof found === 'number' ? { value: found } : found;
      const alarm = alarmOf(run.series, valued(run), run.precision);
      return alarm === null || reading.alarm !== undefined ? reading : { ...reading, alarm };
    }
  }
}

function suboptimality(run: RunValue): number | Reading {
  return fromMinimum(run, (certificate) => {
    const last = (run.series.objective?.length ?? 0) - 1;
    const found = suboptimalityAt(run.series, valued(run), run.precision, last);
    if (!found) return NaN;
    const { fStar, infeasibility, value, verdict } = found;
    const attained = certificate.attained === false ? ', not attained' : '';
    return {
      value,
      excess: { gap: fStar.gap, rounding: fStar.rounding, infeasibility },
      beside: `f* known to ${brief(fStar.gap)}${attained}`,
      ...(verdict === 'infeasible' && { alarm: infeasibleText(found) }),
    };
  });
}

function infeasibleText({ value, infeasibility }: Suboptimality): string {
  return `infeasible by ${brief(infeasibility)}: f − f* = ${brief(value)} is better than optimal, so it is no distance to the minimum`;
}

function minimiserDistance(run: RunValue): number | Reading {
  return fromMinimum(run, ({ minimiser, attained }) => {
    if (run.parameters.length === 0) return NaN;
    if (attained === false) return unavailable('f* is not attained: there is no minimiser');
    if (minimiser === undefined)
      return unavailable('f* is certified, but no minimiser that is known to be the only one');
    return maxDistance(run.parameters, minimiser, run.plan.objective);
  });
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

function boundRatio(run: RunValue): number | Reading {
  return fromMinimum(run, () => {
    const { plan } = run;
    const curve = theoreticalBound(run);
    if (isBound(curve)) {
      const worst = worstBoundRatio(run, curve);
      return typeof worst === 'number' ? worst : unavailable(worst);
    }
    switch (curve.state) {
      case 'none':
        throw new NodeError(
          'no-theory',
          `Measure (run): expected a method with a guaranteed rate on this objective, got ${plan.label} on "${plan.objective.title}". Use gradient descent, Nesterov, ISTA or FISTA on a convex problem.`,
          'run',
        );
      case 'void':
        throw new NodeError(
          'no-theory',
          `Measure (run): expected a step size within the guarantee "${plan.theory?.label}", got one outside. Lower the step size, or use 1/L.`,
          'run',
        );
      case 'pending':
        return { value: NaN, standing: { state: 'pending', reason: curve.reason } };
      default:
        return unavailable(curve.reason);
    }
  });
}

function measureOrder(context: MeasureContext, run: RunValue): number | Reading {
  const [from, to] = [Number(context.params.from), Number(context.params.to)];
  if (!(to >= 2 * from)) {
    throw new NodeError(
      'range',
      `Measure (window): expected at least one octave, "To" ≥ 2 · "From", got ${from} to ${to}. Raise "To iteration".`,
      'to',
    );
  }
  return fromMinimum(run, () =>
    known(
      sublinearOrder(run, from, to),
      `f − f* is above rounding for less than one octave of the iterations ${from} to ${to}`,
    ),
  );
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

async function measureAccuracy(context: MeasureContext, run: RunValue): Promise<number> {
  const model = modelOf(run, 'Measure');
  const data = evaluationData(context, model, 'Measure');
  const { labels } = requireLabels(data, 'Measure (accuracy)', 'Measure RMSE or R² instead.');
  const logits = await predict(context, run, model, data.features);
  // The decision would be the first class.
  if (logits.some(Number.isNaN)) return NaN;
  return accuracy(decide(logits, model.outputs).labels, labels.data);
}

async function regression(
  context: MeasureContext,
  run: RunValue,
  score: (predicted: ArrayLike<number>, truth: ArrayLike<number>) => number,
): Promise<number> {
  const model = modelOf(run, 'Measure');
  const data = evaluationData(context, model, 'Measure');
  const { values } = requireValues(data, 'Measure (RMSE, R²)', 'Measure the accuracy instead.');
  return score(await predict(context, run, model, data.features), values.data);
}
