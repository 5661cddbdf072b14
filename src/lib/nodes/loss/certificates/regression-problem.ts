/**
 * A linear regression as its certificates see it: columns and targets scaled by powers of two, which is exact, so that squares neither
 * overflow nor vanish; the intercept is a last column of ones without a penalty.
 *
 *   P(w) = 1/(2N) ‖y − Σ_j w_j x_j‖² + Σ_j l1_j |w_j| + ½ Σ_j l2_j w_j²
 *
 * For x_j = 2^(e_j) x̃_j, y = 2^k ỹ and w_j = 2^(k − e_j) w̃_j this is 4^k P̃(w̃) with weights l1·2^(−k − e_j) and l2·4^(−e_j).
 */
import type { Ball } from '../../../numerics/ball.ts';
import { normBound } from '../../../numerics/double-double-vector.ts';
import { exponentOf, timesPower } from '../../../numerics/double-double.ts';
import type { Certificate, ModelValue } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { HostArray, Shape } from '../../../runtime/ir/types.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { knownMinimiser, withheld } from './proof.ts';
import type { Bounds } from './proof.ts';

export interface RegressionProblem {
  /** N. */
  readonly n: number;
  /** x̃_j, each of N entries of at most 1. */
  readonly columns: readonly Float64Array[];
  /** Upper bounds of ‖x̃_j‖. */
  readonly norms: Float64Array;
  /** ỹ. */
  readonly target: Float64Array;
  readonly targetNorm: number;
  /** l1_j and l2_j of P̃. */
  readonly l1: Float64Array;
  readonly l2: Float64Array;
  /** e_j and k. */
  readonly exponents: Int32Array;
  readonly targetExponent: number;
  /** The last column is that of the intercept. */
  readonly intercept: boolean;
  /** Relative error of the entries of the columns: 0 for a table. */
  readonly entryError: number;
  /** Relative error of l1 and l2: 0 where they are given, not sums or products. */
  readonly weightError: number;
}

/** What is proved of the minimum, in the units of the problem given. */
export interface RegressionResult {
  /** Weights of the scaled problem. */
  readonly w: Float64Array;
  readonly bounds: Bounds;
  /** Of w, where it is proved to be the only minimiser. */
  readonly errors: Float64Array | null;
  readonly method: string;
}

export interface Weights {
  readonly l1: number;
  readonly l2: number;
  /** @default 0 */
  readonly error?: number;
}

/** Weights beyond these lose digits in float64, or in products. */
const SMALLEST = 2 ** -900;
const LARGEST = 2 ** 900;

export async function regressionProblem(
  x: ArrayLike<number>,
  n: number,
  d: number,
  y: ArrayLike<number>,
  { l1, l2, error = 0 }: Weights,
  intercept: boolean,
  entryError: number,
  pacer: Pacer,
): Promise<RegressionProblem> {
  const target = Float64Array.from(y);
  const targetExponent = scaleToOne(target, 'targets');
  const columns: Float64Array[] = [];
  const exponents = new Int32Array(d + (intercept ? 1 : 0));
  for (let j = 0; j < d; j++) {
    const column = new Float64Array(n);
    for (let i = 0; i < n; i++) column[i] = x[i * d + j];
    exponents[j] = scaleToOne(column, `feature ${j + 1}`);
    columns.push(column);
    if (pacer.due()) await pacer.pause();
  }
  const weight = (base: number, power: number, j: number): number => {
    const value = timesPower(base, power);
    if (base === 0 || (value >= SMALLEST && value <= LARGEST)) return value;
    throw withheld(
      `f* of a linear regression: expected features, targets and λ of sizes within 270 orders of magnitude of each other, got feature ${j + 1} of size 2^${exponents[j]} with targets of size 2^${targetExponent}. Standardize the features.`,
    );
  };
  const weights = (base: number, power: (j: number) => number) =>
    Float64Array.from(exponents, (_, j) => (j < d ? weight(base, power(j), j) : 0));
  const l1s = weights(l1, (j) => -targetExponent - exponents[j]);
  const l2s = weights(l2, (j) => -2 * exponents[j]);
  if (intercept) columns.push(new Float64Array(n).fill(1));
  return {
    n,
    columns,
    norms: Float64Array.from(columns, normBound),
    target,
    targetNorm: normBound(target),
    l1: l1s,
    l2: l2s,
    exponents,
    targetExponent,
    intercept,
    entryError,
    weightError: error,
  };
}

/** l1_j and l2_j. */
export const l1Of = ({ l1, weightError }: RegressionProblem, j: number): Ball => ({
  hi: l1[j],
  lo: 0,
  radius: weightError * l1[j],
});
export const l2Of = ({ l2, weightError }: RegressionProblem, j: number): Ball => ({
  hi: l2[j],
  lo: 0,
  radius: weightError * l2[j],
});

/** Divides by the power of two that brings the largest entry into [½, 1), and returns its exponent. */
function scaleToOne(entries: Float64Array, what: string): number {
  let largest = 0;
  for (let i = 0; i < entries.length; i++) {
    const size = Math.abs(entries[i]);
    // Not Math.max alone, so that NaN is seen.
    if (!(size <= largest)) largest = size;
    if (Number.isNaN(size)) break;
  }
  if (!Number.isFinite(largest)) {
    throw withheld(
      `f* of a linear regression: expected finite ${what}, got ${largest}. Correct the table.`,
    );
  }
  const exponent = exponentOf(largest);
  for (let i = 0; i < entries.length; i++) {
    const scaled = timesPower(entries[i], -exponent);
    if (timesPower(scaled, exponent) !== entries[i]) {
      throw withheld(
        `f* of a linear regression: expected ${what} within 290 orders of magnitude of each other, got ${entries[i]} beside ${largest}. Correct the table.`,
      );
    }
    entries[i] = scaled;
  }
  return exponent;
}

/** The problem of a linear model with one output. */
export function modelProblem(
  model: ModelValue,
  targets: HostArray,
  weights: Weights,
  pacer: Pacer,
): Promise<RegressionProblem> {
  const { data, shape } = model.dataset.features;
  const intercept = model.parameters.some(({ penalized }) => !penalized);
  return regressionProblem(data, shape[0], shape[1], targets.data, weights, intercept, 0, pacer);
}

/** w̃ as w, in the order of the variables of a linear model. */
export function unscaled(problem: RegressionProblem, w: Float64Array): Float64Array {
  const { exponents, targetExponent } = problem;
  return w.map((value, j) => timesPower(value, targetExponent - exponents[j]));
}

/** The minimiser of one array of the shape, where bounds of its errors are known and small. */
export function minimiserOf(
  problem: RegressionProblem,
  w: Float64Array,
  errors: Float64Array | null,
  shape: Shape,
): Pick<Certificate, 'minimiser' | 'minimiserError'> {
  if (!errors) return {};
  const own = unscaled(problem, w);
  return knownMinimiser([hostFloat(own, shape)], largestError(problem, own, errors));
}

/** The minimiser in the order of the variables of a linear model, likewise. */
export function modelMinimiser(
  problem: RegressionProblem,
  w: Float64Array,
  errors: Float64Array | null,
): Pick<Certificate, 'minimiser' | 'minimiserError'> {
  if (!errors) return {};
  const own = unscaled(problem, w);
  const d = own.length - (problem.intercept ? 1 : 0);
  const parts = [hostFloat(own.slice(0, d), [d, 1])];
  if (problem.intercept) parts.push(hostFloat(own.slice(d), [1]));
  return knownMinimiser(parts, largestError(problem, own, errors));
}

/** With the rounding of the weights to float64. */
function largestError(problem: RegressionProblem, own: Float64Array, errors: Float64Array): number {
  return unscaled(problem, errors).reduce(
    (most, e, j) => Math.max(most, e * (1 + 2 ** -50) + Math.abs(own[j]) * 2 ** -52),
    0,
  );
}
