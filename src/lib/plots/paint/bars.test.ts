import { expect, test } from 'vitest';
import type { BarsView } from '../../runtime/graph/view-data.ts';
import { barColors, barsWidth, buckets, largest, tallest } from './bars.ts';

function bars(names: number): BarsView {
  return {
    kind: 'bars',
    names: Array.from({ length: names }, (_, i) => `x${i}`),
    series: [
      { label: 'a', values: new Float64Array(names), nodeId: 'n2' },
      { label: 'b', values: new Float64Array(names) },
    ],
    precision: 'float64',
  };
}

test('every name belongs to exactly one bucket', () => {
  for (const [names, places] of [
    [5000, 97],
    [10, 10],
    [3, 50],
    [7, 0],
  ]) {
    const all = buckets(names, places).flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, i) => start + i),
    );
    expect(all).toEqual(Array.from({ length: names }, (_, i) => i));
  }
  expect(buckets(0, 10)).toEqual([]);
});

test('a bucket shows its largest value in size, with its sign', () => {
  expect(largest([1, -5, NaN, 4], 0, 4)).toBe(-5);
  expect(largest([NaN, Infinity], 0, 2)).toBeNull();
});

test('some names scroll, very many are gathered to the width at hand', () => {
  expect(barsWidth(bars(10), 900)).toBe(900);
  expect(barsWidth(bars(100), 900)).toBeGreaterThan(900);
  expect(barsWidth(bars(5000), 900)).toBe(900);
});

test('of many bars the names of the largest are written, apart from each other', () => {
  const view = bars(200);
  view.series[0].values[50] = -3;
  view.series[0].values[51] = 2;
  view.series[1].values[120] = 1;
  view.series[1].values[199] = 0.1;
  expect(tallest(view, buckets(200, 200), 4, 13)).toEqual([50, 120]);
  expect(tallest(view, buckets(200, 20), 40, 13)).toEqual([5, 12]);
  expect(tallest(bars(200), buckets(200, 200), 4, 13)).toEqual([]);
});

test('bars take the colour of their run where it is known', () => {
  expect(barColors(bars(1), new Map([['n2', 5]]))).toEqual([5, 0]);
});
