/**
 * Lasso and elastic net by cyclic coordinate descent, with a duality gap.
 *
 *   P(w) = 1/(2N)‖y − Xw‖² + l1‖w‖₁ + (l2/2)‖w‖²,   l1 > 0
 *
 * The elastic net is a lasso on rows [X; √(N l2) I], targets [y; 0]. With residual r and s = min(1, l1/‖Xᵀr/N − l2 w‖∞), s·r/N
 * is feasible for the dual, whose value is rᵀy s/N − s²(‖r‖² + N l2‖w‖²)/(2N) ≤ P*.
 * Friedman, Hastie & Tibshirani 2010, equation (5); gap: Kim et al. 2007, An interior-point method for large-scale
 * ℓ1-regularized least squares, section III.B.
 */
import type { Certificate } from '../../../runtime/graph/ports.ts';
import { inner, multiply, transposed } from '../../shared/linear-algebra.ts';
import type { Pacer } from '../../shared/pacer.ts';
import { minimiserOf } from './centred.ts';
import type { CentredProblem } from './centred.ts';

const MAX_SWEEPS = 200_000;
/** Sweeps over the nonzero coordinates between two sweeps over all. */
const ACTIVE_SWEEPS = 20;
/** Stops when no coordinate moves the prediction by more than this part of the targets. */
const TOLERANCE = 1e-15;

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
  const w = new Float64Array(d);
  let r = Float64Array.from(y);

  /** Minimises over w_j; the change of the prediction, as a root mean square. */
  const update = (j: number): number => {
    if (squares[j] === 0) return 0;
    const x = column(j);
    const correlation = inner(x, r) / n + squares[j] * w[j];
    const next =
      (Math.sign(correlation) * Math.max(Math.abs(correlation) - l1, 0)) / (squares[j] + l2);
    const change = next - w[j];
    if (change === 0) return 0;
    for (let i = 0; i < n; i++) r[i] -= change * x[i];
    w[j] = next;
    return Math.abs(change) * Math.sqrt(squares[j]);
  };

  const scale = TOLERANCE * Math.sqrt(inner(y, y) / n);
  let sweeps = 0;
  while (sweeps < MAX_SWEEPS) {
    let moved = 0;
    for (let j = 0; j < d; j++) {
      moved = Math.max(moved, update(j));
      if (pacer.due()) await pacer.pause();
    }
    sweeps++;
    if (moved <= scale) break;
    const active = [...w.keys()].filter((j) => w[j] !== 0);
    for (let k = 0; k < ACTIVE_SWEEPS && moved > scale; k++, sweeps++) {
      moved = active.reduce((most, j) => Math.max(most, update(j)), 0);
      if (pacer.due()) await pacer.pause();
    }
    // The residual is recomputed so that rounding does not pile up.
    const prediction = multiply(problem.x, n, d, w);
    r = y.map((value, i) => value - prediction[i]);
  }

  const prediction = multiply(problem.x, n, d, w);
  r = y.map((value, i) => value - prediction[i]);
  const ridge = n * l2 * inner(w, w);
  let steepest = 0;
  for (let j = 0; j < d; j++) {
    steepest = Math.max(steepest, Math.abs(inner(column(j), r) / n - l2 * w[j]));
  }
  const s = steepest > l1 ? l1 / steepest : 1;
  const squared = inner(r, r) + ridge;
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
