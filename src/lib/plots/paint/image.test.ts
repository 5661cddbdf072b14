import { expect, test } from 'vitest';
import type { ImageView } from '../../runtime/graph/view-data.ts';
import { beyondRange, comparisonFrame, grayPixels, imageLayout, isDrawableImage } from './image.ts';

const view: ImageView = {
  kind: 'image',
  height: 2,
  width: 2,
  panels: [{ caption: 'a', values: Float64Array.of(0, 0.5, 1, 2) }],
  range: [0, 1],
  precision: 'float64',
};

test('grey runs from black to white over the range, and a hole stays transparent', () => {
  const pixels = grayPixels(Float64Array.of(-1, 0, 0.2, 1, 7, NaN), [0, 1]);
  const at = (i: number): number[] => [...pixels.slice(4 * i, 4 * i + 4)];
  expect(at(0)).toEqual([0, 0, 0, 255]);
  expect(at(1)).toEqual([0, 0, 0, 255]);
  expect(at(2)).toEqual([51, 51, 51, 255]);
  expect(at(3)).toEqual([255, 255, 255, 255]);
  expect(at(4)).toEqual([255, 255, 255, 255]);
  expect(at(5)).toEqual([0, 0, 0, 0]);
});

test('counts the values beyond black and white', () => {
  expect(beyondRange(view)).toBe(1);
  expect(beyondRange({ ...view, range: [0.4, 0.6] })).toBe(3);
});

test('four square images stand in one row where it is wide and in two rows where it is narrow', () => {
  const oneLine = (): number => 1;
  const wide = imageLayout({ width: 1000, height: 300, compact: false }, 4, 1, oneLine);
  expect([wide.columns, wide.rows]).toEqual([4, 1]);
  const narrow = imageLayout({ width: 360, height: 400, compact: false }, 4, 1, oneLine);
  expect([narrow.columns, narrow.rows]).toEqual([2, 2]);
  const tall = imageLayout({ width: 120, height: 900, compact: false }, 4, 1, oneLine);
  expect([tall.columns, tall.rows]).toEqual([1, 4]);
});

test('images keep their proportions and leave room for captions and scale', () => {
  const box = { width: 800, height: 300, compact: false };
  const { rows, imageWidth, imageHeight, captionHeight } = imageLayout(box, 3, 0.5, () => 2);
  expect(imageWidth / imageHeight).toBeCloseTo(0.5, 12);
  expect(rows * (imageHeight + captionHeight)).toBeLessThan(300);
  const frame = comparisonFrame(box, { ...view, width: 1 });
  expect(frame.width / frame.height).toBeCloseTo(0.5, 12);
  expect(frame.y + frame.height).toBeLessThan(300);
});

test('an image without pixels or without finite values is not drawn', () => {
  expect(isDrawableImage(view)).toBe(true);
  expect(isDrawableImage({ ...view, panels: [] })).toBe(false);
  expect(isDrawableImage({ ...view, height: 3 })).toBe(false);
  expect(isDrawableImage({ ...view, range: [NaN, 1] })).toBe(false);
});
