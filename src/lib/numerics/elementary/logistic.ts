import { TANH } from './coefficients.ts';
import { productRest } from './double-double.ts';
import { exp, expHigh, expLow } from './exp.ts';
import { away, near } from './log.ts';

const [T0, T1, T2, T3, T4] = TANH;

/**
 * tanh x = (E − 1)/(E + 1), E = e^(2|x|), with numerator, denominator and quotient in two parts; a polynomial for |x| < 1/16.
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
  const low = expLow();
  const over = e - 1;
  const under = e + 1;
  const inverse = 1 / under;
  const quotient = over * inverse;
  const product = quotient * under;
  // What is left of over − quotient·under, with the parts that e, over and under lost.
  const rest =
    over -
    product -
    productRest(quotient, under, product) +
    (e - over - 1 + low) -
    quotient * (e - under + 1 + low);
  const size = quotient + rest * inverse;
  return x < 0 ? -size : size;
}

/** 1/(1 + e⁻ˣ), with denominator and quotient in two parts. */
export function sigmoid(x: number): number {
  if (!(x > -40)) return x !== x ? NaN : exp(x);
  if (x > 40) return 1;
  const e = expHigh(-x);
  const low = expLow();
  const under = 1 + e;
  const lost = (e > 1 ? e - under + 1 : 1 - under + e) + low;
  const quotient = 1 / under;
  const product = quotient * under;
  const rest = 1 - product - productRest(quotient, under, product) - quotient * lost;
  return quotient + quotient * rest;
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
