/**
 * Bounds of min f from a point θ, and a proof that the minimiser exists.
 *
 * With ν² = gᵀH⁻¹g, g and H the gradient and Hessian at θ, and R the largest ρ of a direction of H-length 1, generalised self-concordance gives
 *
 *   f(θ + h) ≥ f(θ) − νs + (e^(−Rs) + Rs − 1)/R²,  s = ‖h‖_H,
 *
 * (Bach 2010, proposition 1; Sun & Tran-Dinh 2019, proposition 10). For νR ≤ ½ its least value over s is above f(θ) − 0.62 ν². Along
 * every ray the slope is at least −ν + (1 − e^(−Rs))/R, which is positive for s beyond −log(1 − νR)/R ≤ 1.4 ν; so the minimiser exists and is that
 * near, and it is the only one as H is regular.
 * H ⪰ (1 − δ)·(NNᵀ)⁻¹ for N the inverse transposed factor of H in the basis V = XM: δ is computed from the rows √p_c (e_c − p) ⊗ v of a root of H.
 */
import {
  add,
  ball,
  divide,
  exactly,
  multiply,
  scaleByPower,
  subtract,
} from '../../../../numerics/ball.ts';
import type { Ball } from '../../../../numerics/ball.ts';
import {
  addMultiple,
  addMultiplePair,
  dot,
  dotError,
  entry,
  normBound,
  zeroVector,
} from '../../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../../numerics/double-double-vector.ts';
import * as dd from '../../../../numerics/double-double.ts';
import { cholesky } from '../../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../../numerics/pacer.ts';
import { energyBound } from '../preconditioner.ts';
import type { Preconditioner } from '../preconditioner.ts';
import { l2Of } from '../regression-problem.ts';
import { deviation } from './hessian-root.ts';
import { hessian } from './newton.ts';
import { metric } from './problem.ts';
import type { LikelihoodProblem } from './problem.ts';

const U = 2 ** -53;
/** Entries of a root of H, and products for its Gram matrix, at most. */
const MOST_CELLS = 2e7;
const MOST_WORK = 1e10;
const LARGEST_DELTA = 0.5;
const LARGEST_REACH = 0.5;
const CURVED = 0.62;
const NEAR = 1.4;

export interface LikelihoodProof {
  readonly value: Ball;
  /** f(θ) − f* at most. */
  readonly gap: number;
  /** Bounds of |θ − θ*|, [columns, C]. */
  readonly errors: Float64Array;
}

export interface LogitBalls {
  readonly logits: readonly Ball[][];
  readonly loss: Ball;
  /** C vectors of N, and a bound of the errors of their entries. */
  readonly slopes: readonly Float64Array[];
  readonly slopeError: number;
}

/** Whether a proof for so many samples and unknowns can be afforded. */
export const isProvable = (n: number, rows: number, size: number): boolean =>
  n * rows * size <= MOST_CELLS && n * rows * size * size <= MOST_WORK;

/** θ = Mγ, C vectors over all columns. */
export function weightsOf(
  { family, design }: LikelihoodProblem,
  { factor, kept }: Preconditioner,
  gamma: Float64Array,
): DoubleDoubleVector[] {
  const C = family.logits;
  return Array.from({ length: C }, (_, c) => {
    const part = zeroVector(kept.length);
    factor.forEach((m, k) => addMultiplePair(part, dd.fromNumber(gamma[k * C + c]), m));
    const theta = zeroVector(design.columns.length);
    kept.forEach((j, row) => {
      theta.hi[j] = part.hi[row];
      theta.lo[j] = part.lo[row];
    });
    return theta;
  });
}

/** Logits, loss and its slopes at θ, with bounds of their errors. */
export async function atWeights(
  { family, design }: LikelihoodProblem,
  theta: readonly DoubleDoubleVector[],
  pacer: Pacer,
): Promise<LogitBalls> {
  const { n, columns } = design;
  const z: DoubleDoubleVector[] = [];
  const errors: number[] = [];
  for (const weights of theta) {
    const sum = zeroVector(n);
    let size = 0;
    for (const [j, x] of columns.entries()) {
      addMultiple(sum, entry(weights, j), x);
      size += Math.abs(weights.hi[j]);
      if (pacer.due()) await pacer.pause();
    }
    z.push(sum);
    // Entries of the columns are at most 1.
    errors.push(16 * (columns.length + 1) * dd.UNIT * size * 1.01);
  }
  let loss: Ball = exactly(0);
  const logits: Ball[][] = [];
  const slopes = theta.map(() => new Float64Array(n));
  let slopeError = 0;
  for (let i = 0; i < n; i++) {
    const own = z.map((sum, c) => ball(entry(sum, i), errors[c]));
    const { loss: part, slope } = family.exactly(i, own);
    logits.push(own);
    loss = add(loss, part);
    slope.forEach((value, c) => {
      slopes[c][i] = value.hi;
      slopeError = Math.max(slopeError, value.radius + Math.abs(value.hi) * 2 * U);
    });
    if (pacer.due()) await pacer.pause();
  }
  return { logits, loss: divide(loss, exactly(n)), slopes, slopeError };
}

/** Null where nothing is proved: H too near to singular, or θ too far from a minimiser. */
export async function proveLikelihood(
  problem: LikelihoodProblem,
  preconditioner: Preconditioner,
  theta: readonly DoubleDoubleVector[],
  at: LogitBalls,
  pacer: Pacer,
): Promise<LikelihoodProof | null> {
  const { family, design } = problem;
  const { n } = design;
  const { images, imageErrors } = preconditioner;
  const C = family.logits;
  const width = images.length;
  const size = width * C;
  const below = (images[0]?.length ?? n) - n;
  const plain = theta.map((_, c) => Float64Array.from(at.logits, (z) => z[c].hi));
  const h = await hessian(problem, images, plain, pacer);
  const l = await cholesky(h, size, 0, pacer);
  if (!l) return null;
  const columns = await inverseTransposed(l, size, pacer);

  const delta = await deviation(problem, preconditioner, columns, plain, pacer);
  if (!(delta <= LARGEST_DELTA)) return null;

  // The gradient in γ: Vᵀ(slopes)/N and that of the penalty.
  const g = zeroVector(size);
  const radii = new Float64Array(size);
  const penalties = penaltySlopes(problem, preconditioner, theta, below);
  for (let m = 0; m < width; m++) {
    const v = images[m].subarray(0, n);
    const length = normBound(v) + imageErrors[m];
    for (let c = 0; c < C; c++) {
      const slopes = at.slopes[c];
      const most = normBound(slopes);
      const sum = dot(v, { hi: slopes, lo: new Float64Array(n) });
      const error =
        dotError(n, length * most) + imageErrors[m] * most + length * Math.sqrt(n) * at.slopeError;
      let rest = 0;
      let sizes = 0;
      for (let row = 0; row < below; row++) {
        rest += images[m][n + row] * penalties[c].slopes[row];
        sizes += Math.abs(images[m][n + row]) * penalties[c].sizes[row];
      }
      const k = m * C + c;
      g.hi[k] = (sum.hi + rest) / n;
      radii[k] = (1.01 * (error + (below + C + 20) * U * sizes)) / n + 4 * U * Math.abs(g.hi[k]);
      radii[k] += (1.01 * U * 2 * (Math.abs(sum.hi) + Math.abs(rest))) / n;
    }
    if (pacer.due()) await pacer.pause();
  }
  const factor = columns.map((hi) => ({ hi, lo: new Float64Array(size) }));
  const energy = energyBound({ factor, delta }, g, radii);
  const nu = 1.01 * Math.sqrt(energy);

  // R: |v_i|·‖N‖ for each logit, doubled for differences.
  let rowLength = 0;
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let m = 0; m < width; m++) square += (Math.abs(images[m][i]) + imageErrors[m]) ** 2;
    rowLength = Math.max(rowLength, Math.sqrt(square));
  }
  let frobenius = 0;
  for (const column of columns) frobenius += normBound(column) ** 2;
  const R = (1.01 * family.spread * rowLength * Math.sqrt(frobenius)) / Math.sqrt(1 - delta);
  if (!(nu * R <= LARGEST_REACH)) return null;
  const value = add(at.loss, penaltyBall(problem, theta));
  const gap = 1.01 * CURVED * nu * nu;
  const length = (1.01 * NEAR * nu) / Math.sqrt(1 - delta);
  const errors = entryErrors(preconditioner, columns, C, design.columns.length, length);
  return { value, gap, errors };
}

/** Columns of L⁻ᵀ. */
async function inverseTransposed(
  l: Float64Array,
  size: number,
  pacer: Pacer,
): Promise<Float64Array[]> {
  const columns: Float64Array[] = [];
  for (let k = 0; k < size; k++) {
    const m = new Float64Array(size);
    m[k] = 1 / l[k * size + k];
    for (let i = k - 1; i >= 0; i--) {
      let s = 0;
      for (let q = i + 1; q <= k; q++) s += l[q * size + i] * m[q];
      m[i] = -s / l[i * size + i];
    }
    columns.push(m);
    if (pacer.due()) await pacer.pause();
  }
  return columns;
}

/**
 * √(N l2_j) (S θ_j)_c for the rows of the penalty, in float64, with the sizes of the numbers they are sums of, which their roundings are relative to: for
 * each of C logits.
 */
function penaltySlopes(
  problem: LikelihoodProblem,
  { kept }: Preconditioner,
  theta: readonly DoubleDoubleVector[],
  below: number,
): { readonly slopes: Float64Array; readonly sizes: Float64Array }[] {
  const { design, classes } = problem;
  const out = theta.map(() => ({
    slopes: new Float64Array(below),
    sizes: new Float64Array(below),
  }));
  for (let row = 0; row < below; row++) {
    const j = kept[row];
    const weighted = metric(
      problem,
      Float64Array.from(theta, (weights) => weights.hi[j]),
    );
    const root = Math.sqrt(design.n * design.l2[j]);
    const all = theta.reduce((sum, weights) => sum + Math.abs(weights.hi[j]), 0);
    weighted.forEach((value, c) => {
      out[c].slopes[row] = root * value;
      out[c].sizes[row] =
        root * (Math.abs(theta[c].hi[j]) + (classes === null ? 0 : all / classes));
    });
  }
  return out;
}

/** ½ Σ_j l2_j θ_jᵀ S θ_j. */
function penaltyBall(
  { design, classes }: LikelihoodProblem,
  theta: readonly DoubleDoubleVector[],
): Ball {
  let total: Ball = exactly(0);
  for (let j = 0; j < design.columns.length; j++) {
    if (design.l2[j] === 0) continue;
    let squares: Ball = exactly(0);
    let sum: Ball = exactly(0);
    for (const weights of theta) {
      const x = ball(entry(weights, j));
      squares = add(squares, multiply(x, x));
      sum = add(sum, x);
    }
    if (classes !== null) {
      squares = subtract(squares, divide(multiply(sum, sum), exactly(classes)));
    }
    total = add(total, multiply(l2Of(design, j), squares));
  }
  return scaleByPower(total, -1);
}

/** |e_jcᵀh| ≤ ‖(M ⊗ I)N‖ of that row times the length of h. */
function entryErrors(
  { factor, kept }: Preconditioner,
  columns: readonly Float64Array[],
  C: number,
  count: number,
  length: number,
): Float64Array {
  const errors = new Float64Array(count * C);
  kept.forEach((j, row) => {
    for (let c = 0; c < C; c++) {
      let square = 0;
      for (const column of columns) {
        let sum = 0;
        factor.forEach((m, k) => (sum += Math.abs(m.hi[row] * column[k * C + c])));
        square += sum * sum;
      }
      errors[j * C + c] = 1.01 * Math.sqrt(square) * length;
    }
  });
  return errors;
}
