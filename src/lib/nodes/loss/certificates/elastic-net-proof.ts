/**
 * Bounds of the minimum of P (regression-problem.ts) from a point w, by weak duality.
 *
 * With rows √(N l2_j)·e_jᵀ and targets 0 below, P is a lasso. For a θ with |x_jᵀθ| ≤ N l1_j, equality 0 where l1_j = 0, the dual value is below P*,
 * and above P(w) by
 *
 *   1/(2N) ‖y − Xw − θ‖² + Σ_j (l1_j |w_j| − w_j x_jᵀθ/N)                                            (Kim et al. 2007, section III.B).
 *
 * θ is s(t − q): t is the residual as it was computed, q the combination of the columns of C that makes x_jᵀ(t − q) = v_j exactly for j in C,
 * with v_j = N l1_j sign(w_j) where w_j ≠ 0. Such a q exists and has ‖q‖² = hᵀH⁻¹h, h_j = x_jᵀt − v_j, which a preconditioner bounds. The factor s ≤ 1
 * brings the other columns within their bounds. So no constraint is met to rounding only: w is feasible as it stands, and θ by construction.
 * Columns with l1_j = 0 outside C: with l2_j > 0 their own row takes up what is left; without, they must be combinations of those in C.
 */
import {
  absolute,
  add,
  ball,
  divide,
  exactly,
  lower,
  magnitude,
  multiply,
  negate,
  scaleByPower,
  subtract,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { entry, setEntry, squareBall, zeroVector } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { energyBound } from './preconditioner.ts';
import type { Preconditioner } from './preconditioner.ts';
import { l1Of, l2Of } from './regression-problem.ts';
import type { RegressionProblem } from './regression-problem.ts';
import { correlation } from './residual.ts';
import type { Residual } from './residual.ts';

export interface Proof {
  /** P(w). */
  readonly value: Ball;
  /** P(w) − P* at most; infinite where no θ is feasible. */
  readonly gap: number;
  /** w is proved to be the only minimiser up to these errors of its entries, or null. */
  readonly errors: Float64Array | null;
}

/** C and what makes it regular; `places` of all columns. */
export interface Tight {
  readonly places: readonly number[];
  readonly preconditioner: Preconditioner;
  /** All other columns without a penalty are exact combinations of those in C. */
  readonly spans: boolean;
}

/** N l1_j. */
export const threshold = (problem: RegressionProblem, j: number): Ball =>
  multiply(exactly(problem.n), l1Of(problem, j));

/** The columns that are not 0 have an entry of at least ½. */
const isZero = ({ norms }: RegressionProblem, j: number): boolean => norms[j] < 0.25;

/** x_jᵀt − N l2_j w_j. */
export function slope(
  problem: RegressionProblem,
  w: DoubleDoubleVector,
  residual: Residual,
  j: number,
): Ball {
  const c = correlation(problem, residual, j);
  if (problem.l2[j] === 0 || w.hi[j] === 0) return c;
  const weight = multiply(exactly(problem.n), l2Of(problem, j));
  return subtract(c, multiply(weight, ball(entry(w, j))));
}

/** P(w), for r = y − Xw within the error of the residual. */
export function objective(
  problem: RegressionProblem,
  w: DoubleDoubleVector,
  { t, norm, error }: Residual,
): Ball {
  const { n, l1, l2 } = problem;
  const square = squareBall(t);
  let total = divide(
    { ...square, radius: square.radius + 1.01 * error * (2 * norm + error) },
    exactly(2 * n),
  );
  for (let j = 0; j < w.hi.length; j++) {
    const x = ball(entry(w, j));
    if (x.hi === 0) continue;
    if (l1[j] > 0) total = add(total, multiply(l1Of(problem, j), absolute(x)));
    if (l2[j] > 0) total = add(total, scaleByPower(multiply(l2Of(problem, j), multiply(x, x)), -1));
  }
  return total;
}

export async function proveElasticNet(
  problem: RegressionProblem,
  w: DoubleDoubleVector,
  residual: Residual,
  { places, preconditioner, spans }: Tight,
  pacer: Pacer,
): Promise<Proof> {
  const { n, norms, l1, l2, columns } = problem;
  const value = objective(problem, w, residual);
  const inside = new Map(places.map((j, row) => [j, row]));
  const slopes: Ball[] = [];
  for (let j = 0; j < columns.length; j++) {
    slopes.push(slope(problem, w, residual, j));
    if (pacer.due()) await pacer.pause();
  }
  const h = zeroVector(places.length);
  const radii = new Float64Array(places.length);
  places.forEach((j, row) => {
    const off = subtract(slopes[j], target(problem, w.hi[j], slopes[j], j));
    setEntry(h, row, off);
    radii[row] = off.radius;
  });
  const moved = Math.sqrt(energyBound(preconditioner, h, radii)) * 1.01;

  // s = 1/(1 + stretch), and what a column without ℓ1 penalty outside C takes up.
  let stretch = 0;
  let taken = 0;
  let feasible = true;
  for (let j = 0; j < columns.length; j++) {
    if (inside.has(j) || isZero(problem, j)) continue;
    const length = Math.sqrt(norms[j] ** 2 + n * l2[j]);
    if (l1[j] > 0) {
      const most = threshold(problem, j);
      const excess = upper(subtract(absolute(slopes[j]), most)) + 1.01 * length * moved;
      stretch = Math.max(stretch, (1.01 * excess) / most.hi);
    } else if (l2[j] > 0) {
      taken += (magnitude(slopes[j]) + 1.01 * length * moved) ** 2 / (2 * n * n * l2[j]);
    } else feasible &&= spans;
  }
  // 1 − s.
  const bend = stretch / (1 + stretch);
  let penalties = 0;
  let squares = 0;
  for (let j = 0; j < columns.length; j++) {
    const size = Math.abs(w.hi[j]) * (1 + 2 ** -50);
    squares += n * l2[j] * size ** 2;
    if (size === 0 || l1[j] === 0) continue;
    if (inside.has(j)) penalties += bend * l1[j] * size;
    else {
      // l1|w| − s·w·x_jᵀ(t − q)/N ≥ 0.
      const along = scaledDifference(problem, w, slopes[j], j);
      const length = Math.sqrt(norms[j] ** 2 + n * l2[j]);
      penalties += along + (size * length * moved) / n + (bend * size * magnitude(slopes[j])) / n;
    }
  }
  const whole = Math.sqrt(residual.norm ** 2 + squares) * 1.01;
  const distance = residual.error + moved + bend * whole;
  const gap = feasible ? 1.02 * (distance ** 2 / (2 * n) + taken + penalties) : Infinity;
  const tight = { places, preconditioner, spans };
  const errors =
    errorsOf(problem, w, slopes, gap, moved, tight) ??
    errorsByConvexity(problem, gap, residual.error + moved);
  return { value, gap, errors };
}

/** v_j: N l1_j sign(w_j), or for w_j = 0 the slope as far as |v_j| ≤ N l1_j allows. */
function target(problem: RegressionProblem, w: number, along: Ball, j: number): Ball {
  const most = threshold(problem, j);
  if (w === 0 && magnitude(along) < lower(most)) return { ...along, radius: 0 };
  return (w === 0 ? along.hi : w) < 0 ? negate(most) : most;
}

/** l1_j|w_j| − w_j·slope/N at most. */
function scaledDifference(
  problem: RegressionProblem,
  w: DoubleDoubleVector,
  along: Ball,
  j: number,
): number {
  const x = ball(entry(w, j));
  const product = divide(multiply(x, along), exactly(problem.n));
  return magnitude(subtract(multiply(l1Of(problem, j), absolute(x)), product));
}

/**
 * Bounds of |w_j − w*_j| for every minimiser w*, or null where they are not known to agree.
 *
 * The dual is strongly concave: ‖θ* − θ‖² ≤ 2N·gap. So |x_jᵀθ*| < N l1_j outside C shows w*_j = 0, and y − Xw* = θ* then is an equation for
 * the entries in C, whose columns are independent.
 */
function errorsOf(
  problem: RegressionProblem,
  w: DoubleDoubleVector,
  slopes: readonly Ball[],
  gap: number,
  moved: number,
  { places, preconditioner }: Tight,
): Float64Array | null {
  if (!Number.isFinite(gap)) return null;
  const { n, norms, l1, l2, columns } = problem;
  const dual = 1.01 * Math.sqrt(2 * n * gap);
  const inside = new Set(places);
  for (let j = 0; j < columns.length; j++) {
    if (inside.has(j)) continue;
    const length = Math.sqrt(norms[j] ** 2 + n * l2[j]);
    const reach = magnitude(slopes[j]) + 1.01 * length * (dual + moved);
    if (w.hi[j] !== 0 || !(reach < n * l1[j] * (1 - 1e-15))) return null;
  }
  const errors = new Float64Array(columns.length);
  const { rowNorms, delta } = preconditioner;
  // y − Xw and θ* are both within √(2N·gap) of θ.
  const radius = (2 * dual) / Math.sqrt(1 - delta);
  places.forEach((j, row) => (errors[j] = 1.02 * rowNorms[row] * radius));
  return errors;
}

/**
 * Bounds from ½ Σ l2_j (w_j − w*_j)² ≤ gap, where every l2_j but that of the intercept is positive. The best intercept is the mean of y − Xw, from which
 * that of w is `off`/√N away at most.
 */
function errorsByConvexity(
  { n, norms, l2, intercept }: RegressionProblem,
  gap: number,
  off: number,
): Float64Array | null {
  const d = l2.length - (intercept ? 1 : 0);
  if (!Number.isFinite(gap) || l2.subarray(0, d).some((weight) => weight === 0)) return null;
  const errors = l2.map((weight) => 1.02 * Math.sqrt((2 * gap) / weight));
  if (intercept) {
    let shift = off;
    for (let j = 0; j < d; j++) shift += norms[j] * errors[j];
    errors[d] = (1.02 * shift) / Math.sqrt(n);
  }
  return errors;
}
