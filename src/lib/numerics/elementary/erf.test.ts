import { describe, expect, it } from 'vitest';
import { erf } from './erf.ts';

describe('erf', () => {
  // Values of the C library, through Python's math.erf.
  it.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.4, 0.999311486103355],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [5, 0.9999999999984626],
  ])('of %f is right to 1e-15', (x, want) => {
    expect(Math.abs(erf(x) / want - 1)).toBeLessThan(1.2e-15);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('keeps zeros, infinities and NaN', () => {
    expect(erf(0)).toBe(0);
    expect([erf(Infinity), erf(-Infinity), erf(7)]).toEqual([1, -1, 1]);
    expect(erf(NaN)).toBeNaN();
  });

  it('joins its two expansions smoothly', () => {
    const gap = erf(2.5) - erf(2.5 - 1e-9);
    expect(Math.abs(gap - 1e-9 * (2 / Math.sqrt(Math.PI)) * Math.exp(-6.25))).toBeLessThan(1e-15);
  });
});
