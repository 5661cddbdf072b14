import { describe, expect, it } from 'vitest';
import { PathTable, isOnPath, pathWidth } from './path.ts';
import { isMeasured } from './series.ts';

const upTo = (last: number, width: number, pace = 1): number[] =>
  Array.from({ length: last + 1 }, (_, step) => step).filter((step) => isOnPath(step, pace, width));

describe('the steps of a path', () => {
  it('are the measured ones for up to 16 unknowns', () => {
    const measured = Array.from({ length: 5001 }, (_, step) => step).filter((step) =>
      isMeasured(step, 1),
    );
    expect(upTo(5000, 16)).toEqual(measured);
  });

  it('are for more unknowns all up to 32, then 16 for each doubling, all of them measured', () => {
    const steps = upTo(4096, 17);
    expect(steps.slice(0, 33)).toEqual(Array.from({ length: 33 }, (_, i) => i));
    for (let from = 32; from < 4096; from *= 2)
      expect(steps.filter((step) => step > from && step <= 2 * from)).toHaveLength(16);
  });

  it('are measured ones at any pace', () => {
    for (const step of upTo(40_000, 100, 32)) expect(isMeasured(step, 32)).toBe(true);
    expect(upTo(40_000, 100, 32).length).toBeGreaterThan(100);
  });

  it('do not exist beyond 512 unknowns', () => {
    expect([pathWidth(2), pathWidth(512), pathWidth(513)]).toEqual([2, 512, 0]);
    expect(upTo(10, 0)).toEqual([]);
  });
});

describe('PathTable', () => {
  const filled = (steps: readonly number[]): PathTable => {
    const table = new PathTable(2, 1);
    for (const step of steps) table.push(step, [step, -step]);
    return table;
  };

  it('keeps iterates in order, once each, and forgets what comes after a cut', () => {
    const table = filled([0, 1, 1, 2, 0, 3]);
    expect(table.snapshot(Infinity)).toEqual({
      steps: [0, 1, 2, 3],
      iterates: Float64Array.of(0, -0, 1, -1, 2, -2, 3, -3),
    });
    table.cut(1);
    table.push(2, [7, 8]);
    expect([...table.snapshot(Infinity).iterates].slice(4)).toEqual([7, 8]);
    expect(table.snapshot(1).steps).toEqual([0, 1]);
  });

  it('takes up a snapshot, but not one of other unknowns', () => {
    const path = filled([0, 1, 2]).snapshot(Infinity);
    const table = new PathTable(2, 1);
    table.load(path);
    expect(table.snapshot(Infinity)).toEqual(path);
    const other = new PathTable(3, 1);
    other.load(path);
    expect(other.snapshot(Infinity).steps).toEqual([]);
  });
});
