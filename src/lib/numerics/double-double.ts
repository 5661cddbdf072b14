/**
 * Numbers as unevaluated sums hi + lo of two float64, about 32 digits, |lo| ≤ ulp(hi)/2.
 *
 * With u = 2⁻⁵³ and no over- or underflow, relative errors are at most 3u² for sums and 5u² for products (Joldes, Muller & Popescu 2017,
 * Tight and rigorous error bounds for basic building blocks of double-word arithmetic, theorems 3.1 and 5.1), 10u² for quotients and
 * square roots. Exact parts: Knuth's sum and Dekker's product, which need |x| < 2⁹⁹⁶ and a product above 2⁻⁹⁶⁹.
 */
import { highWord, powerOfTwo } from './elementary/words.ts';

export interface DoubleDouble {
  readonly hi: number;
  readonly lo: number;
}

/** 2⁻⁵³ squared: the unit of the error bounds. */
export const UNIT = 2 ** -106;

const SPLITTER = 2 ** 27 + 1;

export const ZERO: DoubleDouble = { hi: 0, lo: 0 };
export const ONE: DoubleDouble = { hi: 1, lo: 0 };

export const fromNumber = (hi: number): DoubleDouble => ({ hi, lo: 0 });

/** a + b, exactly. */
export function twoSum(a: number, b: number): DoubleDouble {
  const hi = a + b;
  const c = hi - a;
  return { hi, lo: a - (hi - c) + (b - c) };
}

/** a·b, exactly. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const hi = a * b;
  const ta = SPLITTER * a;
  const ah = ta - (ta - a);
  const al = a - ah;
  const tb = SPLITTER * b;
  const bh = tb - (tb - b);
  const bl = b - bh;
  return { hi, lo: ah * bh - hi + ah * bl + al * bh + al * bl };
}

export function add(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const s = twoSum(x.hi, y.hi);
  const t = twoSum(x.lo, y.lo);
  const v = quickTwoSum(s.hi, s.lo + t.hi);
  return quickTwoSum(v.hi, t.lo + v.lo);
}

/** a + b exactly, for |a| ≥ |b| or a = 0. */
function quickTwoSum(a: number, b: number): DoubleDouble {
  const hi = a + b;
  return { hi, lo: b - (hi - a) };
}

export const negate = ({ hi, lo }: DoubleDouble): DoubleDouble => ({ hi: -hi, lo: -lo });

export const subtract = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => add(x, negate(y));

export function multiply(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const p = twoProduct(x.hi, y.hi);
  return quickTwoSum(p.hi, p.lo + (x.hi * y.lo + x.lo * y.hi));
}

export function divide(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const first = x.hi / y.hi;
  const rest = subtract(x, multiply(y, fromNumber(first)));
  const second = rest.hi / y.hi;
  const last = subtract(rest, multiply(y, fromNumber(second))).hi / y.hi;
  return add(quickTwoSum(first, second), fromNumber(last));
}

/** √x for x ≥ 0: one step of Newton's method from the float64 root. */
export function squareRoot(x: DoubleDouble): DoubleDouble {
  if (x.hi <= 0) return ZERO;
  const root = Math.sqrt(x.hi);
  const rest = subtract(x, twoProduct(root, root));
  return quickTwoSum(root, rest.hi / (2 * root));
}

/** a·2^k for |k| ≤ 2,000, exactly unless the result leaves the normal range. */
export function timesPower(a: number, k: number): number {
  const half = Math.trunc(k / 2);
  return a * powerOfTwo(half) * powerOfTwo(k - half);
}

/** x·2^k likewise. */
export const scaleByPower = ({ hi, lo }: DoubleDouble, k: number): DoubleDouble => ({
  hi: timesPower(hi, k),
  lo: timesPower(lo, k),
});

/** The e with 2^(e−1) ≤ |a| < 2^e; 0 for 0 and what is not finite. */
export function exponentOf(a: number): number {
  if (a === 0 || !Number.isFinite(a)) return 0;
  const biased = (highWord(a) >>> 20) & 0x7ff;
  return biased > 0 ? biased - 1022 : exponentOf(timesPower(a, 64)) - 64;
}
