import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import { brief, percent } from '../shared/format.ts';
import { isAwaited, scalarStatus, scalarView } from '../shared/scalar-view.ts';
import { standingOf, worstOf } from '../shared/standing.ts';
import { MEASURES } from './parts/run-measures.ts';
import type { MeasureContext, Reading } from './parts/run-measures.ts';

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
    const data = context.optional('dataset', 'dataset');
    const wired = measure.needsData === true ? data : undefined;
    const standing = standingOf(run, measure.ofHistory ? 'history' : 'state');
    // Of steps done with several sets of values there is no such number.
    const mixed = measure.ofHistory === true && run.segments.length > 1;
    const found = mixed ? NaN : await measure.of(context as unknown as MeasureContext, run);
    const reading: Reading = typeof found === 'number' ? { value: found } : found;
    const value: ScalarValue = {
      kind: 'scalar',
      value: reading.value,
      label: `${measure.label}${wired ? ` on ${wired.name}` : ''}, ${run.plan.label}`,
      precision: run.precision,
      standing: worstOf(standing, reading.standing, wired?.standing),
      ...(reading.excess && { excess: reading.excess }),
      ...(reading.alarm !== undefined && { alarm: reading.alarm }),
    };
    const number =
      context.params.measure === 'accuracy' ? percent(value.value) : brief(value.value);
    const status = scalarStatus(value, [number, reading.beside].filter(Boolean).join(', '));
    return { outputs: { value }, status, ...(!isAwaited(value) && { view: scalarView(value) }) };
  },
  migrations: {},
  fixtures: {
    valid: [{ measure: 'steps' }, { measure: 'residual' }, { measure: 'order', from: 20, to: 500 }],
    invalid: [{ params: { measure: 'loss' }, message: /'objective'.*got .?loss/ }],
  },
});
