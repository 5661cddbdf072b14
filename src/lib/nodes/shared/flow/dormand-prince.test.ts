import { describe, expect, it } from 'vitest';
import { dormandPrince } from './dormand-prince.ts';

const oscillator = (_t: number, [q, p]: Float64Array): Float64Array => Float64Array.of(p, -q);
const solve = async (tolerance: number, to = 10) =>
  dormandPrince(oscillator, Float64Array.of(1, 0), {
    from: 0,
    to,
    relativeTolerance: tolerance,
    absoluteTolerance: tolerance,
  });
const error = ([q, p]: Float64Array, t: number): number =>
  Math.hypot(q - Math.cos(t), p + Math.sin(t));

describe('Dormand–Prince', () => {
  it.each([1e-4, 1e-6, 1e-8, 1e-10])(
    'keeps the error near a tolerance of %d',
    async (tolerance) => {
      const { y } = await solve(tolerance);
      // The error of a step is bounded by the tolerance; over about ten units of time they add up.
      expect(error(y, 10)).toBeLessThan(20 * tolerance);
    },
  );

  it('takes steps that shrink like the fifth root of the tolerance', async () => {
    const [coarse, fine] = [await solve(1e-6), await solve(1e-11)];
    const ratio = fine.accepted / coarse.accepted;
    // A factor of 1e5 in the tolerance is a factor of 10 in the steps.
    expect(ratio).toBeGreaterThan(7);
    expect(ratio).toBeLessThan(14);
    expect(fine.rejected).toBeLessThan(fine.accepted / 5);
  });

  it('solves backwards to where it began', async () => {
    const { y } = await solve(1e-10, 3);
    const back = await dormandPrince(oscillator, y, {
      from: 3,
      to: 0,
      relativeTolerance: 1e-10,
      absoluteTolerance: 1e-10,
    });
    expect(Math.hypot(back.y[0] - 1, back.y[1])).toBeLessThan(1e-8);
  });

  it('agrees with the exponential of a stiff decay and refines at a jump of the slope', async () => {
    const { y } = await dormandPrince(
      (t, [v]) => Float64Array.of(t < 0.5 ? 0 : -50 * v),
      Float64Array.of(1),
      { from: 0, to: 1, relativeTolerance: 1e-8, absoluteTolerance: 1e-10 },
    );
    expect(y[0]).toBeCloseTo(Math.exp(-25), 8);
  });

  it('stops where the solution grows without bound, and says at what time', async () => {
    // y′ = y², y(0) = 1 has the solution 1/(1 − t).
    const blowUp = dormandPrince((_t, [y]) => Float64Array.of(y * y), Float64Array.of(1), {
      from: 0,
      to: 2,
      relativeTolerance: 1e-8,
      absoluteTolerance: 1e-8,
    });
    await expect(blowUp).rejects.toMatchObject({ name: 'SolverError', code: 'step-underflow' });
    await expect(blowUp).rejects.toThrow(/grows without bound/);
    const time = await blowUp.catch((e: { time: number }) => e.time);
    expect(time).toBeCloseTo(1, 6);
  });

  it('refuses a start that is not finite, and gives up after the steps it was allowed', async () => {
    const options = { from: 0, to: 1, relativeTolerance: 1e-8, absoluteTolerance: 1e-8 };
    await expect(dormandPrince((_t, y) => y, Float64Array.of(NaN), options)).rejects.toMatchObject({
      code: 'nonfinite-start',
    });
    await expect(
      dormandPrince(oscillator, Float64Array.of(1, 0), { ...options, maxSteps: 3 }),
    ).rejects.toMatchObject({ code: 'too-many-steps' });
  });
});
