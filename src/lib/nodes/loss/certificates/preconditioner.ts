/**
 * A proof that H = XᵀX + diag(r)² is positive definite, with a factor of its inverse: an M with ‖MᵀHM − I‖ ≤ δ < 1. Whatever M is, and however it was
 * found, then H is regular, gᵀH⁻¹g ≤ ‖Mᵀg‖²/(1 − δ), and |(H⁻¹g)_j| ≤ ‖M_j‖ ‖Mᵀg‖/(1 − δ) with M_j its rows.
 *
 * M comes from a Cholesky factorization of the Gram matrix in float64 where the columns are far from dependent; else from modified Gram–Schmidt with
 * pivoting in double-double, which resolves columns that depend on each other up to 10⁻²⁵ (Golub & Van Loan, algorithms 5.2.6 and 5.4.1).
 * δ is computed from the columns of XM: their rounding, that of their inner products, and ‖·‖₂ ≤ ‖·‖_∞.
 */
import {
  addMultiple,
  addMultiplePair,
  dotPair,
  entry,
  normBound,
  setEntry,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import type { DoubleDouble } from '../../../numerics/double-double.ts';
import { cholesky, inner, norm } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

export interface Preconditioner {
  /** Which columns are in H, by their place among those given; rows of M are in this order. */
  readonly kept: readonly number[];
  /** Columns of M. */
  readonly factor: readonly DoubleDoubleVector[];
  /** The columns of XM, N entries, and of diag(r)M below, one each for those kept, in float64; and the norms of their errors at most. */
  readonly images: readonly Float64Array[];
  readonly imageErrors: Float64Array;
  /** ‖M_j‖ at most, a row each. */
  readonly rowNorms: Float64Array;
  readonly delta: number;
  /** Found in double-double, which takes some fifteen times as long. */
  readonly careful: boolean;
  /** The columns left out, with the coefficients that give them from those kept, to rounding; none where those kept span everything and there are many. */
  readonly dependent: readonly Dependence[];
}

/** A column by its place among those given, and its coefficients on those kept. */
export interface Dependence {
  readonly place: number;
  readonly from: readonly DoubleDouble[];
}

/** Largest work for each way, some ten seconds, and largest N·c, 160 MB. */
const MOST_FAST = 6e9;
const MOST_CAREFUL = 2e8;
const MOST_CELLS = 2e7;
/** Columns left out by columns kept squared, for which coefficients are computed where those kept span everything. */
const MOST_COEFFICIENTS = 1e6;
/** A proof with a larger δ would be of little use. */
const LARGEST_DELTA = 0.5;
/** Of the length of a column: what is left of it beyond the others, below which it counts as dependent. */
const DEPENDENT = 1e-26;
const U = 2 ** -53;

/** Products of entries in an orthogonalization of c columns of N, or of N + c with a ridge. */
const workOf = (n: number, c: number, ridge: boolean): number =>
  c * (ridge ? (n + c) * c : n * Math.min(n, c));

/** The dimensions for which `precondition` tries. */
export const isAffordable = (n: number, c: number, ridge: boolean): boolean =>
  n * c <= MOST_CELLS && workOf(n, c, ridge) <= (c > n ? MOST_CAREFUL : MOST_FAST);

/** The columns of X, known to a relative error of their entries, and r_j ≥ 0, each known to three roundings. */
export interface Design {
  readonly columns: readonly Float64Array[];
  readonly ridge: Float64Array;
  readonly entryError: number;
}

/** Null where no M was found, or none can be afforded. */
export async function precondition(design: Design, pacer: Pacer): Promise<Preconditioner | null> {
  const { columns } = design;
  const n = columns[0]?.length ?? 0;
  const c = columns.length;
  const ridge = design.ridge.some((r) => r > 0);
  if (!isAffordable(n, c, ridge)) return null;
  const fast = c <= n || ridge ? await byCholesky(design, pacer) : null;
  if (fast || workOf(n, c, ridge) > MOST_CAREFUL) return fast;
  return byGramSchmidt(design, pacer);
}

async function byCholesky(design: Design, pacer: Pacer): Promise<Preconditioner | null> {
  const { columns, ridge } = design;
  const c = columns.length;
  const lengths = columns.map((x, j) => Math.sqrt(inner(x, x) + ridge[j] ** 2));
  if (lengths.some((length) => !(length > 0))) return null;
  const gram = new Float64Array(c * c);
  for (let i = 0; i < c; i++) {
    for (let j = 0; j <= i; j++) {
      const full = inner(columns[i], columns[j]) + (i === j ? ridge[i] ** 2 : 0);
      gram[i * c + j] = gram[j * c + i] = full / (lengths[i] * lengths[j]);
      if (pacer.due()) await pacer.pause();
    }
  }
  const l = await cholesky(gram, c, 0, pacer);
  if (!l) return null;
  // M = diag(1/length)·L⁻ᵀ, column by column.
  const factor: DoubleDoubleVector[] = [];
  for (let k = 0; k < c; k++) {
    const column = zeroVector(c);
    const m = column.hi;
    m[k] = 1 / l[k * c + k];
    for (let i = k - 1; i >= 0; i--) {
      let s = 0;
      for (let q = i + 1; q <= k; q++) s += l[q * c + i] * m[q];
      m[i] = -s / l[i * c + i];
    }
    for (let i = 0; i <= k; i++) m[i] /= lengths[i];
    factor.push(column);
    if (pacer.due()) await pacer.pause();
  }
  const kept = columns.map((_, j) => j);
  return proven(design, { kept, factor, dependent: [] }, false, pacer);
}

async function byGramSchmidt(design: Design, pacer: Pacer): Promise<Preconditioner | null> {
  const { columns, ridge } = design;
  const n = columns[0]?.length ?? 0;
  const below = ridge.some((r) => r > 0) ? columns.length : 0;
  const q: DoubleDoubleVector[] = [];
  for (const [j, x] of columns.entries()) {
    const full = zeroVector(n + below);
    full.hi.set(x);
    if (below > 0) full.hi[n + j] = ridge[j];
    q.push(full);
    if (pacer.due()) await pacer.pause();
  }
  const lengths = q.map((x) => norm(x.hi));
  const rest = new Set([...lengths.keys()].filter((j) => lengths[j] > 0));
  const zero = [...lengths.keys()].filter((j) => !(lengths[j] > 0));
  const kept: number[] = [];
  /** Column j of R, from the rows of the columns kept so far. */
  const r: DoubleDouble[][] = columns.map(() => []);
  // Ends after the columns: each turn keeps one, and with as many as there are rows there is no direction left.
  while (rest.size > 0 && kept.length < n + below) {
    let pivot = -1;
    let most = 0;
    for (const j of rest) {
      const left = norm(q[j].hi) / lengths[j];
      if (left > most) [pivot, most] = [j, left];
    }
    if (most < DEPENDENT) break;
    rest.delete(pivot);
    const length = dd.squareRoot(dotPair(q[pivot], q[pivot]));
    const inverse = dd.divide(dd.ONE, length);
    for (let i = 0; i < q[pivot].hi.length; i++) {
      setEntry(q[pivot], i, dd.multiply(entry(q[pivot], i), inverse));
    }
    for (const j of rest) {
      const s = dotPair(q[pivot], q[j]);
      r[j].push(s);
      addMultiplePair(q[j], dd.negate(s), q[pivot]);
      if (pacer.due()) await pacer.pause();
    }
    r[pivot].push(length);
    kept.push(pivot);
  }
  const c = kept.length;
  const factor: DoubleDoubleVector[] = [];
  for (let k = 0; k < c; k++) {
    factor.push(backSubstituted(kept, r, k, [...Array(k).fill(dd.ZERO), dd.ONE]));
    if (pacer.due()) await pacer.pause();
  }
  const dependent: Dependence[] = [];
  const wanted = c < n + below || rest.size * c * c < MOST_COEFFICIENTS ? rest : [];
  for (const place of wanted) {
    const from = backSubstituted(kept, r, c - 1, r[place]);
    dependent.push({ place, from: kept.map((_, i) => entry(from, i)) });
    if (pacer.due()) await pacer.pause();
  }
  for (const place of zero) dependent.push({ place, from: kept.map(() => dd.ZERO) });
  return proven(design, { kept, factor, dependent }, true, pacer);
}

/** The x with R x = b on the first `last` + 1 rows. */
function backSubstituted(
  kept: readonly number[],
  r: readonly DoubleDouble[][],
  last: number,
  b: readonly DoubleDouble[],
): DoubleDoubleVector {
  const x = zeroVector(kept.length);
  for (let i = last; i >= 0; i--) {
    let s = b[i];
    for (let k = i + 1; k <= last; k++) {
      s = dd.subtract(s, dd.multiply(r[kept[k]][i], entry(x, k)));
    }
    setEntry(x, i, dd.divide(s, r[kept[i]][i]));
  }
  return x;
}

/** With its δ; null where that is too large. `careful`: XM in double-double. */
async function proven(
  { columns, ridge, entryError }: Design,
  { kept, factor, dependent }: Pick<Preconditioner, 'kept' | 'factor' | 'dependent'>,
  careful: boolean,
  pacer: Pacer,
): Promise<Preconditioner | null> {
  const c = kept.length;
  const n = columns[0]?.length ?? 0;
  const norms = kept.map((j) => normBound(columns[j]));
  const rows = n + c;
  const images: Float64Array[] = [];
  const sizes = new Float64Array(c);
  const errors = new Float64Array(c);
  for (let k = 0; k < c; k++) {
    const image = zeroVector(rows);
    const top = { hi: image.hi.subarray(0, n), lo: image.lo.subarray(0, n) };
    let size = 0;
    for (let i = 0; i < c; i++) {
      const m = entry(factor[k], i);
      if (m.hi === 0) continue;
      const column = columns[kept[i]];
      if (careful) addMultiple(top, m, column);
      else addScaled(top.hi, m.hi, column);
      size += Math.abs(m.hi) * norms[i];
      image.hi[n + i] = ridge[kept[i]] * m.hi;
      if (pacer.due()) await pacer.pause();
    }
    images.push(image.hi);
    sizes[k] = normBound(image.hi);
    const rounding = careful ? 16 * (c + 2) * dd.UNIT : (c + 2) * U;
    errors[k] = 1.01 * ((rounding + entryError) * size + 4 * U * sizes[k]);
  }
  let delta = 0;
  const deviations = new Float64Array(c);
  const gamma = 1.01 * (rows + 4) * U;
  for (let i = 0; i < c; i++) {
    for (let k = 0; k <= i; k++) {
      const off = Math.abs(inner(images[i], images[k]) - (i === k ? 1 : 0));
      const unsure =
        gamma * sizes[i] * sizes[k] +
        errors[i] * sizes[k] +
        sizes[i] * errors[k] +
        errors[i] * errors[k];
      deviations[i] += off + unsure;
      if (k < i) deviations[k] += off + unsure;
      if (pacer.due()) await pacer.pause();
    }
  }
  for (const deviation of deviations) delta = Math.max(delta, deviation * (1 + c * U));
  if (!(delta <= LARGEST_DELTA)) return null;
  const rowNorms = Float64Array.from(
    { length: c },
    (_, i) => normBound(Float64Array.from(factor, (m) => m.hi[i])) * (1 + 2 ** -50),
  );
  return { kept, factor, images, imageErrors: errors, rowNorms, delta, careful, dependent };
}

function addScaled(y: Float64Array, s: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += s * x[i];
}

/** Mᵀg. */
export function applyTransposed(
  { factor }: Preconditioner,
  g: DoubleDoubleVector,
): DoubleDoubleVector {
  const out = zeroVector(factor.length);
  factor.forEach((m, k) => setEntry(out, k, dotPair(m, g)));
  return out;
}

/** M z. */
export function applyFactor({ factor }: Preconditioner, z: DoubleDoubleVector): DoubleDoubleVector {
  const out = zeroVector(factor.length);
  factor.forEach((m, k) => addMultiplePair(out, entry(z, k), m));
  return out;
}

/** gᵀH⁻¹g at most, for a g whose entries are known to `radii`. */
export function energyBound(
  { factor, delta }: Pick<Preconditioner, 'factor' | 'delta'>,
  g: DoubleDoubleVector,
  radii: Float64Array,
): number {
  const c = factor.length;
  let total = 0;
  for (const { hi } of factor) {
    let value = 0;
    let spread = 0;
    for (let j = 0; j < c; j++) {
      value += hi[j] * g.hi[j];
      spread += Math.abs(hi[j]) * (radii[j] + (c + 4) * U * Math.abs(g.hi[j]));
    }
    total += (Math.abs(value) + 1.01 * spread) ** 2;
  }
  return (1.01 * total) / (1 - delta);
}
