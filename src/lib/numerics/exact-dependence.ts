/**
 * Whether a column of float64 numbers is exactly a combination of others with small rational coefficients, as repeated columns, one-hot
 * codes and sums of counts are. Every float64 is an integer times a power of two, so integers decide it without rounding.
 */
import { exponentOf, timesPower } from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';

export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Largest denominator that is tried, and how near the number must be: what double-double leaves of ill-conditioned columns. */
const MOST = 10_000n;
const NEAR_BITS = 36;
const BITS = 160;

/** m·2^e, exactly, with an integer m. */
function parts(x: number): { mantissa: bigint; exponent: number } {
  if (x === 0) return { mantissa: 0n, exponent: 0 };
  const e = exponentOf(x) - 53;
  return { mantissa: BigInt(timesPower(x, -e)), exponent: e };
}

function shifted(value: bigint, by: number): bigint {
  return by >= 0 ? value << BigInt(by) : value >> BigInt(-by);
}

const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

/** A float64 number as a fraction. */
export function fractionOf(x: number): Fraction {
  const { mantissa, exponent } = parts(x);
  return {
    numerator: shifted(mantissa, Math.max(0, exponent)),
    denominator: shifted(1n, Math.max(0, -exponent)),
  };
}

/** The fraction of least denominator within 2⁻³⁶ of x, by continued fractions; null beyond a denominator of ten thousand. */
export function nearestFraction({ hi, lo }: DoubleDouble): Fraction | null {
  if (!Number.isFinite(hi) || Math.abs(hi) > 2 ** 60) return null;
  const [a, b] = [parts(hi), parts(lo)];
  const x = shifted(a.mantissa, a.exponent + BITS) + shifted(b.mantissa, b.exponent + BITS);
  const one = 1n << BigInt(BITS);
  const near = 1n << BigInt(BITS - NEAR_BITS);
  let [p0, q0, p1, q1] = [0n, 1n, 1n, 0n];
  let [top, bottom] = [x, one];
  // Denominators grow at least like Fibonacci numbers, so that few terms reach ten thousand.
  for (let k = 0; k < 40 && bottom !== 0n; k++) {
    let whole = top / bottom;
    if (whole * bottom > top) whole -= 1n;
    [p0, q0, p1, q1] = [p1, q1, whole * p1 + p0, whole * q1 + q0];
    if (q1 > MOST) return null;
    if (absolute(p1 * one - x * q1) <= near * q1) return { numerator: p1, denominator: q1 };
    [top, bottom] = [bottom, top - whole * bottom];
  }
  return null;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** column = Σ coefficient_k · others_k, entry by entry and without rounding. */
export function dependsExactly(
  column: Float64Array,
  others: readonly Float64Array[],
  coefficients: readonly Fraction[],
): boolean {
  let common = 1n;
  for (const { denominator } of coefficients) {
    common = (common / gcd(common, denominator)) * denominator;
  }
  const used = others.flatMap((entries, k) => {
    const { numerator, denominator } = coefficients[k];
    return numerator === 0n ? [] : [{ entries, factor: numerator * (common / denominator) }];
  });
  for (let i = 0; i < column.length; i++) {
    const terms = [
      { value: column[i], factor: -common },
      ...used.map(({ entries, factor }) => ({ value: entries[i], factor })),
    ].map(({ value, factor }) => ({ ...parts(value), factor }));
    const least = terms.reduce(
      (e, { mantissa, exponent }) => (mantissa ? Math.min(e, exponent) : e),
      0,
    );
    let sum = 0n;
    for (const { mantissa, exponent, factor } of terms) {
      sum += (mantissa * factor) << BigInt(Math.max(0, exponent - least));
    }
    if (sum !== 0n) return false;
  }
  return true;
}
