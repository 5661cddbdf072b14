/**
 * Exponential and logarithm of balls, to about 26 digits.
 *
 * eˣ: x = k ln 2 + r, |r| ≤ ln 2/2; expm1(r/256) from its Taylor polynomial of degree 12, whose rest is below 2⁻¹³⁰, and eight steps p ← 2p + p².
 * Each step at most doubles the relative error and adds a rounding, so that 2⁻⁸⁸ covers all of them. log x = y + log1p(x e⁻ʸ − 1) with y from float64.
 */
import { add, ball, exactly, magnitude, multiply, roundedUp, subtract } from './ball.ts';
import type { Ball } from './ball.ts';
import * as dd from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';
import { log as log64 } from './elementary/index.ts';

/** ln 2 to 2⁻¹⁰⁸. */
const LN2: DoubleDouble = { hi: 0.6931471805599453, lo: 2.3190468138462996e-17 };
const RELATIVE = 2 ** -88;
const DEGREE = 12;

/** 1/n!, n = 1 … 12. */
const INVERSE_FACTORIALS: readonly DoubleDouble[] = Array.from({ length: DEGREE }, (_, i) => {
  let product = dd.ONE;
  for (let k = 2; k <= i + 1; k++) product = dd.multiply(product, dd.fromNumber(k));
  return dd.divide(dd.ONE, product);
});

/** eˣ; above 700 the radius is infinite, below −700 the value is 0 with a radius. */
export function exp(x: Ball): Ball {
  if (!(x.hi + x.radius < 700)) return { hi: 0, lo: 0, radius: Infinity };
  if (x.hi < -700) return { hi: 0, lo: 0, radius: x.radius > 1 ? Infinity : 2 ** -1000 };
  const k = Math.round(x.hi / LN2.hi);
  const r = dd.subtract(x, dd.multiply(dd.fromNumber(k), LN2));
  const s = dd.scaleByPower(r, -8);
  let p = INVERSE_FACTORIALS[DEGREE - 1];
  for (let n = DEGREE - 2; n >= 0; n--) p = dd.add(INVERSE_FACTORIALS[n], dd.multiply(p, s));
  p = dd.multiply(p, s);
  for (let step = 0; step < 8; step++) p = dd.add(dd.scaleByPower(p, 1), dd.multiply(p, p));
  const mid = dd.scaleByPower(dd.add(dd.ONE, p), k);
  // e^(x ± ρ) − eˣ is below eˣ(e^ρ − 1) ≤ eˣ·ρ(1 + ρ) for ρ ≤ 1.
  const spread = x.radius > 1 ? Infinity : x.radius * (1 + x.radius);
  return ball(mid, roundedUp(mid.hi * (1.01 * RELATIVE + spread)));
}

/** log x for a ball above 0; else one of infinite radius. */
export function log(x: Ball): Ball {
  if (!(x.hi * (1 - 2 ** -50) > x.radius)) return { hi: 0, lo: 0, radius: Infinity };
  const near = exactly(log64(x.hi));
  const q = subtract(multiply(x, exp({ hi: -near.hi, lo: 0, radius: 0 })), exactly(1));
  const size = magnitude(q);
  if (size > 0.5) return { hi: 0, lo: 0, radius: Infinity };
  // log1p(q) = q − q²/2 + q³/3 − …, and the rest is below q⁴/2 for |q| ≤ ½.
  const square = multiply(q, q);
  const half = multiply(exactly(0.5), square);
  const cubic = multiply(ball(dd.divide(dd.ONE, dd.fromNumber(3)), 2 ** -100), multiply(square, q));
  const sum = add(near, add(subtract(q, half), cubic));
  return ball(sum, roundedUp(sum.radius + size * size * size * size));
}
