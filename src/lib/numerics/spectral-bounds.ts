/** Proven bounds of the eigenvalues of positive semidefinite matrices. */
import { largestEigenvalue } from './lanczos.ts';
import { cholesky, largest, multiply, norm, powerOfTwo, solveCholesky } from './linear-algebra.ts';
import { partOf } from './pacer.ts';
import type { Pacer } from './pacer.ts';

export interface SpectralBounds {
  /** ≥ 0. */
  readonly lower: number;
  readonly upper: number;
}

/** Relative distances from an estimate at which a bound is tried: 1e-6, 4e-6, … */
const FIRST_SLACK = 1e-6;
const TRIALS = 12;

const UNIT = 2 ** -53;

/**
 * Bounds lower ≤ λmin(A) and λmax(A) ≤ upper of a symmetric positive semidefinite matrix with finite entries, usually within 1e-6 of the truth:
 * Lanczos' method estimates, and a Cholesky factorization of upper·I − A and A − lower·I proves each bound. Where one comes to its end, the
 * least eigenvalue is at least −γₙ₊₁ tr (Rump, Verification of positive definiteness, 2006, theorem 2.3), which is added to the
 * bounds. `lower` is 0 where A is numerically singular, or where `wanted` is 'upper'. Infinity where the bound is no float64 number.
 */
export async function spectralBounds(
  matrix: Float64Array,
  n: number,
  pacer: Pacer,
  wanted: 'both' | 'upper' = 'both',
): Promise<SpectralBounds> {
  const most = largest(matrix);
  if (!Number.isFinite(most))
    throw new RangeError(`spectralBounds(A [${n}, ${n}]): expected finite entries, got ${most}.`);
  if (most === 0) return { lower: 0, upper: 0 };
  const unit = powerOfTwo(most);
  const a = matrix.map((x) => x / unit);
  const ceiling = normBound(a, n);
  const share = wanted === 'both' ? 0.5 : 1;
  const upper = await upperBound(a, n, ceiling, partOf(pacer, 0, share));
  const lower = wanted === 'both' ? await lowerBound(a, n, upper, partOf(pacer, share, 1)) : 0;
  return { lower: lower * unit, upper: upper * unit };
}

/** min(‖A‖_∞, ‖A‖_F), rounded up. */
function normBound(a: Float64Array, n: number): number {
  let rows = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(a[i * n + j]);
    rows = Math.max(rows, sum);
  }
  return Math.min(rows, norm(a)) * (1 + (n * n + 4) * UNIT);
}

async function upperBound(
  a: Float64Array,
  n: number,
  ceiling: number,
  pacer: Pacer,
): Promise<number> {
  const top = await largestEigenvalue(n, (x) => multiply(a, n, n, x), partOf(pacer, 0, 0.3));
  const negated = a.map((v) => -v);
  let slack = FIRST_SLACK;
  for (let trial = 0; trial < TRIALS; trial++, slack *= 4) {
    const candidate = top * (1 + slack);
    // The trace of candidate·I − A is at most n times the candidate, and its diagonal is rounded.
    const proven = candidate * (1 + (n + 3) * n * UNIT);
    if (!(proven < ceiling)) break;
    if (await cholesky(negated, n, candidate, partOf(pacer, 0.3, 1))) return proven;
  }
  return ceiling;
}

async function lowerBound(
  a: Float64Array,
  n: number,
  upper: number,
  pacer: Pacer,
): Promise<number> {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i];
  const rounding = (n + 3) * UNIT * (trace + upper);
  const factor = await cholesky(a, n, 0, partOf(pacer, 0, 0.3));
  if (!factor) return 0;
  const inverse = await largestEigenvalue(
    n,
    (x) => solveCholesky(factor, n, x),
    partOf(pacer, 0.3, 0.6),
  );
  let below = FIRST_SLACK;
  for (let trial = 0; trial < TRIALS && below < 1; trial++, below *= 4) {
    const candidate = (1 - below) / inverse;
    // Also where rounding in the inverse made it no number.
    if (!(candidate > rounding)) return 0;
    if (await cholesky(a, n, -candidate, partOf(pacer, 0.6, 1))) return candidate - rounding;
  }
  return 0;
}
