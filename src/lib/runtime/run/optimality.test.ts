import { describe, expect, it } from 'vitest';
import { shortfallOf } from './optimality.ts';

describe('the shortfall of a run that converged by its residual', () => {
  const known = (from: number, value: number) => ({
    from,
    fStar: { value, gap: 0, method: 'closed form', rounding: 1e-12 },
  });

  it('is told where more than a thousandth of the first f − f* is left', () => {
    const series = { step: [0, 1, 2], objective: [11, 3, 2] };
    expect(shortfallOf(series, [known(0, 1)])).toMatch(/f − f\* = 1 is 10 % of what it was/);
    expect(shortfallOf(series, [known(0, 2)])).toBeNull();
    expect(shortfallOf(series, [{ from: 0, fStar: null }])).toBeNull();
  });

  it('is measured from the first row of the present values: the one of the change belongs to the former', () => {
    const segments = [known(0, 1), known(1, 5)];
    const after = (last: number) => ({ step: [0, 1, 2, 3], objective: [1e6, 1e6, 10, last] });
    expect(shortfallOf(after(9), segments)).toMatch(/f − f\* = 4 is 80 % of what it was/);
    expect(shortfallOf(after(5.000001), segments)).toBeNull();
    const risen = { step: [0, 1, 2, 3], objective: [50, 1.2, 6, 5.000001] };
    expect(shortfallOf(risen, segments)).toBeNull();
  });
});
