import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as elementary from './index.ts';
import { ulpsBetween } from './testing/ulps.ts';

const { cos, erf, exp, expm1, hypot, log, log10, log1p, log2, pow, sigmoid, sin, softplus, tanh } =
  elementary;

/** Rows of arguments, the nearest float64 and what is left of the exact value in ulps; see the script beside it. */
const reference: Record<string, number[][]> = JSON.parse(
  readFileSync(new URL('../../../../tests/reference/elementary.json', import.meta.url), 'utf8'),
);

describe('elementary functions', () => {
  it.each(Object.keys(elementary) as (keyof typeof elementary)[])(
    '%s is within one ulp of mpmath at hard arguments',
    (name) => {
      const rows = reference[name];
      expect(rows.length).toBeGreaterThan(1500);
      const far = rows.filter((row) => {
        const [value, rest] = row.slice(-2);
        const [x, y] = row;
        return !(Math.abs(ulpsBetween(elementary[name](x, y), value) - rest) <= 1);
      });
      expect(far).toEqual([]);
    },
  );

  it('keep the infinities, zeros and NaN of ECMAScript’s Math', () => {
    const odd = [0, -0, 1, -1, Infinity, -Infinity, NaN, -2, 5e-324, -5e-324, 1e308, -1e308];
    const exact = (x: number) => Number.isNaN(x) || [0, 1, Infinity].includes(Math.abs(x));
    const functions = { exp, expm1, log, log1p, log2, log10, sin, cos, tanh };
    for (const [name, f] of Object.entries(functions)) {
      const inputs = odd.filter((x) => exact(Math[name as keyof typeof functions](x)));
      expect(inputs.map(f), name).toEqual(inputs.map(Math[name as keyof typeof functions]));
    }
    for (const x of odd) {
      const inputs = odd.filter((y) => exact(x ** y));
      expect(
        inputs.map((y) => pow(x, y)),
        `${x} ** y`,
      ).toEqual(inputs.map((y) => x ** y));
      expect(
        odd.map((y) => hypot(x, y)),
        `hypot(${x}, y)`,
      ).toEqual(odd.map((y) => Math.hypot(x, y)));
    }
    expect([0, -0, Infinity, -Infinity, NaN].map(erf)).toEqual([0, -0, 1, -1, NaN]);
    expect([0, Infinity, -Infinity, NaN, -800].map(sigmoid)).toEqual([0.5, 1, 0, NaN, 0]);
    expect([Infinity, -Infinity, NaN, 800].map(softplus)).toEqual([Infinity, 0, NaN, 800]);
  });

  it('are exact where the value is a float64', () => {
    const powersOf2 = Array.from({ length: 2098 }, (_, i) => i - 1074);
    expect(powersOf2.map((n) => log2(2 ** n))).toEqual(powersOf2);
    expect(powersOf2.map((n) => pow(2, n))).toEqual(powersOf2.map((n) => 2 ** n));
    const powersOf10 = Array.from({ length: 616 }, (_, i) => i - 307);
    expect(powersOf10.map((n) => log10(Number(`1e${n}`)))).toEqual(powersOf10);
    const bases = Array.from({ length: 57 }, (_, i) => i + 2);
    expect(bases.map((x) => pow(x, 9))).toEqual(bases.map((x) => Number(BigInt(x) ** 9n)));
    expect(bases.map((x) => pow(x / 8, 9))).toEqual(
      bases.map((x) => Number(BigInt(x) ** 9n) / 2 ** 27),
    );
    expect(bases.map((x) => pow(x * x, 0.5))).toEqual(bases);
    expect([hypot(3, 4), hypot(-5, 12), hypot(3e-320, 4e-320)]).toEqual([5, 13, 5e-320]);
    expect([exp(0), expm1(0), log(1), cos(0), sin(0)]).toEqual([1, 0, 0, 1, 0]);
  });

  it('sin, tanh, erf are odd and cos is even, to the bit', () => {
    const x = Array.from({ length: 200 }, (_, k) => 1e-3 * 1.2 ** k);
    for (const f of [sin, tanh, erf]) expect(x.map((v) => -f(-v))).toEqual(x.map(f));
    expect(x.map((v) => cos(-v))).toEqual(x.map(cos));
  });

  // Where pieces join, an error of an ulp could make a function fall.
  it.each(Object.entries({ exp, expm1, log, log1p, tanh, sigmoid, softplus, erf }))(
    '%s never falls from one float64 to the next where its pieces join',
    (name, f) => {
      const joints = [0.0625, 0.9375, 1, 1.0625, 1.25, 2, Math.LN2 / 128, 20, 40, -0.0625, -40];
      for (const joint of joints) {
        if (name.startsWith('log') && joint < 0) continue;
        const step = Math.abs(joint) * 2 ** -52;
        const x = Array.from({ length: 128 }, (_, k) => joint + (k - 64) * step);
        const y = x.map(f);
        expect(y).toEqual([...y].sort((a, b) => a - b));
      }
    },
  );

  it('x ** 2, which needs no function, is one product in this engine', () => {
    const x = Array.from({ length: 10_000 }, (_, k) => ((k * 0.754877666) % 1) * 1.3 ** (k % 99));
    expect(x.filter((v) => v ** 2 !== v * v)).toEqual([]);
  });
});
