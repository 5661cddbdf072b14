/**
 * Bounds of the minima of kernel machines from coefficients α, for the kernel itself and not the matrix K̂ that float64 makes of it.
 *
 * Kα is computed with the kernel in double-double where the samples are few enough; else from K̂, |K̂_ij − K_ij| ≤ η √(K_ii K_jj) for an η that the
 * kernel states, so that with g_i = √K_ii and A = Σ g_i|α_i| it is off by η g_i A at most. K ≥ 0, as every kernel is positive semidefinite.
 *
 * Ridge regression, f(α) = ‖Kα − y‖²/(2N) + (λ/2)αᵀKα: with r = (K + NλI)α − y, ∇f = Kr/N and
 *
 *   f(α) = (λ/2)αᵀ(y − r) + ‖r‖²/(2N),  f(α) − f* = rᵀK(K + NλI)⁻¹r/(2N) ≤ ‖r‖²/(2N),  ‖α − (K + NλI)⁻¹y‖ ≤ ‖r‖/(Nλ).
 *
 * Logistic regression, f(α) = 1/N Σ log(1 + exp zᵢ) − yᵢzᵢ + (λ/2)αᵀKα, z = Kα: ∇f = Ku with u = g/N + λα, and f grows at least like (λ/2)δᵀKδ beyond
 * its tangent, so f(α) − f* ≤ uᵀKu/(2λ).
 */
import {
  ONE,
  ZERO,
  absolute,
  add,
  ball,
  divide,
  exactly,
  lower,
  multiply,
  negate,
  roundedUp,
  scaleByPower,
  subtract,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { exp, log } from '../../../numerics/ball-elementary.ts';
import {
  dot,
  dotError,
  normBound,
  setEntry,
  vectorFrom,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { KernelModel } from '../../../runtime/graph/ports.ts';
import type { Bounds } from './proof.ts';

export interface KernelProblem {
  /** K̂ [N, N]; called where it is needed. */
  matrix(pacer: Pacer): Promise<Float64Array>;
  /** float [N]; classes 0 and 1 for logistic regression. */
  readonly y: Float64Array;
  readonly lambda: number;
  readonly kernel: Pick<KernelModel, 'precisely' | 'preciseFlops' | 'rounding'>;
}

/** Operations in double-double, some five seconds. */
const MOST_FLOPS = 4e9;

/** (Kα)_i, all i. */
async function images(problem: KernelProblem, alpha: Float64Array, pacer: Pacer): Promise<Ball[]> {
  const { y, kernel } = problem;
  const n = y.length;
  if ((n * n * kernel.preciseFlops) / 2 > MOST_FLOPS) {
    const matrix = await problem.matrix(pacer);
    const a = vectorFrom(alpha);
    const roots = rootsOf(problem, matrix);
    const span = spanOf(roots, alpha);
    const near: Ball[] = [];
    for (let i = 0; i < n; i++) {
      const image = product(matrix, a, i);
      near.push({ ...image, radius: roundedUp(image.radius + kernel.rounding * roots[i] * span) });
      if (pacer.due()) await pacer.pause();
    }
    return near;
  }
  const out: Ball[] = Array.from({ length: n }, () => ZERO);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const k = kernel.precisely(i, j);
      out[i] = add(out[i], multiply(k, exactly(alpha[j])));
      if (j < i) out[j] = add(out[j], multiply(k, exactly(alpha[i])));
      if (pacer.due()) {
        pacer.progress(((i * n + j) / n / n) ** 2);
        await pacer.pause();
      }
    }
  }
  return out;
}

/** √K_ii at most. */
function rootsOf({ y, kernel: { rounding } }: KernelProblem, matrix: Float64Array): Float64Array {
  const n = y.length;
  return Float64Array.from({ length: n }, (_, i) =>
    roundedUp(Math.sqrt(Math.max(0, matrix[i * n + i]) / (1 - rounding))),
  );
}

/** Σ g_i|a_i| at most. */
function spanOf(roots: Float64Array, a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += roots[i] * Math.abs(a[i]);
  return roundedUp(sum * (1 + (a.length + 4) * 2 ** -52));
}

/** (K̂α)_i with the rounding of the sum alone. */
function product(matrix: Float64Array, alpha: DoubleDoubleVector, i: number): Ball {
  const n = alpha.hi.length;
  const row = matrix.subarray(i * n, (i + 1) * n);
  return ball(dot(row, alpha), dotError(n, normBound(row) * normBound(alpha.hi)));
}

export interface RidgeProof extends Bounds {
  /** ‖α − (K + NλI)⁻¹y‖ at most; infinite for λ = 0. */
  readonly error: number;
}

export async function proveKernelRidge(
  problem: KernelProblem,
  alpha: Float64Array,
  pacer: Pacer,
): Promise<RidgeProof> {
  const { y, lambda } = problem;
  const n = y.length;
  const shift = multiply(exactly(n), exactly(lambda));
  const z = await images(problem, alpha, pacer);
  let along: Ball = ZERO;
  let squares: Ball = ZERO;
  for (let i = 0; i < n; i++) {
    const a = exactly(alpha[i]);
    const r = add(subtract(z[i], exactly(y[i])), multiply(shift, a));
    along = add(along, multiply(a, subtract(exactly(y[i]), r)));
    squares = add(squares, multiply(r, r));
  }
  const misfit = divide(squares, exactly(2 * n));
  const value = add(scaleByPower(multiply(exactly(lambda), along), -1), misfit);
  const size = Math.sqrt(Math.max(0, upper(squares))) * (1 + 2 ** -50);
  const error = lambda > 0 ? roundedUp(size / lower(shift)) : Infinity;
  return { value, least: subtract(value, exactly(upper(misfit))), error };
}

export async function proveKernelLogistic(
  problem: KernelProblem,
  alpha: Float64Array,
  pacer: Pacer,
): Promise<Bounds> {
  const { y, lambda, kernel } = problem;
  const n = y.length;
  const matrix = await problem.matrix(pacer);
  const roots = rootsOf(problem, matrix);
  const all = await images(problem, alpha, pacer);
  const weight = exactly(lambda);
  let loss: Ball = ZERO;
  let penalty: Ball = ZERO;
  const u = zeroVector(n);
  const unsure = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const z = all[i];
    // log(1 + e^z) = max(z, 0) + log(1 + e^−|z|) and its slope.
    const small = exp(negate(absolute(z)));
    const whole = add(ONE, small);
    const up = z.hi > 0;
    loss = add(loss, subtract(add(up ? z : ZERO, log(whole)), multiply(exactly(y[i]), z)));
    penalty = add(penalty, multiply(exactly(alpha[i]), z));
    const slope = subtract(divide(up ? ONE : small, whole), exactly(y[i]));
    const part = add(divide(slope, exactly(n)), multiply(weight, exactly(alpha[i])));
    setEntry(u, i, part);
    unsure[i] = part.radius;
    if (pacer.due()) await pacer.pause();
  }
  const value = add(divide(loss, exactly(n)), scaleByPower(multiply(weight, penalty), -1));
  // √(uᵀKu) of the u computed, and what rounding may add.
  const slopes = { hi: u.hi, lo: new Float64Array(n) };
  let energy: Ball = ZERO;
  for (let i = 0; i < n; i++) {
    energy = add(energy, multiply(exactly(u.hi[i]), product(matrix, slopes, i)));
    unsure[i] = roundedUp(unsure[i] + Math.abs(u.lo[i]));
    if (pacer.due()) await pacer.pause();
  }
  const reach = spanOf(roots, slopes.hi);
  const square = Math.max(0, upper(energy)) + kernel.rounding * reach * reach;
  const length = roundedUp(Math.sqrt(roundedUp(square)) + spanOf(roots, unsure));
  const gap = roundedUp((length / lambda) * (length / 2));
  return { value, least: subtract(value, exactly(gap)) };
}
