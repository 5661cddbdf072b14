/**
 * Sums over long vectors in double-double, with bounds of their rounding. Vectors of float64 are exact; a vector of double-doubles is
 * two arrays. No allocation inside loops.
 *
 * An inner product collects blocks of 32 terms as a float64 sum whose rounding is caught exactly and summed beside it (Ogita, Rump & Oishi
 * 2005, algorithm 5.3), and adds the blocks in double-double. Rounding of one block is below 3·32·34·u² of Σ|a_k b_k|, that of adding
 * n/32 blocks below 4u² each, so in all below (4096 + n)u² Σ|a_k b_k| ≤ (4096 + n)u² ‖a‖‖b‖, u = 2⁻⁵³.
 */
import { ball } from './ball.ts';
import type { Ball } from './ball.ts';
import { UNIT } from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';

export interface DoubleDoubleVector {
  readonly hi: Float64Array;
  readonly lo: Float64Array;
}

const SPLITTER = 2 ** 27 + 1;
const BLOCK = 32;
/** Of underflow, a term. */
const TINY = 2 ** -1070;

export const zeroVector = (n: number): DoubleDoubleVector => ({
  hi: new Float64Array(n),
  lo: new Float64Array(n),
});

export const vectorFrom = (hi: Float64Array): DoubleDoubleVector => ({
  hi: Float64Array.from(hi),
  lo: new Float64Array(hi.length),
});

export const entry = (x: DoubleDoubleVector, i: number): DoubleDouble => ({
  hi: x.hi[i],
  lo: x.lo[i],
});

export function setEntry(x: DoubleDoubleVector, i: number, { hi, lo }: DoubleDouble): void {
  x.hi[i] = hi;
  x.lo[i] = lo;
}

/** An upper bound of ‖x‖. */
export function normBound(x: Float64Array): number {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += x[i] * x[i];
  if (s === 0 && !x.some((v) => v !== 0)) return 0;
  return Math.sqrt(s) * (1 + (x.length + 8) * 2 ** -52) + x.length * 2 ** -530;
}

/** Bound of the rounding of an inner product of n terms, given a bound of Σ|a_k b_k|. */
export const dotError = (n: number, size: number): number =>
  size === 0 ? 0 : (4200 + 1.01 * n) * UNIT * size + n * TINY;

/** Σ a_k b_k, rounded to double-double; its error is below `dotError`. */
export function dot(a: Float64Array, b: DoubleDoubleVector): DoubleDouble {
  const { hi, lo } = b;
  const n = a.length;
  let totalHi = 0;
  let totalLo = 0;
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    let s = 0;
    let c = 0;
    for (let k = start; k < end; k++) {
      const x = a[k];
      const y = hi[k];
      const p = x * y;
      const tx = SPLITTER * x;
      const xh = tx - (tx - x);
      const xl = x - xh;
      const ty = SPLITTER * y;
      const yh = ty - (ty - y);
      const yl = y - yh;
      const e = xh * yh - p + xh * yl + xl * yh + xl * yl;
      const t = s + p;
      const z = t - s;
      c += s - (t - z) + (p - z) + (e + x * lo[k]);
      s = t;
    }
    // The total and the block, as double-doubles.
    const t = totalHi + s;
    const z = t - totalHi;
    const rest = totalHi - (t - z) + (s - z) + (totalLo + c);
    totalHi = t + rest;
    totalLo = rest - (totalHi - t);
  }
  return { hi: totalHi, lo: totalLo };
}

/** Σ x_k y_k likewise, for two vectors of double-doubles. */
export function dotPair(x: DoubleDoubleVector, y: DoubleDoubleVector): DoubleDouble {
  const main = dot(x.hi, y);
  const { lo } = x;
  const { hi } = y;
  let small = 0;
  for (let k = 0; k < lo.length; k++) small += lo[k] * hi[k];
  const sum = main.hi + (main.lo + small);
  return { hi: sum, lo: main.hi - sum + (main.lo + small) };
}

/** ‖x‖² as a ball. */
export function squareBall(x: DoubleDoubleVector): Ball {
  const mid = dotPair(x, x);
  const n = x.hi.length;
  // What Σ lo·lo adds, and the rounding of the sum of n small terms, are below (n + 4)u² of the whole.
  return ball(mid, 2 * dotError(n, Math.abs(mid.hi) * 1.001) + n * UNIT * Math.abs(mid.hi));
}

/** y += s·a; the error of each entry is below 8u²(|y_i| + |s·a_i|), of the larger of the old and new y_i. */
export function addMultiple(y: DoubleDoubleVector, s: DoubleDouble, a: Float64Array): void {
  const { hi, lo } = y;
  const sh = s.hi;
  const sl = s.lo;
  if (sh === 0) return;
  const ts = SPLITTER * sh;
  const sHigh = ts - (ts - sh);
  const sLow = sh - sHigh;
  for (let k = 0; k < a.length; k++) {
    const x = a[k];
    const p = x * sh;
    const tx = SPLITTER * x;
    const xh = tx - (tx - x);
    const xl = x - xh;
    const e = xh * sHigh - p + xh * sLow + xl * sHigh + xl * sLow + x * sl;
    const old = hi[k];
    const t = old + p;
    const z = t - old;
    const rest = old - (t - z) + (p - z) + (lo[k] + e);
    const sum = t + rest;
    hi[k] = sum;
    lo[k] = rest - (sum - t);
  }
}

/** y += s·x for a vector of double-doubles; entries to 12u² likewise. */
export function addMultiplePair(
  y: DoubleDoubleVector,
  s: DoubleDouble,
  x: DoubleDoubleVector,
): void {
  const { hi, lo } = y;
  addMultiple(y, s, x.hi);
  for (let k = 0; k < hi.length; k++) {
    const rest = lo[k] + s.hi * x.lo[k];
    const sum = hi[k] + rest;
    lo[k] = rest - (sum - hi[k]);
    hi[k] = sum;
  }
}
