/**
 * Numbers known to lie within a radius of a double-double: arithmetic whose results contain the true ones, rounding included.
 * Rump 1999, Fast and parallel interval arithmetic (midpoint and radius); error bounds of the midpoints as in double-double.ts.
 */
import * as dd from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';

export interface Ball extends DoubleDouble {
  readonly radius: number;
}

/** Covers the rounding of a few float64 sums and products of nonnegative numbers. */
const UP = 1 + 2 ** -48;
/** Covers what underflow may take. */
const TINY = 2 ** -1060;

/** A bound above a nonnegative float64 result of at most about ten operations. */
export const roundedUp = (x: number): number => x * UP + TINY;

const isZero = ({ hi, radius }: Ball): boolean => hi === 0 && radius === 0;

export const exactly = (x: number): Ball => ({ hi: x, lo: 0, radius: 0 });
export const ball = ({ hi, lo }: DoubleDouble, radius = 0): Ball => ({ hi, lo, radius });
export const ZERO: Ball = exactly(0);
export const ONE: Ball = exactly(1);

/** |x| at most. */
export const magnitude = (x: Ball): number =>
  isZero(x) ? 0 : roundedUp(Math.abs(x.hi) + x.radius);

/** A float64 number that is at least, at most the true one. */
export const upper = ({ hi, lo, radius }: Ball): number => atLeast(hi, lo, radius);
export const lower = ({ hi, lo, radius }: Ball): number => -atLeast(-hi, -lo, radius);

function atLeast(hi: number, lo: number, radius: number): number {
  if (radius === 0 && lo <= 0) return hi;
  const rest = lo + roundedUp(radius);
  const sum = hi + rest;
  return sum + ((Math.abs(sum) + Math.abs(rest)) * 2 ** -52 + TINY);
}

export function add(x: Ball, y: Ball): Ball {
  if (isZero(x)) return y;
  if (isZero(y)) return x;
  const mid = dd.add(x, y);
  return ball(mid, roundedUp(x.radius + y.radius + 4 * dd.UNIT * Math.abs(mid.hi)));
}

export const negate = (x: Ball): Ball => ({ hi: -x.hi, lo: -x.lo, radius: x.radius });
export const subtract = (x: Ball, y: Ball): Ball => add(x, negate(y));

export function multiply(x: Ball, y: Ball): Ball {
  if (isZero(x) || isZero(y)) return ZERO;
  const mid = dd.multiply(x, y);
  const [a, b] = [Math.abs(x.hi), Math.abs(y.hi)];
  const spread = x.radius * b + y.radius * a + x.radius * y.radius;
  return ball(mid, roundedUp(UP * spread + 8 * dd.UNIT * a * b));
}

/** x / y for y whose ball does not hold 0; else a ball of infinite radius. */
export function divide(x: Ball, y: Ball): Ball {
  const least = Math.abs(y.hi) * (1 - 2 ** -50) - y.radius;
  if (!(least > 0)) return { hi: 0, lo: 0, radius: Infinity };
  if (isZero(x)) return ZERO;
  const mid = dd.divide(x, y);
  const size = Math.abs(mid.hi);
  return ball(
    mid,
    roundedUp((x.radius + UP * size * y.radius + TINY) / least + 16 * dd.UNIT * size),
  );
}

/** √x for x ≥ 0, whatever of its ball is below. */
export function squareRoot(x: Ball): Ball {
  if (isZero(x)) return ZERO;
  const mid = dd.squareRoot(x.hi < 0 ? dd.ZERO : x);
  if (x.radius === 0) return ball(mid, roundedUp(16 * dd.UNIT * mid.hi));
  // |√a − √b| ≤ min(√|a − b|, |a − b|/√a).
  const spread = Math.min(Math.sqrt(x.radius), mid.hi > 0 ? x.radius / mid.hi : Infinity);
  return ball(mid, roundedUp(spread * (1 + 2 ** -40) + 16 * dd.UNIT * mid.hi));
}

export function scaleByPower(x: Ball, k: number): Ball {
  if (isZero(x)) return ZERO;
  const mid = dd.scaleByPower(x, k);
  const size = Math.abs(mid.hi);
  // Exact where the low part stays normal.
  const lost = size > 2 ** -900 && x.radius === 0 ? 0 : roundedUp(dd.timesPower(x.radius, k));
  return ball(mid, lost);
}

export const absolute = (x: Ball): Ball => (x.hi < 0 ? negate(x) : x);
