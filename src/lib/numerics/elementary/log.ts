import {
  LN2_HIGH,
  LN2_LOW,
  LOG,
  LOG10_E_HIGH,
  LOG10_E_LOW,
  LOG2_E_HIGH,
  LOG2_E_LOW,
  LOG_CENTRE,
  LOG_HIGH,
  LOG_LOW,
  LOG_NEAR,
} from './coefficients.ts';
import { productRest, sumRest } from './double-double.ts';
import { highWord, powerOfTwo } from './words.ts';

const [N0, N1, N2, N3, N4] = LOG_NEAR;
const [L0, L1, L2, L3] = LOG;

/** The high word where the first of the 64 intervals of `LOG_CENTRE` begins; each takes 2¹⁴ of them. */
const FIRST = 0x3fe6a000;
const SMALLEST_NORMAL = 2 ** -1022;
/** Brings subnormal numbers among the normal ones. */
const SHIFT = 2 ** 54;
/** ln SHIFT; the first part is exact. */
const SHIFT_LN2_HIGH = 54 * LN2_HIGH;
const SHIFT_LN2_LOW = 54 * LN2_LOW;

/**
 * ln x. x = 2^k·m with m in [0.707, 1.414), c the centre of the interval of m, s = (m − c)/(m + c):
 * ln x = k·ln 2 + ln c + 2 atanh s. Near 1 with c = 1 and the leading term exact. The largest error seen is 0.6 ulp.
 */
export function log(x: number): number {
  if (x > 0.9375 && x < 1.0625) return near(x - 1, 0);
  if (x >= SMALLEST_NORMAL && x < Infinity) return normal(x, 0);
  return outside(x);
}

/** ln(1 + x), exact to an ulp also where 1 + x would lose the digits of x. */
export function log1p(x: number): number {
  if (x > -0.0625 && x < 0.0625) return near(x, 0);
  if (x > -1 && x < Infinity) {
    const sum = 1 + x;
    const lost = x > 1 ? x - sum + 1 : 1 - sum + x;
    return normal(sum, lost / sum);
  }
  return x === -1 ? -Infinity : x > 0 ? x : NaN;
}

/** ln(1 + f) + tail for |f| ≤ 1/16: f − f²/2 + s(f²/2 + R), s = f/(2 + f), where f is exact and the rest is small. */
export function near(f: number, tail: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const half = 0.5 * f * f;
  const r = z * (N0 + z * (N1 + z * (N2 + z * (N3 + z * N4))));
  return f - (half - (s * (half + r) + tail));
}

/** ln x + tail for normal x outside (0.94, 1.06), with one rounding of the sum. */
function normal(x: number, tail: number): number {
  const word = highWord(x) - FIRST;
  const k = word >> 20;
  const i = (word >> 14) & 63;
  const m = x * powerOfTwo(-k);
  const c = LOG_CENTRE[i];
  const s = (m - c) / (m + c);
  const z = s * s;
  const high = k * LN2_HIGH + LOG_HIGH[i];
  const low = k * LN2_LOW + LOG_LOW[i] + tail;
  return high + (2 * s + (s * z * (L0 + z * (L1 + z * L2)) + low));
}

/** start + ln x + tail for normal x outside (0.94, 1.06), with one rounding of the sum. */
export function away(x: number, start: number, tail: number): number {
  const word = highWord(x) - FIRST;
  const k = word >> 20;
  const i = (word >> 14) & 63;
  const m = x * powerOfTwo(-k);
  const c = LOG_CENTRE[i];
  const s = (m - c) / (m + c);
  const z = s * s;
  const high = k * LN2_HIGH + LOG_HIGH[i];
  const sum = start + high;
  const low = k * LN2_LOW + LOG_LOW[i] + tail + sumRest(start, high, sum);
  return sum + (2 * s + (s * z * (L0 + z * (L1 + z * L2)) + low));
}

const LOW = new Float64Array(1);

/**
 * ln x in two parts to 2⁻⁶⁷ of its size, for normal x: the first is returned, the second is what `logLow` gives until
 * the next call. As `away`, with s in two parts.
 */
export function logHigh(x: number): number {
  const word = highWord(x) - FIRST;
  const k = word >> 20;
  const i = (word >> 14) & 63;
  const m = x * powerOfTwo(-k);
  const c = LOG_CENTRE[i];
  const f = m - c;
  const sum = m + c;
  const sumLow = sumRest(m, c, sum);
  const s = f / sum;
  const product = s * sum;
  const sLow = (f - product - productRest(s, sum, product) - s * sumLow) / sum;
  const z = s * s;
  const start = k * LN2_HIGH + LOG_HIGH[i];
  const high = start + 2 * s;
  const low =
    start -
    high +
    2 * s +
    (2 * sLow + (s * z * (L0 + z * (L1 + z * (L2 + z * L3))) + (k * LN2_LOW + LOG_LOW[i])));
  const result = high + low;
  LOW[0] = high - result + low;
  return result;
}

/** The second part of the last `logHigh`. */
export function logLow(): number {
  return LOW[0];
}

/** log₂ x, exact at powers of two. */
export function log2(x: number): number {
  return inBase(x, LOG2_E_HIGH, LOG2_E_LOW);
}

/** log₁₀ x, exact at powers of ten. */
export function log10(x: number): number {
  return inBase(x, LOG10_E_HIGH, LOG10_E_LOW);
}

/** (high + low)·ln x. */
function inBase(x: number, high: number, low: number): number {
  if (!(x > 0 && x < Infinity)) return log(x);
  const a = x < SMALLEST_NORMAL ? logOfSubnormal(x) : logHigh(x);
  const product = a * high;
  return product + (productRest(a, high, product) + (a * low + LOW[0] * high));
}

/** As `logHigh`, for 0 < x < 2⁻¹⁰²². */
export function logOfSubnormal(x: number): number {
  const a = logHigh(x * SHIFT);
  const high = a - SHIFT_LN2_HIGH;
  LOW[0] = sumRest(a, -SHIFT_LN2_HIGH, high) + (LOW[0] - SHIFT_LN2_LOW);
  return high;
}

/** ln x for subnormal x, and where there is no such number. */
function outside(x: number): number {
  if (x > 0) return x === Infinity ? x : away(x * SHIFT, -SHIFT_LN2_HIGH, -SHIFT_LN2_LOW);
  return x === 0 ? -Infinity : NaN;
}
