import { expect, test } from 'vitest';
import { equalScaleBox } from './frame.ts';
import { positionAt } from './trajectories.ts';

test('an equal scale narrows a wide box and flattens a tall one to the shape of the domains', () => {
  const wide = equalScaleBox({ width: 900, height: 340, compact: false }, [-2, 2], [-1, 1]);
  // Margins for labels are 60 beside and 40 below: 600 × 300 is left.
  expect(wide).toEqual({ width: 660, height: 340, compact: false });
  const tall = equalScaleBox({ width: 260, height: 900, compact: false }, [-2, 2], [-1, 1]);
  expect(tall).toEqual({ width: 260, height: 140, compact: false });
});

test('an equal scale is given up where a domain is a line', () => {
  const box = { width: 900, height: 340, compact: false };
  expect(equalScaleBox(box, [0, 1], [0, 1e-9])).toEqual(box);
  expect(equalScaleBox(box, [0, 1], [0, 0])).toEqual(box);
});

test('points lie on straight lines between frames', () => {
  const view = {
    kind: 'trajectories',
    frames: 3,
    points: 2,
    times: Float64Array.of(0, 1, 2),
    x: Float64Array.of(0, 5, 2, 5, 6, 5),
    y: Float64Array.of(0, 1, 4, 3, 4, 9),
    xLabel: 'x',
    yLabel: 'y',
    precision: 'float64',
  } as const;
  expect(positionAt(view, 0, 0.25)).toEqual([0.5, 1]);
  expect(positionAt(view, 1, 1.5)).toEqual([5, 6]);
  expect(positionAt(view, 0, 2)).toEqual([6, 4]);
});
