import { expect, test } from 'vitest';
import type { LevelSetsView } from '../runtime/graph/view-data.ts';
import { VIEWS } from './fixtures.ts';
import { heightAt, readAt, summary } from './level-sets.ts';
import { groundPixels } from './paint/level-sets.ts';
import type { Placed } from './paint/level-sets.ts';

const view = VIEWS['level sets'] as LevelSetsView;
/** One pixel is a hundredth. */
const placed: Placed = {
  at: (px, py) => ({ x: px / 100, y: py / 100 }),
  distance: (px, py, x, y) => Math.hypot(px - 100 * x, py - 100 * y),
};

test('heights between grid points are interpolated, and unknown outside or beside a hole', () => {
  // The error of bilinear interpolation is at most h²/8 times the sum of the second derivatives, 1 and 8.
  const bound = ((4 / 39) ** 2 * 1 + (3 / 39) ** 2 * 8) / 8;
  for (const [x, y] of [
    [0.33, 0.77],
    [-1, 1.5],
    [3, -1.5],
  ])
    expect(Math.abs(heightAt(view, x, y) - (x * x + 8 * y * y) / 2)).toBeLessThan(bound + 1e-6);
  expect(heightAt(view, 3.01, 0)).toBeNaN();
  const hole = { ...view, heights: view.heights.map((h, i) => (i === 0 ? NaN : h)) };
  expect(heightAt(hole, -0.99, -1.49)).toBeNaN();
});

test('the pointer reads an iterate within reach, else the objective', () => {
  expect(readAt(view, placed, 250, 95)).toBe('gradient descent, step 0: x[1] = 2.5, x[2] = 1');
  expect(readAt(view, placed, 1, 0)).toBe('Newton, step 1: x[1] = 0, x[2] = 0, 0.25 off the plane');
  expect(readAt(view, placed, 100, -100)).toMatch(
    /^x\[1\] = 1, x\[2\] = −1: f ≈ 3\.5\d*, 4\.5\d* above f\*$/,
  );
});

test('the summary names what levels are above and how far paths leave the plane', () => {
  expect(summary(view)).toBe(
    'f* = −1, levels 2 times as high each; iterates up to 0.25 off the plane, the last up to 0.25.',
  );
});

test('higher ground is darker on white, level by level, and a hole is transparent', () => {
  const heights = Float32Array.of(0.02, 0.64, 40.96, NaN);
  const pixels = groundPixels({ ...view, columns: 2, rows: 2, heights }, '#fff', '#000');
  // Top row first: 40.96 and NaN, then 0.02 and 0.64.
  const [highest, hole, lowest, middle] = [0, 4, 8, 12].map((at) => pixels[at]);
  expect(pixels[7]).toBe(0);
  expect(hole).toBe(0);
  expect(lowest).toBeGreaterThan(middle);
  expect(middle).toBeGreaterThan(highest);
});
