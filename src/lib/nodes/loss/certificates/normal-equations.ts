/**
 * Least squares and ridge regression in closed form.
 *
 *   P(w) = 1/(2N)‖y − Xw‖² + (l2/2)‖w‖²,   (XᵀX/N + l2 I) w = Xᵀy/N
 *
 * Solved by Cholesky with iterative refinement against the data. P is μ-strongly convex with μ proven by a factorization, so
 * P(w) − P* ≤ ‖∇P(w)‖²/(2μ). With more features than samples, w = Xᵀa from the N×N system, and without a ridge P* ≥ 0.
 */
import type { Certificate } from '../../../runtime/graph/ports.ts';
import {
  cholesky,
  gram,
  inner,
  multiply,
  multiplyTransposed,
  norm,
  solveCholesky,
  transposed,
} from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { spectralBounds } from '../../../numerics/spectral-bounds.ts';
import { minimiserOf } from './centred.ts';
import type { CentredProblem } from './centred.ts';

/** Rounds of refinement; each gains what the condition number leaves of 16 digits. */
const REFINEMENTS = 3;

export async function normalEquations(
  problem: CentredProblem,
  l2: number,
  pacer: Pacer,
): Promise<Certificate> {
  return problem.d > problem.n ? wide(problem, l2, pacer) : tall(problem, l2, pacer);
}

function residual({ x, y, n, d }: CentredProblem, w: Float64Array): Float64Array {
  const prediction = multiply(x, n, d, w);
  return y.map((value, i) => value - prediction[i]);
}

function objective(problem: CentredProblem, r: Float64Array, w: Float64Array, l2: number): number {
  return inner(r, r) / (2 * problem.n) + (l2 / 2) * inner(w, w);
}

/** −∇P(w). */
function descent(problem: CentredProblem, w: Float64Array, l2: number): Float64Array {
  const g = multiplyTransposed(problem.x, problem.n, problem.d, residual(problem, w));
  return g.map((value, j) => value / problem.n - l2 * w[j]);
}

/** Columns that are not combinations of earlier ones, by Cholesky with the dependent pivots left out. */
async function independentColumns(a: Float64Array, d: number, pacer: Pacer): Promise<number[]> {
  const kept: number[] = [];
  const rows: Float64Array[] = [];
  for (let i = 0; i < d; i++) {
    const row = new Float64Array(kept.length + 1);
    let pivot = a[i * d + i];
    kept.forEach((j, column) => {
      let s = a[i * d + j];
      for (let k = 0; k < column; k++) s -= row[k] * rows[column][k];
      row[column] = s / rows[column][column];
      pivot -= row[column] ** 2;
    });
    if (pivot > d * 1e-14 * a[i * d + i]) {
      row[kept.length] = Math.sqrt(pivot);
      rows.push(row);
      kept.push(i);
    }
    if (pacer.due()) await pacer.pause();
  }
  return kept;
}

async function tall(problem: CentredProblem, l2: number, pacer: Pacer): Promise<Certificate> {
  const { n, d } = problem;
  const full = await gram(problem.x, n, d, 1 / n, pacer);
  for (let j = 0; j < d; j++) full[j * d + j] += l2;
  const kept = await independentColumns(full, d, pacer);
  const size = kept.length;
  const system = new Float64Array(size * size);
  kept.forEach((i, p) => kept.forEach((j, q) => (system[p * size + q] = full[i * d + j])));
  const factor = await cholesky(system, size, 0, pacer);
  if (!factor) throw new Error('internal: independent columns have no Cholesky factor.');
  const w = new Float64Array(d);
  for (let round = 0; round <= REFINEMENTS; round++) {
    const g = descent(problem, w, l2);
    const step = solveCholesky(
      factor,
      size,
      Float64Array.from(kept, (j) => g[j]),
    );
    kept.forEach((j, p) => (w[j] += step[p]));
    if (pacer.due()) await pacer.pause();
  }
  const { lower } = await spectralBounds(system, size, pacer);
  const slope = norm(descent(problem, w, l2));
  const scale = norm(multiplyTransposed(problem.x, n, d, problem.y)) / n;
  if (slope > 1e-8 * scale) {
    throw new Error(
      `least squares: expected a relative residual of at most 1e-8, got ${(slope / scale).toExponential(1)}. Standardize the features or add a squared ℓ2 term.`,
    );
  }
  const unique = size === d;
  return {
    value: objective(problem, residual(problem, w), w, l2),
    gap: size === 0 ? 0 : slope ** 2 / (2 * Math.max(lower, l2)),
    method: `normal equations (Cholesky, refined${unique ? '' : `; ${d - size} dependent columns left out`})`,
    precision: 'float64',
    ...(unique ? { minimiser: minimiserOf(problem, w) } : {}),
  };
}

async function wide(problem: CentredProblem, l2: number, pacer: Pacer): Promise<Certificate> {
  const { n, d, x } = problem;
  const outer = await gram(transposed(x, n, d), d, n, 1 / n, pacer);
  for (let i = 0; i < n; i++) {
    outer[i * n + i] += l2;
    // Centred columns are orthogonal to the vector of ones; this makes the system regular without changing w.
    if (problem.bias) for (let k = 0; k < n; k++) outer[i * n + k] += 1 / n;
  }
  const factor = await cholesky(outer, n, 0, pacer);
  if (!factor) {
    throw new Error(
      'least squares: expected linearly independent samples, got a singular Gram matrix. Remove repeated rows or add a squared ℓ2 term.',
    );
  }
  const a = new Float64Array(n);
  let w: Float64Array = new Float64Array(d);
  for (let round = 0; round <= REFINEMENTS; round++) {
    const rest = residual(problem, w).map((value, i) => value / n - l2 * a[i]);
    solveCholesky(factor, n, rest).forEach((step, i) => (a[i] += step));
    w = multiplyTransposed(x, n, d, a);
    if (pacer.due()) await pacer.pause();
  }
  const value = objective(problem, residual(problem, w), w, l2);
  const gap = l2 === 0 ? value : norm(descent(problem, w, l2)) ** 2 / (2 * l2);
  return {
    value,
    gap,
    method:
      l2 === 0
        ? 'interpolation (Cholesky of XXᵀ); the minimum is 0'
        : 'normal equations (Cholesky of XXᵀ, refined)',
    precision: 'float64',
    ...(l2 === 0 ? {} : { minimiser: minimiserOf(problem, w) }),
  };
}
