/**
 * Bounds of min ‖x‖₁ subject to Kx = b from a point x and a y, and of where its minimisers are.
 *
 * Below: bᵀy where |Kᵀy| ≤ 1, which a factor brings about, rounding included. Above: x + K⁺ρ is feasible for ρ = b − Kx, and ‖K⁺ρ‖₁ ≤ √N‖K⁺ρ‖. For a matrix
 * ‖K⁺ρ‖² = ρᵀ(KKᵀ)⁻¹ρ, which a preconditioner of its rows bounds; for others ‖K⁺ρ‖ ≤ ‖ρ‖/σ with their least singular value where they observe, and
 * ρ must be 0 exactly where they do not.
 *
 * Every minimiser x* has Σ|x*_i|(1 − |Kᵀy|_i) ≤ ‖x‖₁ − bᵀy = g. So outside S, where |Kᵀy| ≤ 1 − m, its entries sum to g/m at most; and
 * K_S(x*_S − x_S) = b − K_S x_S − K_R x*_R then bounds the others, if the columns in S are independent. Foucart & Rauhut 2013, theorem 4.26.
 */
import {
  ZERO,
  absolute,
  add,
  ball,
  exactly,
  multiply,
  roundedUp,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import {
  entry,
  normBound,
  setEntry,
  vectorFrom,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { ROUNDING } from '../../shared/operators/cosine.ts';
import { preciseOperator } from '../../shared/operators/precise.ts';
import type { KnownVector } from '../../shared/operators/precise.ts';
import { difference, knownInner, knownNorm } from './known-vector.ts';
import { applyFactor, applyTransposed, energyBound, precondition } from './preconditioner.ts';
import type { Preconditioner } from './preconditioner.ts';
import { withheld } from './proof.ts';

export interface PursuitProof {
  readonly value: Ball;
  readonly least: Ball;
  /** The point that the proof is of. */
  readonly x: DoubleDoubleVector;
  /** |Kᵀy| of the feasible y, at most. */
  readonly slopes: Float64Array;
  /** Signs of Kᵀy. */
  readonly signs: Float64Array;
}

/** Steps x ← x + K⁺(b − Kx), each of which gains some 15 digits. */
const ROUNDS = 3;

/** K⁺ρ near enough to be of use, and ‖K⁺ρ‖ at most, proved once for an operator. */
export interface Correction {
  step(rest: DoubleDoubleVector, pacer: Pacer): Promise<DoubleDoubleVector>;
  length(rest: KnownVector): number;
}

/** @throws withheld where nothing is proved of the rows */
export async function correctionOf(operator: LinearOperator, pacer: Pacer): Promise<Correction> {
  const { entries, input } = operator;
  const K = preciseOperator(operator);
  if (entries.kind === 'matrix') {
    const [rows, columns] = entries.matrix.shape;
    const data = Float64Array.from(entries.matrix.data);
    const list = Array.from({ length: rows }, (_, i) =>
      data.subarray(i * columns, (i + 1) * columns),
    );
    const design = { columns: list, ridge: new Float64Array(rows), entryError: 0 };
    const found = await precondition(design, pacer);
    if (!found || found.kept.length < rows) {
      throw withheld(
        `f* of basis pursuit: expected a matrix whose ${rows} rows are independent in 25 digits and few enough for a proof, got one whose rows are not. Take fewer measurements.`,
      );
    }
    return {
      length: (rest) => energyNorm(found, rest),
      async step(rest, own) {
        // KᵀMMᵀρ.
        const inside = applyFactor(found, applyTransposed(found, inOrder(found, rest)));
        const y = zeroVector(rows);
        found.kept.forEach((row, i) => setEntry(y, row, entry(inside, i)));
        return (await K.adjoint(y, own)).vector;
      },
    };
  }
  if (entries.kind === 'differences') {
    throw withheld(
      'f* of basis pursuit: expected a matrix, a mask or the cosine transform, got differences. Use one of these.',
    );
  }
  const sigma = entries.kind === 'axes' ? 1 - input.length * ROUNDING : 1;
  const { kept } = entries;
  return {
    step: async (rest, own) => (await K.adjoint(rest, own)).vector,
    length(rest) {
      const { vector } = rest;
      // Where nothing is observed Kx is 0, and so must b be.
      const missed = kept?.data.some((on, i) => on === 0 && vector.hi[i] !== 0) === true;
      return missed ? Infinity : roundedUp(knownNorm(rest) / sigma);
    },
  };
}

/** ρ in the order of the rows of M. */
function inOrder(rows: Preconditioner, rest: DoubleDoubleVector): DoubleDoubleVector {
  const ordered = zeroVector(rows.kept.length);
  rows.kept.forEach((row, i) => setEntry(ordered, i, entry(rest, row)));
  return ordered;
}

/** √(ρᵀ(KKᵀ)⁻¹ρ) at most. */
function energyNorm(rows: Preconditioner, { vector, error }: KnownVector): number {
  const ordered = inOrder(rows, vector);
  const radii = new Float64Array(rows.kept.length).fill(error);
  return roundedUp(1.01 * Math.sqrt(energyBound(rows, ordered, radii)));
}

export async function provePursuit(
  operator: LinearOperator,
  correction: Correction,
  target: Float64Array,
  start: Float64Array,
  y: Float64Array,
  pacer: Pacer,
): Promise<PursuitProof> {
  const K = preciseOperator(operator);
  const b = { vector: vectorFrom(target), error: 0 };
  const x = vectorFrom(start);
  let rest = difference(b, await K.apply(x, pacer));
  for (let round = 0; round < ROUNDS; round++) {
    const step = await correction.step(rest.vector, pacer);
    for (let i = 0; i < x.hi.length; i++) setEntry(x, i, dd.add(entry(x, i), entry(step, i)));
    rest = difference(b, await K.apply(x, pacer));
  }
  let ones: Ball = ZERO;
  for (let i = 0; i < x.hi.length; i++) ones = add(ones, absolute(ball(entry(x, i))));
  const missing = correction.length(rest);
  if (!Number.isFinite(missing)) {
    throw withheld(
      'f* of basis pursuit: expected an observation that is 0 where nothing is observed, got another, which no signal has. Use an inverse problem with the ℓ1 norm.',
    );
  }
  const value = add(ones, {
    ...ZERO,
    hi: roundedUp(1.01 * Math.sqrt(x.hi.length) * missing),
  });

  const slope = await K.adjoint(vectorFrom(y), pacer);
  const sizes = slope.vector.hi.map((v) => roundedUp(Math.abs(v) + slope.error));
  const largest = sizes.reduce((m, v) => Math.max(m, v), 0);
  const s = largest > 1 ? (1 / largest) * (1 - 2 ** -50) : 1;
  const known = { vector: vectorFrom(y), error: 0 };
  const least = multiply(exactly(s), knownInner(b, known));
  return {
    value,
    least,
    x,
    slopes: sizes.map((v) => roundedUp(s * v)),
    signs: slope.vector.hi.map(Math.sign),
  };
}

/**
 * A bound of |x_i − x*_i| for every minimiser x*, from the columns of K in S, or Infinity.
 *
 * @param columns K e_i for i in S, known to `entryError` relatively
 * @param reach a bound of ‖K e_i‖ for all i
 */
export async function minimiserBound(
  { value, least, x, slopes }: PursuitProof,
  target: Float64Array,
  places: readonly number[],
  columns: readonly Float64Array[],
  entryError: number,
  reach: number,
  pacer: Pacer,
): Promise<number> {
  const inside = new Set(places);
  let margin = 1;
  slopes.forEach((v, i) => {
    if (!inside.has(i)) margin = Math.min(margin, (1 - v) * (1 - 2 ** -50));
  });
  if (!(margin > 0)) return Infinity;
  const gap = Math.max(0, upper(add(value, { ...least, hi: -least.hi, lo: -least.lo })));
  const outside = roundedUp(gap / margin);
  const found = await precondition(
    { columns, ridge: new Float64Array(columns.length), entryError },
    pacer,
  );
  if (!found || found.kept.length < columns.length) return Infinity;
  // b − K_S x_S, and what the entries outside may add.
  const rest = new Float64Array(target.length);
  let sizes = 0;
  const left = vectorFrom(target);
  columns.forEach((column, k) => {
    const weight = entry(x, places[k]);
    column.forEach((v, i) => {
      const product = dd.multiply(weight, dd.fromNumber(v));
      setEntry(left, i, dd.subtract(entry(left, i), product));
    });
    sizes += Math.abs(weight.hi) * normBound(column);
  });
  rest.set(left.hi);
  const rounding = (entryError + 2 ** -90) * sizes * 1.01;
  const missed = roundedUp(normBound(rest) + rounding + reach * outside);
  const longest = found.rowNorms.reduce((m, v) => Math.max(m, v), 0);
  let own = 0;
  x.hi.forEach((v, i) => {
    if (!inside.has(i)) own = Math.max(own, Math.abs(v));
  });
  const across = roundedUp((1.01 * longest * missed) / Math.sqrt(1 - found.delta));
  // Outside both are near 0; rounding of x to float64.
  const size = x.hi.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return Math.max(across, outside + own) + size * 2 ** -52;
}
