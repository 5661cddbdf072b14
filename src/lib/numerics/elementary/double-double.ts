/** What the rounding of a sum or a product of two float64 numbers lost, exactly: the parts of double-double arithmetic. */

/** a + b − sum exactly, for sum = a + b rounded (Knuth's TwoSum). */
export function sumRest(a: number, b: number, sum: number): number {
  const c = sum - a;
  return a - (sum - c) + (b - c);
}

/**
 * a·b − product to 2⁻¹⁰⁵·|a·b|, for product = a·b rounded and 2⁻¹⁰⁰ < |a|, |b| < 2¹⁰⁰. Rounding to float32 splits each factor
 * into 24 and 29 bits, so that three of the four partial products are exact (Dekker).
 */
export function productRest(a: number, b: number, product: number): number {
  const aHigh = Math.fround(a);
  const bHigh = Math.fround(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
