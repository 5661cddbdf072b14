/**
 * Total-variation denoising of a signal: the pieces of the taut string, their levels in double-double, and a proof.
 *
 * On a piece of constant x the optimality conditions sum to x = mean(y) + λ(s_right − s_left)/length, s the signs of the jumps at its ends,
 * 0 at the ends of the signal. Pieces whose levels then rounding would put on the other side of each other are one.
 */
import { vectorFrom, setEntry, zeroVector } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import type { DoubleDouble } from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { tautString } from './taut-string.ts';
import type { Field, TotalVariationProblem } from './tv-proof.ts';

/** A level on places `from` … `to` − 1, and the sign of the jump to the next, 0 at the end. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly level: DoubleDouble;
  readonly jump: number;
}

export interface SignalSolution {
  readonly x: DoubleDoubleVector;
  readonly field: Field;
  /** ω ≤ λ of the field. */
  readonly weight: number;
}

export async function signalSolution(
  { y, lambda }: TotalVariationProblem,
  pacer: Pacer,
): Promise<SignalSolution> {
  const n = y.length;
  // From n on, sums of n values of at most 1 are within the tube, and larger radii would lose digits.
  const weight = Math.min(lambda, n);
  const start = tautString(y, weight);
  const sums = cumulative(y);
  let pieces: Piece[] = [];
  for (let from = 0, i = 1; i <= n; i++) {
    if (i < n && start[i] === start[i - 1]) continue;
    pieces.push({
      from,
      to: i,
      level: dd.ZERO,
      jump: i < n ? Math.sign(start[i] - start[i - 1]) : 0,
    });
    from = i;
  }
  // Ends: each turn has fewer pieces than the last.
  for (let before = Infinity; pieces.length < before;) {
    before = pieces.length;
    if (pacer.due()) await pacer.pause();
    pieces = merged(levelled(pieces, sums, weight));
  }
  pieces = levelled(pieces, sums, weight);

  const x = zeroVector(n);
  const right = zeroVector(n);
  for (const [k, { from, to, level, jump }] of pieces.entries()) {
    let p = dd.fromNumber((k > 0 ? pieces[k - 1].jump : 0) * weight);
    for (let i = from; i < to; i++) {
      setEntry(x, i, level);
      // Places on: p_i = p_{i−1} + x_i − y_i.
      p = dd.add(p, dd.subtract(level, dd.fromNumber(y[i])));
      const inside = i + 1 < to;
      const share = inside ? dd.divide(p, dd.fromNumber(weight)) : dd.fromNumber(jump);
      if (i + 1 < n && weight > 0) setEntry(right, i, share);
      if (pacer.due()) await pacer.pause();
    }
  }
  return { x, field: { down: zeroVector(n), right }, weight };
}

/** Σ_{j<i} y_j, i ≤ n. */
function cumulative(y: Float64Array): DoubleDoubleVector {
  const sums = vectorFrom(new Float64Array(y.length + 1));
  let sum = dd.ZERO;
  y.forEach((v, i) => {
    sum = dd.add(sum, dd.fromNumber(v));
    setEntry(sums, i + 1, sum);
  });
  return sums;
}

function levelled(pieces: readonly Piece[], sums: DoubleDoubleVector, weight: number): Piece[] {
  const at = (i: number): DoubleDouble => ({ hi: sums.hi[i], lo: sums.lo[i] });
  return pieces.map((piece, k) => {
    const { from, to, jump } = piece;
    const before = k > 0 ? pieces[k - 1].jump : 0;
    const pull = dd.twoProduct(weight, jump - before);
    const total = dd.add(dd.subtract(at(to), at(from)), pull);
    return { ...piece, level: dd.divide(total, dd.fromNumber(to - from)) };
  });
}

/** Neighbours whose levels are not in the order of the jump between them become one. */
function merged(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    const rise = last ? dd.subtract(piece.level, last.level).hi : 0;
    if (last && !(rise * last.jump > 0)) out[out.length - 1] = { ...piece, from: last.from };
    else out.push(piece);
  }
  return out;
}
