/**
 * Regression with more columns than samples, by a Cholesky factorization of the Gram matrix of the rows in float64 and refinement against the data
 * in double-double.
 *
 * With a ridge, H⁻¹h = Dh − DXᵀ(I + XDXᵀ)⁻¹XDh, D = diag(1/(N l2_j)) (Woodbury; Golub & Van Loan, section 2.1.4); the intercept has a small ridge
 * there, which refinement takes out again. Without one, steps Xᵀ(XXᵀ + εI)⁻¹t lead to a w of least residual (iterated Tikhonov).
 */
import * as dd from '../../../numerics/double-double.ts';
import { entry, setEntry, zeroVector } from '../../../numerics/double-double-vector.ts';
import { cholesky, inner, solveCholesky } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { slope } from './elastic-net-proof.ts';
import type { Solution } from './least-squares-solution.ts';
import type { RegressionProblem } from './regression-problem.ts';
import { residualAt } from './residual.ts';

/** Largest N²·columns, some seconds. */
const MOST_WORK = 4e9;
const ROUNDS = 40;
/** ε and the ridge of the intercept, of the mean diagonal entry of XXᵀ and of N. */
const SHIFT = 1e-13;
const INTERCEPT_RIDGE = 1e-6;

/** Null where that would take too long. */
export async function solveByRows(
  problem: RegressionProblem,
  pacer: Pacer,
): Promise<Solution | null> {
  const { n, columns, l2, intercept } = problem;
  const c = columns.length;
  if (n * n * c > MOST_WORK) return null;
  const ridge = l2.some((weight) => weight > 0);
  const isIntercept = (j: number) => intercept && j === c - 1;
  const weights = columns.map((_, j) => {
    if (!ridge) return 1;
    return 1 / (n * (isIntercept(j) ? INTERCEPT_RIDGE : l2[j]));
  });
  const roots = weights.map(Math.sqrt);
  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(c);
    for (let j = 0; j < c; j++) row[j] = columns[j][i] * roots[j];
    rows.push(row);
    if (pacer.due()) await pacer.pause();
  }
  const outer = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      outer[i * n + k] = outer[k * n + i] = inner(rows[i], rows[k]);
      if (pacer.due()) await pacer.pause();
    }
    trace += outer[i * n + i];
  }
  const factor = await cholesky(outer, n, ridge ? 1 : (SHIFT * trace) / n, pacer);
  if (!factor) return null;

  /** Σ_j s_j x_j and x_jᵀa. */
  const combine = (s: Float64Array): Float64Array => {
    const out = new Float64Array(n);
    columns.forEach((x, j) => {
      for (let i = 0; i < n; i++) out[i] += s[j] * x[i];
    });
    return out;
  };
  const project = (a: Float64Array): Float64Array => Float64Array.from(columns, (x) => inner(x, a));

  const w = zeroVector(c);
  let residual = await residualAt(problem, w, pacer);
  let before = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    let step: Float64Array;
    let size: number;
    if (ridge) {
      const scaled = new Float64Array(c);
      size = 0;
      for (let j = 0; j < c; j++) {
        const h = slope(problem, w, residual, j).hi;
        scaled[j] = weights[j] * h;
        size += scaled[j] * h;
        if (pacer.due()) await pacer.pause();
      }
      const back = project(solveCholesky(factor, n, combine(scaled)));
      step = scaled.map((value, j) => value - weights[j] * back[j]);
    } else {
      size = inner(residual.t.hi, residual.t.hi);
      step = project(solveCholesky(factor, n, residual.t.hi));
    }
    if (!(size < 0.9 * before)) break;
    before = size;
    step.forEach((value, j) => setEntry(w, j, dd.add(entry(w, j), dd.fromNumber(value))));
    residual = await residualAt(problem, w, pacer);
    if (size === 0) break;
    if (pacer.due()) await pacer.pause();
  }
  return { w, residual };
}
