/** Bits of a float64 and exact powers of two, without allocation. */

const FLOAT = new Float64Array(1);
const WORDS = new Int32Array(FLOAT.buffer);
FLOAT[0] = 1;
/** Where the word with sign and exponent lies: 1 on little-endian machines. */
const HIGH = WORDS[1] !== 0 ? 1 : 0;

/** Sign, exponent and the upper 20 bits of the mantissa, as a signed integer. */
export function highWord(x: number): number {
  FLOAT[0] = x;
  return WORDS[HIGH];
}

const LOWEST = -1074;
/** 2^n at n + 1074. */
const POWERS = new Float64Array(2098);
for (let n = LOWEST, power = Number.MIN_VALUE; n <= 1023; n++, power *= 2)
  POWERS[n - LOWEST] = power;

/** 2^n for an integer −1074 ≤ n ≤ 1023; NaN elsewhere. */
export function powerOfTwo(n: number): number {
  return POWERS[n - LOWEST];
}

/** x·2^n with one rounding, for 1/4 ≤ |x| ≤ 4 and an integer n. */
export function scaled(x: number, n: number): number {
  if (n > 1023) return n > 1030 ? x * Infinity : x * powerOfTwo(1023) * powerOfTwo(n - 1023);
  if (n >= -1000) return x * powerOfTwo(n);
  return n < -1100 ? x * 0 : x * powerOfTwo(n + 200) * powerOfTwo(-200);
}
