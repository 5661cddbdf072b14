import { expect, test } from 'vitest';
import { assignColors } from './colors.ts';

const runs = new Map([
  ['n1', 0],
  ['n2', 1],
  ['n3', 2],
]);

test('a run keeps its colour and what belongs to none takes the free ones', () => {
  expect(assignColors(['n3', undefined, 'n1', undefined], runs)).toEqual([2, 1, 0, 3]);
  expect(assignColors([undefined, undefined], runs)).toEqual([0, 1]);
});

test('a run that is not known takes a free colour', () => {
  expect(assignColors(['n2', 'n9'], runs)).toEqual([1, 0]);
});

test('several series of one run are told apart', () => {
  expect(assignColors(['n2', 'n2', 'n2'], runs)).toEqual([0, 1, 2]);
});
