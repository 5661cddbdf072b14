/** Symmetric matrices brought to tridiagonal form, and the eigenvalues of that form by bisection. */
import { hypot } from './elementary/index.ts';
import { largest } from './linear-algebra.ts';
import type { Pacer } from './pacer.ts';

/** Distance of 1 to the next float64. */
export const EPSILON = 2 ** -52;

/** Below this share of the matrix a column counts as 0: the squares of less would be no numbers. */
const NOTHING = 2 ** -400;

export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Between neighbours of the diagonal; n − 1 of them. */
  readonly beside: Float64Array;
}

/**
 * T = QᵀAQ with Householder reflections, of a symmetric row-major [n, n] matrix whose largest entry is near 1; only its lower triangle is
 * read, and overwritten. `basis`, where wanted, becomes the row-major Q.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 8.3.1.
 */
export async function tridiagonalize(
  a: Float64Array,
  n: number,
  pacer: Pacer,
  basis?: Float64Array,
): Promise<Tridiagonal> {
  const beside = new Float64Array(Math.max(0, n - 1));
  const reflections: { readonly v: Float64Array; readonly factor: number }[] = [];
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  const none = NOTHING * largest(a);
  for (let k = 0; k < n - 2; k++) {
    let most = 0;
    let squares = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k];
      most = Math.max(most, Math.abs(v[i]));
      squares += v[i] * v[i];
    }
    if (most <= none) {
      reflections.push({ v: new Float64Array(0), factor: 0 });
      continue;
    }
    const norm = Math.sqrt(squares);
    const head = v[k + 1];
    beside[k] = head > 0 ? -norm : norm;
    v[k + 1] -= beside[k];
    // 2/vᵀv, without cancellation by the choice of sign.
    const factor = 1 / (squares + Math.abs(head) * norm);
    if (basis) reflections.push({ v: v.slice(k + 1), factor });
    // The lower triangle stands for both.
    w.fill(0, k + 1);
    for (let i = k + 1; i < n; i++) {
      const [row, x] = [i * n, v[i]];
      let sum = a[row + i] * x;
      for (let j = k + 1; j < i; j++) {
        sum += a[row + j] * v[j];
        w[j] += a[row + j] * x;
      }
      w[i] += sum;
    }
    let product = 0;
    for (let i = k + 1; i < n; i++) {
      w[i] *= factor;
      product += w[i] * v[i];
    }
    const half = (factor * product) / 2;
    for (let i = k + 1; i < n; i++) w[i] -= half * v[i];
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      const [x, y] = [v[i], w[i]];
      for (let j = k + 1; j <= i; j++) a[row + j] -= x * w[j] + y * v[j];
    }
    if (pacer.due()) {
      pacer.progress(1 - (1 - k / n) ** 2);
      await pacer.pause();
    }
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2];
  if (basis) await accumulate(reflections, basis, n, pacer);
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}

/** Q = H₀ H₁ …, from the last, which leaves the first rows and columns as they are. */
async function accumulate(
  reflections: readonly { readonly v: Float64Array; readonly factor: number }[],
  q: Float64Array,
  n: number,
  pacer: Pacer,
): Promise<void> {
  q.fill(0);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const w = new Float64Array(n);
  for (let k = reflections.length - 1; k >= 0; k--) {
    const { v, factor } = reflections[k];
    if (factor === 0) continue;
    w.fill(0, k + 1);
    for (let i = k + 1; i < n; i++) {
      const x = v[i - k - 1] * factor;
      for (let j = k + 1; j < n; j++) w[j] += x * q[i * n + j];
    }
    for (let i = k + 1; i < n; i++) {
      const x = v[i - k - 1];
      for (let j = k + 1; j < n; j++) q[i * n + j] -= x * w[j];
    }
    if (pacer.due()) await pacer.pause();
  }
}

/** Halvings after which an interval of float64 numbers has no number left inside: it has at most 2⁶⁴. */
const HALVINGS = 2200;

/** Eigenvalues k = 0 … count − 1, largest first, by bisection with Sturm counts (Golub & Van Loan, section 8.4.1). */
export async function tridiagonalEigenvalues(
  { diagonal, beside }: Tridiagonal,
  count: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const n = diagonal.length;
  // Gershgorin's discs hold them all.
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const radius = Math.abs(beside[i - 1] ?? 0) + Math.abs(beside[i] ?? 0);
    low = Math.min(low, diagonal[i] - radius);
    high = Math.max(high, diagonal[i] + radius);
  }
  const squares = beside.map((b) => b * b);
  const tiny = Number.MIN_VALUE + EPSILON ** 2 * Math.max(low * low, high * high);
  const out = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    // The k-th largest has n − 1 − k others below it; those before it bound it from above.
    let [a, b] = [low, k > 0 ? out[k - 1] : high];
    for (let halving = 0; halving < HALVINGS; halving++) {
      const middle = (a + b) / 2;
      if (!(middle > a && middle < b)) break;
      if (countBelow(diagonal, squares, middle, tiny) >= n - k) b = middle;
      else a = middle;
    }
    out[k] = b;
    if (pacer.due()) {
      pacer.progress(k / count);
      await pacer.pause();
    }
  }
  return out;
}

/** How many eigenvalues of a tridiagonal matrix are less than x: the negative pivots of T − x. */
function countBelow(
  diagonal: Float64Array,
  squares: Float64Array,
  x: number,
  tiny: number,
): number {
  let count = 0;
  let pivot = Infinity;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i] - x - (i > 0 ? squares[i - 1] / pivot : 0);
    // A pivot of 0 counts as negative: x is an eigenvalue of a leading part, to rounding.
    if (Math.abs(pivot) < tiny) pivot = -tiny;
    if (pivot < 0) count++;
  }
  return count;
}

/** Steps for one eigenvalue; two or three are usual, and LAPACK's dsteqr allows as many. */
const MOST_STEPS = 30;

/**
 * The tridiagonal matrix made diagonal by implicit QL steps with Wilkinson's shift, in place; rows of `vectors` turn along.
 * Golub & Van Loan, algorithms 8.3.2 and 8.3.3, from the other end; as in EISPACK's tql2.
 */
export async function diagonalize(
  { diagonal: d, beside }: Tridiagonal,
  vectors: readonly Float64Array[],
  pacer: Pacer,
): Promise<void> {
  const n = d.length;
  const e = Float64Array.from({ length: n }, (_, i) => beside[i] ?? 0);
  const floor = EPSILON ** 2 * Math.max(largest(d), largest(e));
  const small = (i: number): boolean =>
    Math.abs(e[i]) <= Math.max(floor, EPSILON * (Math.abs(d[i]) + Math.abs(d[i + 1])));
  /** The last row that is coupled to row l. */
  const end = (l: number): number => {
    let m = l;
    for (; m < n - 1; m++) if (small(m)) break;
    return m;
  };
  const most = MOST_STEPS * n;
  let steps = 0;
  for (let l = 0; l < n; l++) {
    for (let m = end(l); m !== l; m = end(l)) {
      if (++steps > most)
        throw new Error(`internal: eigenvalues: QL did not end within ${most} steps.`);
      step(d, e, vectors, l, m);
      if (pacer.due()) {
        pacer.progress(l / n);
        await pacer.pause();
      }
    }
    e[l] = 0;
  }
}

/** One QL step on rows l … m, whose neighbours are coupled. */
function step(
  d: Float64Array,
  e: Float64Array,
  vectors: readonly Float64Array[],
  l: number,
  m: number,
): void {
  const half = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = hypot(half, 1);
  let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix has come apart: the rest is done in later steps.
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    const shifted = d[i + 1] - p;
    const turned = (d[i] - shifted) * s + 2 * c * b;
    p = s * turned;
    d[i + 1] = shifted + p;
    g = c * turned - b;
    turn(vectors[i], vectors[i + 1], c, s);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

/** (x, y) ← (c x − s y, s x + c y). */
function turn(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let k = 0; k < x.length; k++) {
    const [u, w] = [x[k], y[k]];
    x[k] = c * u - s * w;
    y[k] = s * u + c * w;
  }
}
