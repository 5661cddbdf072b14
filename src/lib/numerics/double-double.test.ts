/** Double-double arithmetic and balls against integers of any length: a float64 is an integer times a power of two. */
import { describe, expect, test } from 'vitest';
import * as ball from './ball.ts';
import { dot, dotError, normBound, squareBall } from './double-double-vector.ts';
import * as dd from './double-double.ts';
import { dependsExactly, fractionOf, nearestFraction } from './exact-dependence.ts';

/** x·2^SHIFT, exactly for |x| ≥ 2^−1000 or 0. */
const SHIFT = 1060;
function scaledInteger(x: number): bigint {
  const { numerator, denominator } = fractionOf(x);
  return (numerator << BigInt(SHIFT)) / denominator;
}
const exact = ({ hi, lo }: dd.DoubleDouble): bigint => scaledInteger(hi) + scaledInteger(lo);

/** Numbers of many sizes and signs, from a linear congruential generator. */
function numbers(count: number, seed: number, spread = 40): number[] {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from(
    { length: count },
    () => (next() - 0.5 + next() * 2 ** -32) * 2 ** Math.floor((next() - 0.5) * spread),
  );
}

const pairs = (seed: number): dd.DoubleDouble[] => {
  const high = numbers(200, seed);
  const low = numbers(200, seed + 1, 0);
  return high.map((hi, i) => dd.twoSum(hi, hi * 2 ** -54 * low[i]));
};

/** |got − want| ≤ share·2^−106·|size|, in units of 2^−SHIFT. */
function expectNear(got: bigint, want: bigint, size: bigint, share: bigint): void {
  const off = got > want ? got - want : want - got;
  const most = ((size < 0n ? -size : size) * share) >> 106n;
  expect(off <= most + 4n).toBe(true);
}

describe('double-double arithmetic', () => {
  const x = pairs(3);
  const y = pairs(5);

  test('sums, products, quotients and roots are within their error bounds', () => {
    x.forEach((a, i) => {
      const b = y[i];
      const [ea, eb] = [exact(a), exact(b)];
      expectNear(exact(dd.add(a, b)), ea + eb, ea + eb, 3n);
      const product = (ea * eb) >> BigInt(SHIFT);
      expectNear(exact(dd.multiply(a, b)), product, product, 8n);
      const quotient = (ea << BigInt(SHIFT)) / eb;
      expectNear(exact(dd.divide(a, b)), quotient, quotient, 16n);
      const square = dd.multiply(a, a);
      const root = ea < 0n ? -ea : ea;
      expectNear(exact(dd.squareRoot(square)), root, root, 16n);
    });
  });

  test('powers of two and exponents cover the whole range', () => {
    for (const value of [1, 1.5, 0.75, 2 ** -1022, 2 ** -1074, 2 ** 1023, Math.PI * 1e-310]) {
      const e = dd.exponentOf(value);
      expect(dd.timesPower(value, -e)).toBeGreaterThanOrEqual(0.5);
      expect(dd.timesPower(value, -e)).toBeLessThan(1);
    }
    expect(dd.timesPower(1, 1000)).toBe(2 ** 1000);
    expect(dd.timesPower(2 ** 1000, -2000)).toBe(2 ** -1000);
  });

  test('an inner product of cancelling terms is within its bound, and far better than float64', () => {
    const n = 333;
    const a = Float64Array.from(numbers(n, 7, 10));
    const b = Float64Array.from(numbers(n, 8, 10));
    // The last term cancels the sum of the others to about 1e-16.
    let partial = 0;
    for (let i = 0; i < n - 1; i++) partial += a[i] * b[i];
    a[n - 1] = 1;
    b[n - 1] = -partial;
    const got = dot(a, { hi: b, lo: new Float64Array(n) });
    let want = 0n;
    for (let i = 0; i < n; i++)
      want += (scaledInteger(a[i]) * scaledInteger(b[i])) >> BigInt(SHIFT);
    const off = exact(got) - want;
    const bound = dotError(n, normBound(a) * normBound(b));
    expect(off < 0n ? -off : off).toBeLessThan(scaledInteger(bound) + BigInt(2 * n));
    expect(bound).toBeLessThan(1e-25 * normBound(a) * normBound(b));
  });
});

describe('balls', () => {
  test('contain the true results of long computations with cancellation', () => {
    const terms = numbers(60, 11, 30);
    let sum = ball.exactly(0);
    let want = 0n;
    for (const term of [...terms, ...terms.map((t) => -t * (1 + 2 ** -30))]) {
      sum = ball.add(sum, ball.multiply(ball.exactly(term), ball.exactly(term)));
      want += (scaledInteger(term) * scaledInteger(term)) >> BigInt(SHIFT);
      sum = ball.divide(sum, ball.exactly(3));
      want /= 3n;
    }
    expect(scaledInteger(ball.lower(sum))).toBeLessThanOrEqual(want + 100n);
    expect(scaledInteger(ball.upper(sum))).toBeGreaterThanOrEqual(want - 100n);
    expect(ball.upper(sum) - ball.lower(sum)).toBeLessThan(1e-15 * Math.abs(sum.hi));
  });

  test('of a quotient by what may be 0 and of a root near 0 stay true', () => {
    expect(ball.divide(ball.ONE, { hi: 1e-3, lo: 0, radius: 2e-3 }).radius).toBe(Infinity);
    const root = ball.squareRoot({ hi: 1e-20, lo: 0, radius: 1e-16 });
    expect(ball.upper(root)).toBeGreaterThanOrEqual(Math.sqrt(1.0001e-16));
    expect(ball.lower(root)).toBeLessThanOrEqual(0);
  });

  test('a squared norm lies in its ball', () => {
    const hi = Float64Array.from(numbers(100, 13, 20));
    const lo = hi.map((v, i) => v * 2 ** -54 * (i % 3) * 0.4);
    const want = Array.from(hi, (v, i) => exact({ hi: v, lo: lo[i] })).reduce(
      (sum, v) => sum + ((v * v) >> BigInt(SHIFT)),
      0n,
    );
    const square = squareBall({ hi, lo });
    const off = exact(square) - want;
    expect(off < 0n ? -off : off).toBeLessThan(scaledInteger(square.radius) + 1000n);
  });
});

describe('exact dependence', () => {
  test('simple fractions are found, others are not', () => {
    expect(nearestFraction(dd.divide(dd.fromNumber(-7), dd.fromNumber(3)))).toEqual({
      numerator: -7n,
      denominator: 3n,
    });
    expect(nearestFraction(dd.fromNumber(Math.PI))).toBeNull();
    expect(nearestFraction(dd.ZERO)).toEqual({ numerator: 0n, denominator: 1n });
  });

  test('a difference in the last digit of one entry, and a scale of 1e±150, are seen', () => {
    const a = Float64Array.from([1e150, -2.5, 3e-150]);
    const b = Float64Array.from([0.1, 0.2, 0.3]);
    const twice = a.map((v) => 2 * v);
    const two = { numerator: 2n, denominator: 1n };
    const none = { numerator: 0n, denominator: 1n };
    expect(dependsExactly(twice, [a, b], [two, none])).toBe(true);
    twice[2] *= 1 + 2 ** -52;
    expect(dependsExactly(twice, [a, b], [two, none])).toBe(false);
    // 0.1 + 0.2 is not 0.3 in float64.
    const one = { numerator: 1n, denominator: 1n };
    const [x, y] = [Float64Array.of(0.1), Float64Array.of(0.2)];
    expect(dependsExactly(Float64Array.of(0.3), [x, y], [one, one])).toBe(false);
    expect(
      dependsExactly(
        Float64Array.of(0.375),
        [Float64Array.of(0.25), Float64Array.of(0.125)],
        [one, one],
      ),
    ).toBe(true);
  });
});
