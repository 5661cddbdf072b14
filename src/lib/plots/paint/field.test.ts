import { expect, test } from 'vitest';
import type { FieldView } from '../../runtime/graph/view-data.ts';
import { classMargin, fieldPixels, isDrawableField, mix, rgbOf } from './field.ts';

const points = { kind: 'scatter', x: new Float64Array(0), y: new Float64Array(0) } as const;
const field: FieldView = {
  kind: 'field',
  columns: 2,
  rows: 2,
  xRange: [0, 1],
  yRange: [0, 1],
  classIndex: Uint8Array.of(0, 1, 1, 1),
  confidence: Float32Array.of(0.5, 1, 0.75, NaN),
  classes: ['a', 'b'],
  points: { ...points, xLabel: '', yLabel: '' },
  precision: 'float64',
};

test('the top row of the picture is the row of the largest y', () => {
  const pixels = fieldPixels(
    field,
    [
      [255, 0, 0],
      [0, 0, 255],
    ],
    [255, 255, 255],
  );
  const at = (i: number): number[] => [...pixels.slice(4 * i, 4 * i + 4)];
  // Row 0 of the picture is row 1 of the grid: confidence ¾, then not a number (transparent).
  expect(at(0)).toEqual([172, 172, 255, 255]);
  expect(at(1)).toEqual([0, 0, 0, 0]);
  // The less certain, the paler: chance is nearly background.
  expect(at(2)).toEqual([255, 230, 230, 255]);
  expect(at(3)).toEqual([115, 115, 255, 255]);
});

test('the margin of a class changes sign where it stops winning', () => {
  const margin = classMargin(field, 1);
  expect(margin[0]).toBeLessThan(0);
  expect(margin.slice(1, 3)).toEqual([0.5, 0.25]);
  expect(Math.abs(margin[3])).toBe(0);
});

test('with three classes margins are smoothed and keep their sign inside a region', () => {
  const three: FieldView = {
    ...field,
    columns: 5,
    rows: 4,
    classIndex: Uint8Array.from({ length: 20 }, (_, i) => (i % 5 < 2 ? 0 : 2)),
    confidence: new Float32Array(20).fill(0.4),
    classes: ['a', 'b', 'c'],
  };
  const margin = classMargin(three, 2);
  expect(margin.map(Math.sign)).toEqual(Array.from({ length: 20 }, (_, i) => (i % 5 < 2 ? -1 : 1)));
  expect(Math.abs(margin[1])).toBeLessThan(Math.abs(margin[0]));
});

test('a field without area, cells or finite values is not drawn', () => {
  expect(isDrawableField(field)).toBe(true);
  expect(isDrawableField({ ...field, columns: 1 })).toBe(false);
  expect(isDrawableField({ ...field, xRange: [1, 1] })).toBe(false);
  expect(isDrawableField({ ...field, classIndex: new Uint8Array(3) })).toBe(false);
  const values = new Float32Array(4).fill(NaN);
  expect(isDrawableField({ ...field, classIndex: undefined, values })).toBe(false);
});

test('reads colours in both notations', () => {
  expect(rgbOf('#0128c7')).toEqual([1, 40, 199]);
  expect(rgbOf('rgb(1, 40, 199)')).toEqual([1, 40, 199]);
  // Style sheets are minified.
  expect(rgbOf('#0af')).toEqual([0, 170, 255]);
  expect(mix([0, 0, 0], [10, 20, 30], 0.5)).toEqual([5, 10, 15]);
});
