import { productRest } from './double-double.ts';
import { highWord, powerOfTwo } from './words.ts';

/** √(a² + b²) to an ulp, without overflow in between; ∞ where one is infinite. */
export function hypot(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  if (x === Infinity || y === Infinity) return Infinity;
  const large = Math.max(x, y);
  const small = Math.min(x, y);
  // Also NaN and 0. The smaller one is too small to matter.
  if (!(small > large * 2 ** -60)) return large;
  if (large > 2 ** 90 || small < 2 ** -90) {
    const e = (highWord(large) >> 20) - 1023;
    return hypot(large * powerOfTwo(-e), small * powerOfTwo(-e)) * powerOfTwo(e);
  }
  const square = large * large;
  const other = small * small;
  const sum = square + other;
  const rest = productRest(large, large, square) + productRest(small, small, other);
  return Math.sqrt(sum + (square - sum + other + rest));
}
