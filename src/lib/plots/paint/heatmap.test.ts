import { expect, test } from 'vitest';
import type { HeatmapView } from '../../runtime/graph/view-data.ts';
import { columnIndices, heatFrame, heatPixels, heatScale, isDrawableHeatmap } from './heatmap.ts';

const white = [255, 255, 255] as const;
const colors = [
  [0, 0, 255],
  [255, 0, 0],
] as const;
const view: HeatmapView = {
  kind: 'heatmap',
  rows: 2,
  columns: 4,
  values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  rowLabel: 'row',
  columnLabel: 'column',
  precision: 'float64',
};

test('one sign runs from the background at 0 to one colour at the largest', () => {
  const scale = heatScale([2, 10], white, colors);
  expect(scale.domain).toEqual([0, 10]);
  const pixels = heatPixels(Float64Array.of(0, 5, 10, NaN), scale);
  expect([...pixels]).toEqual([
    ...[255, 255, 255, 255, 128, 128, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0],
  ]);
});

test('two signs meet at 0 and are equally strong at equal distance', () => {
  const { domain, color } = heatScale([-1, 4], white, colors);
  expect(domain).toEqual([-4, 4]);
  expect(color(0)).toEqual([...white]);
  expect(color(4)).toEqual([0, 0, 255]);
  expect(color(-4)).toEqual([255, 0, 0]);
  expect(color(-2)[1]).toBe(color(2)[1]);
});

test('a matrix of one value has a bar of some length', () => {
  expect(heatScale([0, 0], white, colors).domain).toEqual([0, 1]);
  expect(heatScale([-3, -3], white, colors).domain).toEqual([-3, -2]);
});

test('cells are square unless the matrix is very long', () => {
  const box = { width: 700, height: 300, compact: false };
  const frame = heatFrame(box, view, 20);
  expect(frame.width / frame.height).toBeCloseTo(2, 12);
  const long = heatFrame(box, { ...view, columns: 400 }, 20);
  expect(long.height).toBeGreaterThan(200);
});

test('a matrix without cells or finite values is not drawn', () => {
  expect(isDrawableHeatmap(view)).toBe(true);
  expect(isDrawableHeatmap({ ...view, rows: 3 })).toBe(false);
  expect(isDrawableHeatmap({ ...view, values: new Float64Array(8).fill(NaN) })).toBe(false);
});

test('numbers below the columns keep their distance, however narrow the matrix is', () => {
  for (const count of [3, 12, 200, 442, 5000])
    for (let width = 20; width < 700; width += 10) {
      const widest = 7 * String(count).length;
      const ticks = columnIndices(count, width, widest);
      for (let i = 1; i < ticks.length; i++)
        expect(((ticks[i] - ticks[i - 1]) / count) * width).toBeGreaterThan(widest);
      if (width > 200) expect(ticks.length).toBeGreaterThan(1);
    }
});
