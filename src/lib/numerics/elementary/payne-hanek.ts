import { HALF_PI_HIGH, HALF_PI_LOW, TWO_OVER_PI_DIGITS } from './coefficients.ts';
import { productRest, sumRest } from './double-double.ts';
import { highWord, powerOfTwo } from './words.ts';

/** Digits of base 2²⁴ kept of x·2/π: one above the point, seven below, of which the worst float64 cancels fewer than three. */
const KEPT = 8;
const BASE = 2 ** 24;
const DIGITS = new Float64Array(KEPT);
/** x needs up to four digits of base 2²⁴. */
const FACTOR = new Float64Array(4);

/**
 * Writes y and its rest, x = n·π/2 + y + rest with |y| ≤ π/4, and returns n mod 4, for |x| ≥ 2²⁰ (Payne and Hanek 1983): only those
 * digits of 2/π enter that are neither multiples of 4 in the product nor too small.
 */
export function reduceLarge(x: number, parts: Float64Array): number {
  const size = Math.abs(x);
  if (!(size < Infinity)) {
    parts[0] = NaN;
    parts[1] = NaN;
    return 0;
  }
  // size = Σ FACTOR[i]·2^(24(top − i)), integers below 2²⁴.
  const top = Math.floor(((highWord(size) >> 20) - 1023) / 24);
  let rest = size * powerOfTwo(-24 * top);
  for (let i = 0; i < FACTOR.length; i++) {
    FACTOR[i] = Math.floor(rest);
    rest = (rest - FACTOR[i]) * BASE;
  }
  // The product of FACTOR[i] and digit j of 2/π has the weight 2^(24(top − i − j − 1)): n = 0 for the integers.
  for (let n = 0; n < KEPT; n++) {
    let sum = 0;
    for (let i = 0; i < FACTOR.length; i++) {
      const j = top - i - 1 + n;
      if (j >= 0) sum += FACTOR[i] * TWO_OVER_PI_DIGITS[j];
    }
    DIGITS[n] = sum;
  }
  for (let n = KEPT - 1; n > 0; n--) {
    const carry = Math.floor(DIGITS[n] / BASE);
    DIGITS[n] -= carry * BASE;
    DIGITS[n - 1] += carry;
  }
  let quadrant = DIGITS[0] % 4;
  if (DIGITS[1] >= BASE / 2) {
    quadrant += 1;
    DIGITS[1] -= BASE;
  }
  // The fraction in two parts.
  let high = 0;
  let low = 0;
  for (let n = 1, weight = 1 / BASE; n < KEPT; n++, weight /= BASE) {
    const term = DIGITS[n] * weight;
    const sum = high + term;
    low += sumRest(high, term, sum);
    high = sum;
  }
  const fraction = high + low;
  low += high - fraction;
  const product = fraction * HALF_PI_HIGH;
  const lost =
    productRest(fraction, HALF_PI_HIGH, product) + (fraction * HALF_PI_LOW + low * HALF_PI_HIGH);
  const y = product + lost;
  const yLow = product - y + lost;
  parts[0] = x < 0 ? -y : y;
  parts[1] = x < 0 ? -yLow : yLow;
  return x < 0 ? -quadrant & 3 : quadrant & 3;
}
