/**
 * min ‖x‖₁ subject to Kx = b, with its dual max bᵀy subject to |Kᵀy| ≤ 1.
 *
 * Douglas–Rachford splitting in float64 on the host, x = P(w), z = softThreshold(2x − w, s), w⁺ = w + z − x with P(v) = v + K⁺(b − Kv),
 * gives y by (x − w)/s = Kᵀy. It is fast where x is sparser than b is long; where it is not done soon, the path of lasso solutions is
 * followed to its end. basis-pursuit-proof.ts bounds f* with both points, however they were found.
 */
import { lower, upper } from '../../../numerics/ball.ts';
import { followPath } from '../../../numerics/lasso-path.ts';
import type { Certificate, LinearOperator } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { dot } from '../../../runtime/ir/ops.ts';
import type { HostArray, Value } from '../../../runtime/ir/types.ts';
import { grad } from '../../../runtime/transform/index.ts';
import {
  cholesky,
  gram,
  inner,
  multiply,
  multiplyTransposed,
  solveCholesky,
  transposed,
} from '../../../numerics/linear-algebra.ts';
import { hostMap, hostOperator } from '../../shared/operators/host.ts';
import type { HostOperator } from '../../shared/operators/host.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { correctionOf, minimiserBound, provePursuit } from './basis-pursuit-proof.ts';
import type { PursuitProof } from './basis-pursuit-proof.ts';
import { certificateOf, knownMinimiser, nonnegative } from './proof.ts';

const FIRST_STEPS = 1500;
const MOST_STEPS = 20_000;
const CHECK_EVERY = 100;
/** Of ‖x‖₁: a few units of rounding of the sums. */
const TOLERANCE = 1e-13;
/** Where the dual is this near to 1, an entry counts as one of the support. */
const MARGIN = 1e-6;
/** Largest systems that are worth their factorization, and largest matrix worth forming. */
const MOST_ROWS = 600;
const MOST_CELLS = 2_000_000;
const REFINEMENTS = 4;

/** An x near Kx = b with a y, and what they say in float64. */
interface Pair {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly value: number;
  readonly gap: number;
}

const gapOf = ({ value, least }: PursuitProof): number => upper(value) - lower(least);
const onesNorm = (x: Float64Array): number => x.reduce((total, v) => total + Math.abs(v), 0);
const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

export async function basisPursuitCertificate(
  operator: LinearOperator,
  inverse: (y: Value) => Value,
  b: HostArray,
  signal: AbortSignal,
): Promise<Certificate> {
  const pacer = createPacer(signal);
  const K = hostOperator(operator);
  const target = Float64Array.from(b.data);
  const pseudoInverse = hostMap(inverse, operator.output);
  // (K⁺)ᵀ is the derivative of qᵀK⁺y, which does not depend on y.
  const inverseAdjoint = hostMap(
    (q) => grad(([y]) => dot(inverse(y), q))([operator.apply(q)])[0],
    operator.input,
  );
  const project = (v: Float64Array): Float64Array => {
    const image = K.apply(v);
    const correction = pseudoInverse(target.map((value, i) => value - image[i]));
    return v.map((value, i) => value + correction[i]);
  };
  const correction = await correctionOf(operator, pacer);
  const prove = (x: Float64Array, y: Float64Array): Promise<PursuitProof> =>
    provePursuit(operator, correction, target, x, y, pacer);
  /** In float64, to know when to end. */
  const pairOf = (x: Float64Array, y: Float64Array): Pair => {
    const value = onesNorm(x);
    const scale = Math.max(1, largest(K.adjoint(y)));
    return { x, y, value, gap: Math.max(0, value - inner(target, y) / scale) };
  };
  const report = async (proof: PursuitProof, method: string): Promise<Certificate> => {
    const certificate = certificateOf(nonnegative(proof), `${method}, duality gap`);
    return { ...certificate, ...(await minimiserOf(operator, K, target, proof, pacer)) };
  };

  const start = pseudoInverse(target);
  // A tenth of the size of a nonzero entry, if a tenth of them are.
  const s = Math.max(onesNorm(start) / start.length, Number.MIN_VALUE);
  let w = start;
  // Ends at the first check after MOST_STEPS.
  for (let k = 1; ; k++) {
    const x = project(w);
    if (k % CHECK_EVERY === 0) {
      const pair = pairOf(x, inverseAdjoint(x.map((value, i) => (value - w[i]) / s)));
      if (pair.gap <= TOLERANCE * pair.value || k >= MOST_STEPS) {
        return report(await prove(pair.x, pair.y), `Douglas–Rachford (${k} steps)`);
      }
      if (k === FIRST_STEPS) {
        const end = await endOfPath(K, target, start.length, pacer);
        const [exact, split] = [end && (await prove(end.x, end.y)), await prove(pair.x, pair.y)];
        if (exact && gapOf(exact) <= gapOf(split)) return report(exact, 'homotopy');
      }
    }
    w = w.map((value, i) => {
      const reflected = 2 * x[i] - value;
      const z = Math.sign(reflected) * Math.max(Math.abs(reflected) - s, 0);
      return value + z - x[i];
    });
    if (pacer.due()) {
      pacer.progress(k / MOST_STEPS);
      await pacer.pause();
    }
  }
}

/** K e_j for the places, one after the other. */
async function columnsAt(
  K: HostOperator,
  places: readonly number[],
  size: number,
  rows: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const columns = new Float64Array(places.length * rows);
  const unit = new Float64Array(size);
  for (const [k, place] of places.entries()) {
    unit[place] = 1;
    columns.set(K.apply(unit), k * rows);
    unit[place] = 0;
    if (pacer.due()) await pacer.pause();
  }
  return columns;
}

/** x and y at the end of the path: K_S x_S = b and K_Sᵀ y = s, refined. */
async function endOfPath(
  K: HostOperator,
  b: Float64Array,
  size: number,
  pacer: Pacer,
): Promise<{ x: Float64Array; y: Float64Array } | null> {
  const rows = b.length;
  if (rows > MOST_ROWS || rows * size > MOST_CELLS) return null;
  const across = await columnsAt(K, [...new Float64Array(size).keys()], size, rows, pacer);
  const dense = transposed(across, size, rows);
  const path = await followPath(dense, across, rows, size, b, pacer);
  if (!path) return null;
  const { support, signs } = path;
  const columns = new Float64Array(support.length * rows);
  support.forEach((j, k) => columns.set(across.subarray(j * rows, (j + 1) * rows), k * rows));
  const solved = await solveOn(columns, support.length, rows, b, Float64Array.from(signs), pacer);
  if (!solved) return null;
  const x = new Float64Array(size);
  support.forEach((j, k) => (x[j] = solved.x[k]));
  return { x, y: solved.y };
}

/** Least squares A x = b and the least-norm y with Aᵀy = s, for A with the independent columns given, [count, rows] in memory. */
async function solveOn(
  columns: Float64Array,
  count: number,
  rows: number,
  b: Float64Array,
  s: Float64Array,
  pacer: Pacer,
): Promise<{ x: Float64Array; y: Float64Array } | null> {
  const across = transposed(columns, count, rows);
  const factor = await cholesky(await gram(across, rows, count, 1, pacer), count, 0, pacer);
  if (!factor) return null;
  const x = new Float64Array(count);
  const y = new Float64Array(rows);
  for (let round = 0; round < REFINEMENTS; round++) {
    const image = multiply(across, rows, count, x);
    const misfit = b.map((value, i) => value - image[i]);
    const step = solveCholesky(factor, count, multiplyTransposed(across, rows, count, misfit));
    step.forEach((value, k) => (x[k] += value));
    const slope = multiplyTransposed(across, rows, count, y);
    const rest = solveCholesky(
      factor,
      count,
      s.map((value, k) => value - slope[k]),
    );
    multiply(across, rows, count, rest).forEach((value, i) => (y[i] += value));
  }
  return { x, y };
}

/** The point proved, where every minimiser is known to be near it. */
async function minimiserOf(
  operator: LinearOperator,
  K: HostOperator,
  target: Float64Array,
  proof: PursuitProof,
  pacer: Pacer,
): Promise<Pick<Certificate, 'minimiser' | 'minimiserError'>> {
  const { slopes, x } = proof;
  const support = [...slopes.keys()].filter((i) => slopes[i] > 1 - MARGIN);
  const count = support.length;
  if (count > Math.min(target.length, MOST_ROWS)) return {};
  const size = x.hi.length;
  const columns = await columnsAt(K, support, size, target.length, pacer);
  const list = support.map((_, k) => columns.subarray(k * target.length, (k + 1) * target.length));
  // Entries of a product of two axes are rounded once, others are given.
  const entryError = operator.entries.kind === 'axes' && operator.input.length > 1 ? 2 ** -52 : 0;
  const reach = 1.01 * operator.norm;
  const error = await minimiserBound(proof, target, support, list, entryError, reach, pacer);
  return knownMinimiser([hostFloat(x.hi, operator.input)], error);
}
