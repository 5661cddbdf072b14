/**
 * Lasso and elastic net by cyclic coordinate descent, with a duality gap.
 *
 *   P(w) = 1/(2N)‖y − Xw‖² + l1‖w‖₁ + (l2/2)‖w‖²,   l1 > 0
 *
 * l1 is lowered from where w = 0 is optimal, each problem starting at the solution of the last (Friedman, Hastie & Tibshirani
 * 2010, equation (5) and section 2.5). Once the nonzero coordinates settle, w solves a linear system on them; where its signs
 * agree, that point replaces the iterate, which spares the slow end of an ill-conditioned descent.
 *
 * Gap: the elastic net is a lasso on rows [X; √(N l2) I], targets [y; 0]. With residual r and s = min(1, l1/‖Xᵀr/N − l2 w‖∞), s·r/N
 * is feasible for the dual, whose value is rᵀy s/N − s²(‖r‖² + N l2‖w‖²)/(2N) ≤ P*
 * (Kim et al. 2007, An interior-point method for large-scale ℓ1-regularized least squares, section III.B).
 */
import type { Certificate } from '../../../runtime/graph/ports.ts';
import {
  cholesky,
  inner,
  multiply,
  solveCholesky,
  transposed,
} from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { minimiserOf } from './centred.ts';
import type { CentredProblem } from './centred.ts';

/** After so many sweeps over all coordinates, the path included, the gap is reported as it is. */
const MAX_SWEEPS = 3_000;
/** Sweeps over the nonzero coordinates between two sweeps over all. */
const ACTIVE_SWEEPS = 20;
/** Each problem of the path has l1 this times that of the one before. */
const PATH_FACTOR = 0.6;
/** A problem ends when no coordinate moves the prediction by more than this part of the targets: on the way, and at the end. */
const PATH_TOLERANCE = 1e-4;
const TOLERANCE = 1e-15;
/** Largest linear system that is worth its factorization. */
const MAX_ACTIVE = 600;

export async function coordinateDescent(
  problem: CentredProblem,
  l1: number,
  l2: number,
  pacer: Pacer,
): Promise<Certificate> {
  const { n, d, y } = problem;
  const columns = transposed(problem.x, n, d);
  const column = (j: number) => columns.subarray(j * n, (j + 1) * n);
  const squares = Float64Array.from({ length: d }, (_, j) => inner(column(j), column(j)) / n);
  const size = Math.sqrt(inner(y, y) / n);
  const w = new Float64Array(d);
  let r = Float64Array.from(y);
  let sweeps = 0;

  /** −∂/∂w_j of the smooth part. */
  const slope = (j: number): number => inner(column(j), r) / n - l2 * w[j];

  /** Minimises over w_j; the change of the prediction, as a root mean square. */
  const update = (j: number, weight: number): number => {
    if (squares[j] === 0) return 0;
    const x = column(j);
    const correlation = inner(x, r) / n + squares[j] * w[j];
    const next =
      (Math.sign(correlation) * Math.max(Math.abs(correlation) - weight, 0)) / (squares[j] + l2);
    const change = next - w[j];
    if (change === 0) return 0;
    for (let i = 0; i < n; i++) r[i] -= change * x[i];
    w[j] = next;
    return Math.abs(change) * Math.sqrt(squares[j]);
  };

  const sweep = async (coordinates: Iterable<number>, weight: number): Promise<number> => {
    let moved = 0;
    for (const j of coordinates) {
      moved = Math.max(moved, update(j, weight));
      if (pacer.due()) await pacer.pause();
    }
    return moved;
  };

  /** The residual anew, so that rounding does not pile up. */
  const refresh = (): void => {
    const prediction = multiply(problem.x, n, d, w);
    r = y.map((value, i) => value - prediction[i]);
  };

  /** Solves for the active coordinates with their signs kept; false where that is no solution. */
  const solveActive = async (active: readonly number[]): Promise<boolean> => {
    const order = active.length;
    const system = new Float64Array(order * order);
    for (let p = 0; p < order; p++) {
      for (let q = 0; q <= p; q++) {
        const entry = inner(column(active[p]), column(active[q])) / n;
        system[p * order + q] = entry;
        system[q * order + p] = entry;
      }
      if (pacer.due()) await pacer.pause();
    }
    const factor = await cholesky(system, order, l2, pacer);
    if (!factor) return false;
    // A step from the iterate, not a solution from zero: its rounding is relative to what is left.
    const rest = Float64Array.from(active, (j) => slope(j) - l1 * Math.sign(w[j]));
    const step = solveCholesky(factor, order, rest);
    if (active.some((j, p) => !((w[j] + step[p]) * w[j] > 0))) return false;
    active.forEach((j, p) => (w[j] += step[p]));
    refresh();
    return true;
  };

  /** The optimality conditions hold to rounding: |slope| ≤ l1, and slope = l1·sign(w) where w ≠ 0. */
  const optimal = (): boolean => {
    for (let j = 0; j < d; j++) {
      const s = slope(j);
      const excess = w[j] === 0 ? Math.abs(s) - l1 : Math.abs(s - l1 * Math.sign(w[j]));
      if (excess > 1e-13 * l1 + TOLERANCE * size * Math.sqrt(squares[j])) return false;
    }
    return true;
  };

  const descend = async (weight: number, tolerance: number): Promise<void> => {
    let settled = '';
    while (sweeps < MAX_SWEEPS) {
      let moved = await sweep(w.keys(), weight);
      sweeps++;
      if (moved <= tolerance * size) return;
      const active = [...w.keys()].filter((j) => w[j] !== 0);
      for (let i = 0; i < ACTIVE_SWEEPS && moved > tolerance * size; i++) {
        moved = await sweep(active, weight);
      }
      refresh();
      if (weight !== l1) continue;
      const pattern = active.join(' ');
      const stable = pattern === settled && active.length > 0 && active.length <= MAX_ACTIVE;
      settled = pattern;
      if (stable && (await solveActive(active)) && optimal()) return;
    }
  };

  let weight = 0;
  for (let j = 0; j < d; j++) weight = Math.max(weight, Math.abs(slope(j)));
  while ((weight *= PATH_FACTOR) > l1) await descend(weight, PATH_TOLERANCE);
  await descend(l1, TOLERANCE);

  refresh();
  let steepest = 0;
  for (let j = 0; j < d; j++) steepest = Math.max(steepest, Math.abs(slope(j)));
  const s = steepest > l1 ? l1 / steepest : 1;
  const squared = inner(r, r) + n * l2 * inner(w, w);
  const value = squared / (2 * n) + l1 * w.reduce((total, x) => total + Math.abs(x), 0);
  const dual = (s * inner(r, y)) / n - (s * s * squared) / (2 * n);
  return {
    value,
    gap: Math.max(value - dual, 0),
    method: `coordinate descent (${sweeps} sweeps), duality gap`,
    precision: 'float64',
    minimiser: minimiserOf(problem, w),
  };
}
