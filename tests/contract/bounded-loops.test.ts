/** The lint rule that keeps loops without a bound out of nodes, runtime and numerics, and loops that had none. */
import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import { tautString } from '../../src/lib/nodes/loss/certificates/taut-string.ts';
import { boundedLoops } from '../../scripts/bounded-loops.mjs';

const problems = (code: string): number =>
  new Linter().verify(code, {
    plugins: { a: { rules: { loops: boundedLoops } } },
    rules: { 'a/loops': 'error' },
  }).length;

describe('the rule of bounded loops', () => {
  test.each([
    'let a = 1; while (a < 2) a *= 2;',
    'let a = 1; do a++; while (a < 9);',
    'for (;;) f();',
    'for (let k = 0; ; k++) f(k);',
    'for (let low = 0; low < 1;) low = f(low);',
    'while (true) f();',
    '// Goes on.\nwhile (a) f();',
    '// Ends.\nwhile (a) f();',
  ])('finds %j', (code) => {
    expect(problems(code)).toBe(1);
  });

  test.each([
    'for (let k = 0; k < 9; k++) f(k);',
    'for (const x of list) f(x);',
    '// Ends after maxSteps.\nwhile (steps < maxSteps) f();',
    '// Ends with the list: each turn drops one.\nfor (;;) f();',
  ])('lets %j pass', (code) => {
    expect(problems(code)).toBe(0);
  });
});

test('a taut string ends for values of any size', () => {
  const most = Number.MAX_VALUE;
  const inputs = [
    [most, -most, most, -most],
    [1, NaN, 3],
    [Infinity, 1, -Infinity],
    [most, most, -most],
    [0, most, 0, -most, 5],
  ];
  for (const y of inputs) {
    for (const lambda of [0, 1, most, Infinity, NaN]) {
      // A number, or a refusal: no way goes on for ever.
      try {
        expect(tautString(y, lambda)).toHaveLength(y.length);
      } catch (error) {
        expect((error as Error).message).toMatch(/values too large/);
      }
    }
  }
  expect(Array.from(tautString([1, 1, 5, 5], 1))).toEqual([1.5, 1.5, 4.5, 4.5]);
});
