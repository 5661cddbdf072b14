/**
 * The linear support vector machine by sequential minimal optimization in float64.
 *
 *   P(w, b) = 1/N Σᵢ max(0, 1 − sᵢ(xᵢᵀw + b)) + (λ/2)‖w‖²
 *   D(α) = λ(Σᵢ αᵢ − ½‖w(α)‖²),   w(α) = Σᵢ αᵢsᵢxᵢ,   0 ≤ αᵢ ≤ C = 1/(Nλ),   Σᵢ αᵢsᵢ = 0
 *
 * D(α) ≤ P* ≤ P(w, b), and nothing is proved here. A step moves the two αᵢ that violate the optimality conditions most, along the equation (Platt 1999; Keerthi et
 * al. 2001, second modification; Fan, Chen & Lin 2005, section II). b is the best for the last w: P is piecewise linear in it.
 */
import { inner } from './linear-algebra.ts';
import type { Pacer } from './pacer.ts';

export interface SupportVectorMachine {
  readonly weights: Float64Array;
  readonly bias: number;
  /** α/C, each from 0 to 1. */
  readonly shares: Float64Array;
  readonly steps: number;
}

const MAX_STEPS = 200_000;
/** Numbers read in all steps, some twenty seconds. */
const MOST_WORK = 2e10;
/** Weights from which a start is taken, of the largest ‖x‖², and how far they are apart. */
const FIRST_WEIGHT = 1e-2;
const WEIGHT_FACTOR = 10;
const MOST_WEIGHTS = 40;
/** Of the margins, which are near 1: below it a violation is rounding. */
const TOLERANCE = 1e-13;

/**
 * @param x float [n, d], row-major
 * @param s ±1, [n], both signs among them
 * @param lambda λ > 0
 */
export async function supportVectorMachine(
  x: Float64Array,
  s: ArrayLike<number>,
  n: number,
  d: number,
  lambda: number,
  pacer: Pacer,
): Promise<SupportVectorMachine> {
  const row = (i: number) => x.subarray(i * d, (i + 1) * d);
  let radius = 0;
  for (let i = 0; i < n; i++) radius = Math.max(radius, inner(row(i), row(i)));
  const shares = new Float64Array(n);
  const w = new Float64Array(d);
  const most = Math.min(MAX_STEPS, Math.ceil(MOST_WORK / (n * (d + 1))));
  let steps = 0;
  // Small weights make many small steps: the shares of a larger weight are a start for them.
  const weights = [lambda];
  for (let k = 0; k < MOST_WEIGHTS && weights[0] < FIRST_WEIGHT * radius; k++) {
    weights.unshift(weights[0] * WEIGHT_FACTOR);
  }
  for (const weight of weights) {
    const last = weight === lambda;
    const left = last ? most - steps : (most - steps) / 2;
    steps += await descend({ x, s, n, d, weight, shares, w, most: left }, pacer);
    pacer.progress(steps / most);
  }
  const scores = Float64Array.from({ length: n }, (_, i) => inner(row(i), w));
  return { weights: w, bias: bestBias(scores, s), shares, steps };
}

interface Descent {
  readonly x: Float64Array;
  readonly s: ArrayLike<number>;
  readonly n: number;
  readonly d: number;
  readonly weight: number;
  /** α/C, changed in place, and w. */
  readonly shares: Float64Array;
  readonly w: Float64Array;
  readonly most: number;
}

/** Steps done until the conditions hold to rounding, `most` at most. */
async function descend(
  { x, s, n, d, weight, shares, w, most }: Descent,
  pacer: Pacer,
): Promise<number> {
  const C = 1 / (n * weight);
  const row = (i: number) => x.subarray(i * d, (i + 1) * d);
  const combine = (): void => {
    w.fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) w[j] += C * shares[i] * s[i] * x[i * d + j];
    }
  };
  combine();
  let steps = 0;
  for (; steps < most; steps++) {
    // The largest and the least s − xᵀw of those that may move up and down along s.
    let [up, down] = [-1, -1];
    let [highest, lowest] = [-Infinity, Infinity];
    for (let i = 0; i < n; i++) {
      const rest = s[i] - inner(row(i), w);
      if ((s[i] > 0 ? shares[i] < 1 : shares[i] > 0) && rest > highest) [up, highest] = [i, rest];
      if ((s[i] > 0 ? shares[i] > 0 : shares[i] < 1) && rest < lowest) [down, lowest] = [i, rest];
    }
    if (up < 0 || down < 0 || highest - lowest <= TOLERANCE) break;
    const difference = row(up).map((v, j) => v - row(down)[j]);
    const room = Math.min(
      s[up] > 0 ? 1 - shares[up] : shares[up],
      s[down] > 0 ? shares[down] : 1 - shares[down],
    );
    // Two equal points: the objective is linear along the step, which ends at a bound.
    const step = Math.min(room, (highest - lowest) / (C * inner(difference, difference)));
    shares[up] = bounded(shares[up], s[up] * step);
    shares[down] = bounded(shares[down], -s[down] * step);
    for (let j = 0; j < d; j++) w[j] += C * step * difference[j];
    if (pacer.due()) await pacer.pause();
  }
  // Anew, so that rounding does not pile up.
  combine();
  return steps;
}

/** The sum; what is within its rounding of a bound is at it. */
function bounded(before: number, change: number): number {
  const share = before + change;
  if (share <= 2 ** -50 * before) return 0;
  return share > 1 - 1e-14 ? 1 : share;
}

/** A minimiser of Σ max(0, 1 − s(score + b)) over b: the slope in b, −Σ s over margins below 1, changes sign at one of the kinks. */
function bestBias(scores: Float64Array, s: ArrayLike<number>): number {
  const kinks = Array.from(scores, (score, i) => ({ at: s[i] - score }));
  kinks.sort((a, b) => a.at - b.at);
  // From −∞, where all positive samples count, each kink raises the slope by one: a positive one leaves, a negative one joins.
  let slope = 0;
  for (let i = 0; i < s.length; i++) slope -= s[i] > 0 ? 1 : 0;
  let k = 0;
  // Ends after the kinks.
  while (k < kinks.length && slope + 1 < 0) {
    slope++;
    k++;
  }
  const first = kinks[Math.min(k, kinks.length - 1)].at;
  // Where the slope is 0 between two kinks, the middle is as good.
  return slope + 1 === 0 && k + 1 < kinks.length ? (first + kinks[k + 1].at) / 2 : first;
}
