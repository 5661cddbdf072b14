import { describe, expect, it } from 'vitest';
import { judge } from './outcome.ts';
import { SeriesTable, isMeasured, measuring, nextMeasured, paceOf } from './series.ts';

describe('measured steps', () => {
  it('are all up to 500, then every fourth up to 1,000, every eighth up to 2,000 and so on', () => {
    expect(measuring(0, 1)).toEqual({ stride: 1, until: 500 });
    expect(measuring(499, 1)).toEqual({ stride: 1, until: 500 });
    expect(measuring(500, 1)).toEqual({ stride: 4, until: 1000 });
    expect(measuring(1000, 1)).toEqual({ stride: 8, until: 2000 });
    expect(measuring(500 * 32, 32)).toEqual({ stride: 4 * 32, until: 1000 * 32 });
  });

  it.each([1, 4, 32])('are walked by nextMeasured without a gap at pace %i', (pace) => {
    const walked = [0];
    while ((walked.at(-1) ?? 0) < 5000 * pace) walked.push(nextMeasured(walked.at(-1) ?? 0, pace));
    const direct = Array.from({ length: 5000 * pace + 1 }, (_, step) => step).filter((step) =>
      isMeasured(step, pace),
    );
    expect(walked.slice(0, direct.length)).toEqual(direct);
  });

  it('are fewer than 2,000 in a million', () => {
    let rows = 1;
    for (let step = 0; step < 1e6; step = nextMeasured(step, 1)) rows += 1;
    expect(rows).toBeLessThan(2000);
  });

  it('are spaced so that measuring costs at most twice the work of the steps, within a factor of 32', () => {
    expect(paceOf(100, 150)).toBe(1);
    expect(paceOf(100, 1000)).toBe(8);
    expect(paceOf(0, 1000)).toBe(32);
  });
});

describe('SeriesTable', () => {
  it('replaces a row off the grid by the next one, and ignores repeated rows', () => {
    const table = new SeriesTable(['f'], 1);
    for (const step of [0, 1, 2]) table.push(step, step, [10 - step]);
    for (let step = 3; step <= 500; step++) table.push(step, step, [0]);
    table.push(503, 503, [-1]);
    expect(table.lastStep).toBe(503);
    table.push(504, 504, [-2]);
    table.push(504, 999, [-3]);
    const { step, f, seconds } = table.snapshot();
    expect(step.slice(-2)).toEqual([500, 504]);
    expect(f.at(-1)).toBe(-2);
    expect(seconds.at(-1)).toBe(504);
  });

  it('gives snapshots that later rows do not change, and loads them again', () => {
    const table = new SeriesTable(['f'], 1);
    table.push(0, 0, [1]);
    const before = table.snapshot();
    table.push(1, 1, [2]);
    expect(before.f).toEqual([1]);
    const other = new SeriesTable(['f'], 1);
    expect(other.load(table.snapshot())).toBe(true);
    expect(other.snapshot()).toEqual(table.snapshot());
    expect(other.load({ step: [0], seconds: [0], g: [1] })).toBe(false);
    expect(other.lastStep).toBe(-1);
  });
});

describe('stopping rules', () => {
  const row = (objective: number, residual?: number) => ({
    step: 7,
    objective,
    dataTerm: 0,
    residual,
  });
  const until = (tolerance: number) => ({ tolerance, remedy: 'Do this.' });
  it('converge at the tolerance, and never with tolerance 0', () => {
    expect(judge(row(1, 1e-3), 2, 6, until(1e-3))).toMatchObject({
      status: 'converged',
      step: 7,
    });
    expect(judge(row(1, 1.1e-3), 2, 6, until(1e-3))).toBeNull();
    expect(judge(row(1, 0), 2, 6, until(0))).toBeNull();
  });
  it('diverge at a million times the larger of 1 and |f(x₀)| above f(x₀)', () => {
    expect(judge(row(1e6 + 0.6), 0.5, 6, until(0))).toMatchObject({ status: 'diverged', step: 7 });
    expect(judge(row(1e6 + 0.5), 0.5, 6, until(0))).toBeNull();
    expect(judge(row(1e6 + 0.6), -10, 6, until(0))).toBeNull();
  });
  it('go back to the last finite step when a number is not finite', () => {
    for (const bad of [row(NaN), row(Infinity), row(1, NaN)])
      expect(judge(bad, 1, 6, until(0))).toMatchObject({ status: 'nonfinite', step: 6 });
    const rises = judge(row(1e7), 1, 6, until(0));
    for (const outcome of [rises, judge(row(NaN), 1, 6, until(0))])
      expect(outcome?.message).toMatch(/\. Do this\.$/);
  });
});
