/**
 * Newton's method for a likelihood in float64, in the basis V = XM of a preconditioner M: its columns are orthonormal, so that what is left of the
 * condition number comes from the weights of the samples. It proves nothing.
 */
import * as elementary from '../../../../numerics/elementary/index.ts';
import { cholesky, inner, norm, solveCholesky } from '../../../../numerics/linear-algebra.ts';
import { partOf } from '../../../../numerics/pacer.ts';
import type { Pacer } from '../../../../numerics/pacer.ts';
import type { Preconditioner } from '../preconditioner.ts';
import { metric } from './problem.ts';
import type { LikelihoodProblem } from './problem.ts';

const MAX_ITERATIONS = 100;
const MAX_HALVINGS = 40;
/** Sufficient decrease of the line search. */
const ARMIJO = 1e-4;
/** Of the diagonal of the Hessian, added to it: directions that the samples hardly see keep a factor. */
const SHIFT = 1e-15;

export interface Iterate {
  /** [columns of V, C]. */
  readonly gamma: Float64Array;
  readonly value: number;
  /** Logits, [C] vectors of N. */
  readonly logits: readonly Float64Array[];
}

interface Point extends Iterate {
  readonly gradient: Float64Array;
}

/** `done` ends it early. */
export async function newton(
  problem: LikelihoodProblem,
  { images }: Preconditioner,
  start: Float64Array,
  done: (iterate: Iterate) => boolean,
  pacer: Pacer,
): Promise<Iterate> {
  const { family, design } = problem;
  const { n } = design;
  const C = family.logits;
  const width = images.length;
  const size = width * C;
  const slope = new Float64Array(C);
  const roots = new Float64Array(family.rows * C);
  const z = new Float64Array(C);

  const evaluate = async (gamma: Float64Array): Promise<Point> => {
    const logits = Array.from({ length: C }, () => new Float64Array(n));
    for (let m = 0; m < width; m++) {
      for (let c = 0; c < C; c++) {
        const s = gamma[m * C + c];
        const [into, v] = [logits[c], images[m]];
        for (let i = 0; i < n; i++) into[i] += s * v[i];
      }
      if (pacer.due()) await pacer.pause();
    }
    const slopes = Array.from({ length: C }, () => new Float64Array(n));
    let value = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < C; c++) z[c] = logits[c][i];
      value += family.evaluate(i, z, slope, roots) / n;
      for (let c = 0; c < C; c++) slopes[c][i] = slope[c];
      if (pacer.due()) await pacer.pause();
    }
    const gradient = new Float64Array(size);
    for (let m = 0; m < width; m++) {
      const v = images[m].subarray(0, n);
      for (let c = 0; c < C; c++) gradient[m * C + c] = inner(v, slopes[c]) / n;
      if (pacer.due()) await pacer.pause();
    }
    value += addPenalty(problem, images, gamma, gradient);
    return { gamma, value, logits, gradient };
  };

  let point = await evaluate(start);
  for (let iteration = 0; iteration < MAX_ITERATIONS && !done(point); iteration++) {
    // Each step counts a quarter of what is left: how many there will be nobody knows.
    const left = elementary.pow(0.75, iteration);
    const step = partOf(pacer, 1 - left, 1 - 0.75 * left);
    const h = await hessian(problem, images, point.logits, step);
    for (let k = 0; k < size; k++) h[k * size + k] *= 1 + SHIFT;
    let factor = await cholesky(h, size, 0, step);
    if (!factor) {
      const largest = h.reduce(
        (most, v, k) => (k % (size + 1) === 0 ? Math.max(most, v) : most),
        0,
      );
      factor = await cholesky(h, size, 1e-13 * largest, step);
    }
    if (!factor) break;
    const direction = solveCholesky(factor, size, point.gradient);
    const decrease = inner(direction, point.gradient);
    const before = norm(point.gradient);
    let next: Point | null = null;
    for (let k = 0, t = 1; k < MAX_HALVINGS && !next; k++, t /= 2) {
      const trial = await evaluate(point.gamma.map((value, q) => value - t * direction[q]));
      // At the end the value no longer resolves the decrease, and the gradient decides.
      const better =
        trial.value < point.value - ARMIJO * t * decrease || norm(trial.gradient) < 0.5 * before;
      if (better) next = trial;
      else if (decrease < 1e-14 * Math.abs(point.value)) break;
    }
    if (!next) break;
    point = next;
  }
  return point;
}

/** The penalty; its gradient is added. Rows of the images beyond N hold √(N l2_j) M_j. */
function addPenalty(
  problem: LikelihoodProblem,
  images: readonly Float64Array[],
  gamma: Float64Array,
  gradient: Float64Array,
): number {
  const { design, family } = problem;
  const { n } = design;
  const C = family.logits;
  let total = 0;
  for (let row = n; row < (images[0]?.length ?? 0); row++) {
    const theta = new Float64Array(C);
    images.forEach((v, m) => {
      for (let c = 0; c < C; c++) theta[c] += v[row] * gamma[m * C + c];
    });
    const weighted = metric(problem, theta);
    total += inner(theta, weighted) / (2 * n);
    images.forEach((v, m) => {
      for (let c = 0; c < C; c++) gradient[m * C + c] += (v[row] * weighted[c]) / n;
    });
  }
  return total;
}

/** The Hessian in γ, [size, size], at given logits. */
export async function hessian(
  problem: LikelihoodProblem,
  images: readonly Float64Array[],
  logits: readonly Float64Array[],
  pacer: Pacer,
): Promise<Float64Array> {
  const { family, design } = problem;
  const { n } = design;
  const C = family.logits;
  const width = images.length;
  const size = width * C;
  const h = new Float64Array(size * size);
  const z = new Float64Array(C);
  const slope = new Float64Array(C);
  const roots = new Float64Array(family.rows * C);
  // W as C·C vectors of N, then H block by block of pairs of columns.
  const weights = Array.from({ length: C * C }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < C; c++) z[c] = logits[c][i];
    family.evaluate(i, z, slope, roots);
    for (let a = 0; a < C; a++) {
      for (let b = 0; b < C; b++) {
        let w = 0;
        for (let r = 0; r < family.rows; r++) w += roots[r * C + a] * roots[r * C + b];
        weights[a * C + b][i] = w / n;
      }
    }
    if (pacer.due()) await pacer.pause();
  }
  const product = new Float64Array(n);
  for (let j = 0; j < width; j++) {
    for (let k = 0; k <= j; k++) {
      const [u, v] = [images[j], images[k]];
      for (let i = 0; i < n; i++) product[i] = u[i] * v[i];
      let below = 0;
      for (let i = n; i < u.length; i++) below += (u[i] * v[i]) / n;
      for (let a = 0; a < C; a++) {
        for (let b = 0; b < C; b++) {
          const s = a === b ? 1 : 0;
          const penalty = below * (problem.classes === null ? s : s - 1 / problem.classes);
          const entry = inner(weights[a * C + b], product) + penalty;
          h[(j * C + a) * size + k * C + b] = entry;
          h[(k * C + b) * size + j * C + a] = entry;
        }
      }
      if (pacer.due()) await pacer.pause();
    }
  }
  return h;
}
