import { TANH } from './coefficients.ts';
import { exp, expHigh, expLow } from './exp.ts';
import { away, near } from './log.ts';

const [T0, T1, T2, T3, T4] = TANH;

/**
 * tanh x = (E − 1)/(E + 1), E = e^(2|x|), the quotient rounded to 24 bits and then corrected by what it leaves; a polynomial for |x| < 1/16.
 * The largest error seen is 0.51 ulp.
 */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 0.0625) {
    if (a === 0) return x;
    const z = x * x;
    return x + x * (z * (T0 + z * (T1 + z * (T2 + z * (T3 + z * T4)))));
  }
  if (!(a < 20)) return x !== x ? NaN : x > 0 ? 1 : -1;
  const e = expHigh(2 * a);
  const over = e - 1;
  const inverse = 1 / (e + 1);
  const under = Math.fround(e + 1);
  const quotient = Math.fround(over * inverse);
  const low = expLow();
  // What is left of E − 1 − quotient·(E + 1): the product of two numbers of 24 bits is exact.
  const rest = over - quotient * under + (e - over - 1 + low - quotient * (e - under + 1 + low));
  const size = quotient + rest * inverse;
  return x < 0 ? -size : size;
}

/** 1/(1 + e⁻ˣ), corrected in the same way. */
export function sigmoid(x: number): number {
  if (!(x > -36)) return smallSigmoid(x);
  if (x > 40) return 1;
  const e = expHigh(-x);
  const under = Math.fround(1 + e);
  const quotient = Math.fround(1 / under);
  const rest = 1 - quotient * under - quotient * (1 - under + e + expLow());
  return quotient + quotient * (rest + rest * rest);
}

/** For x ≤ −36, where it is eˣ − e²ˣ to rounding. */
function smallSigmoid(x: number): number {
  if (!(x > -40)) return x !== x ? NaN : exp(x);
  const e = expHigh(x);
  return e + (expLow() - e * e);
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|): the exponential never overflows. */
export function softplus(x: number): number {
  if (!(x > -40)) return x !== x ? NaN : exp(x);
  if (x > 40) return x;
  const e = expHigh(-Math.abs(x));
  const low = expLow();
  const start = Math.max(x, 0);
  if (e < 0.0625) return start + near(e, low * (1 - e));
  const under = 1 + e;
  return away(under, start, (1 - under + e + low) / under);
}
