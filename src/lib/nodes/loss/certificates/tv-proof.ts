/**
 * Bounds of min_x F(x) = ½‖x − y‖² + λ Σ ‖(Dx)_ij‖ for a signal (one row) or an image, by weak duality.
 *
 * For every field with ‖π_ij‖ ≤ 1 and every weight 0 ≤ ω ≤ λ, p = ωπ is feasible for the dual, and
 *
 *   F(x) − F* ≤ ½‖x − y + Dᵀp‖² + Σ (λ‖(Dx)_ij‖ − ⟨p_ij, (Dx)_ij⟩)                        (Chambolle & Pock 2016, section 3),
 *
 * a sum of terms ≥ 0, so nothing cancels. Data are scaled by powers of two, which is exact. F is 1-strongly convex: ‖x − x*‖² ≤ 2(F(x) − F*).
 */
import {
  ZERO,
  absolute,
  add,
  ball,
  exactly,
  multiply,
  scaleByPower,
  squareRoot,
  subtract,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { entry, setEntry } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import { exponentOf, fromNumber, timesPower } from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { withheld } from './proof.ts';

export interface TotalVariationProblem {
  readonly height: number;
  readonly width: number;
  /** Entries of at most 1 in size. */
  readonly y: Float64Array;
  readonly lambda: number;
  /** The problem given is this one times 2^exponent, its values times 4^exponent. */
  readonly exponent: number;
}

/** A field π: differences to the place below and to the right. */
export interface Field {
  readonly down: DoubleDoubleVector;
  readonly right: DoubleDoubleVector;
}

export interface TotalVariationProof {
  /** F(x) of the scaled problem. */
  readonly value: Ball;
  /** F(x) − F* at most, likewise. */
  readonly gap: number;
}

/** Scaled so that the largest value is in [½, 1). */
export function scaledProblem(
  y: ArrayLike<number>,
  height: number,
  width: number,
  lambda: number,
): TotalVariationProblem {
  let largest = 0;
  for (let i = 0; i < y.length; i++) largest = Math.max(largest, Math.abs(y[i]));
  const exponent = exponentOf(largest);
  const scaled = Float64Array.from(y, (v) => timesPower(v, -exponent));
  const weight = timesPower(lambda, -exponent);
  const lost =
    timesPower(weight, exponent) !== lambda ||
    scaled.some((v, i) => timesPower(v, exponent) !== y[i]);
  if (lost || !Number.isFinite(weight)) {
    throw withheld(
      `f* of total-variation denoising: expected values and λ within 290 orders of magnitude of each other, got λ = ${lambda} and values up to ${largest}. Rescale the signal.`,
    );
  }
  return { height, width, y: scaled, lambda: weight, exponent };
}

/** Shortens the entries of π whose length is above 1, so that all are at most 1 in exact arithmetic. In place. */
export function intoUnitBall({ down, right }: Field): void {
  for (let c = 0; c < down.hi.length; c++) {
    // Of a signal: clipping is exact.
    if (down.hi[c] === 0) {
      const { hi, lo } = entry(right, c);
      if (hi > 1 || (hi === 1 && lo > 0)) setEntry(right, c, fromNumber(1));
      if (hi < -1 || (hi === -1 && lo < 0)) setEntry(right, c, fromNumber(-1));
      continue;
    }
    const length = Math.sqrt(down.hi[c] ** 2 + right.hi[c] ** 2);
    // Each rounding is below 2⁻⁵³; the low parts are below it too.
    if (length < 1 - 2 ** -49) continue;
    const shrink = (1 - 2 ** -49) / length;
    setEntry(down, c, fromNumber(down.hi[c] * shrink));
    setEntry(right, c, fromNumber(right.hi[c] * shrink));
  }
}

/** @param field with ‖π‖ ≤ 1, as `intoUnitBall` leaves it; 0 across the last row and column */
export async function proveTotalVariation(
  { height, width, y, lambda }: TotalVariationProblem,
  x: DoubleDoubleVector,
  { down, right }: Field,
  weight: number,
  pacer: Pacer,
): Promise<TotalVariationProof> {
  const [full, dual] = [exactly(lambda), exactly(weight)];
  let misfit: Ball = ZERO;
  let variation: Ball = ZERO;
  let off: Ball = ZERO;
  let slack: Ball = ZERO;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      const here = ball(entry(x, c));
      const [pDown, pRight] = [ball(entry(down, c)), ball(entry(right, c))];
      // (Dᵀπ)_c = π before − π here.
      let flow: Ball = ZERO;
      if (i > 0) flow = add(flow, ball(entry(down, c - width)));
      if (j > 0) flow = add(flow, ball(entry(right, c - 1)));
      if (i + 1 < height) flow = subtract(flow, pDown);
      if (j + 1 < width) flow = subtract(flow, pRight);
      const miss = subtract(here, exactly(y[c]));
      misfit = add(misfit, multiply(miss, miss));
      const rest = add(miss, multiply(dual, flow));
      off = add(off, multiply(rest, rest));
      const u = i + 1 < height ? subtract(ball(entry(x, c + width)), here) : ZERO;
      const v = j + 1 < width ? subtract(ball(entry(x, c + 1)), here) : ZERO;
      const length = lengthOf(u, v);
      variation = add(variation, length);
      const along = add(multiply(pDown, u), multiply(pRight, v));
      slack = add(slack, subtract(multiply(full, length), multiply(dual, along)));
      if (pacer.due()) await pacer.pause();
    }
  }
  const value = add(scaleByPower(misfit, -1), multiply(full, variation));
  return { value, gap: Math.max(0, upper(add(scaleByPower(off, -1), slack))) };
}

function lengthOf(u: Ball, v: Ball): Ball {
  if (u.hi === 0 && u.radius === 0) return absolute(v);
  if (v.hi === 0 && v.radius === 0) return absolute(u);
  return squareRoot(add(multiply(u, u), multiply(v, v)));
}
