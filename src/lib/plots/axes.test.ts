import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  extent,
  linearTicks,
  logTicks,
  padDomain,
  padLogDomain,
  positioner,
  tickLabel,
} from './axes.ts';

test('the extent leaves out what cannot be drawn', () => {
  expect(extent([[1, NaN, -3, Infinity, null, 1e300]])).toEqual([-3, 1]);
  expect(extent([[0, -1, 0.5]], true)).toEqual([0.5, 0.5]);
  expect(extent([[NaN], []])).toBeNull();
});

test('linear ticks are round and inside the domain', () => {
  expect(linearTicks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(linearTicks([-0.31, 0.29], 3)).toEqual([-0.2, 0, 0.2]);
  expect(linearTicks([3, 3])).toEqual([3]);
});

test('logarithmic ticks are powers of ten, or 1-2-5 multiples within a decade', () => {
  expect(logTicks([1e-6, 1], 4)).toEqual([1e-6, 1e-4, 1e-2, 1]);
  expect(logTicks([1.5, 8])).toEqual([2, 5]);
  expect(logTicks([-1, 5])).toEqual([]);
});

test('tick labels tell neighbours apart', () => {
  const ticks = linearTicks([1000, 1000.5], 5);
  expect(new Set(ticks.map((t) => tickLabel(t, ticks))).size).toBe(ticks.length);
  expect(tickLabel(1e-6, [], true)).toBe('10⁻⁶');
  expect(tickLabel(100, [], true)).toBe('100');
});

test('a single value gets room around it', () => {
  expect(padDomain([0, 0])).toEqual([-1, 1]);
  const [a, b] = padLogDomain([1e-3, 1e-3]);
  expect(a).toBeGreaterThan(0);
  expect(b).toBeGreaterThan(a);
});

test('positions run from one end to the other, also on a logarithmic axis', () => {
  const linear = positioner([2, 4], 100, 0);
  expect([linear(2), linear(3), linear(4)]).toEqual([100, 50, 0]);
  const log = positioner([1e-4, 1], 0, 100, true);
  expect(log(1e-2)).toBeCloseTo(50, 10);
});

test('no pair of numbers makes ticks throw or run away', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.integer({ min: 0, max: 20 }), (a, b, n) => {
      const domain = [Math.min(a, b), Math.max(a, b)] as const;
      expect(linearTicks(domain, n).length).toBeLessThanOrEqual(100);
      expect(logTicks(domain, n).length).toBeLessThanOrEqual(1000);
    }),
    { seed: 7, numRuns: 2000 },
  );
});
