import { describe, expect, it } from 'vitest';
import { hostFoldIn, hostKey, hostNormal } from '../runtime/ir/random.ts';
import { ellipsoidMethod } from './ellipsoid.ts';
import type { ConvexFunction } from './ellipsoid.ts';
import { inner } from './linear-algebra.ts';

const solve = (f: ConvexFunction, n: number, gap = 1e-11) =>
  ellipsoidMethod(f, { start: new Float64Array(n), radius: 10, maxSteps: 20_000, gap });

/** max_j (a_j·x + b_j) with a_j that sum to 0 with weights α, so that the minimum is Σ α_j b_j. */
function cone(n: number, seed: number): ConvexFunction & { readonly minimum: number } {
  const key = hostKey(seed);
  const slopes = Array.from({ length: n }, (_, j) => hostNormal(hostFoldIn(key, j), n));
  const last = Float64Array.from({ length: n }, (_, i) =>
    slopes.reduce((total, a) => total - a[i], 0),
  );
  const all = [...slopes, last];
  const offsets = hostNormal(hostFoldIn(key, 99), n + 1);
  const active = (x: Float64Array) => {
    const values = all.map((a, j) => inner(a, x) + offsets[j]);
    return { value: Math.max(...values), slope: all[values.indexOf(Math.max(...values))] };
  };
  return {
    value: (x) => active(x).value,
    subgradient: (x) => active(x).slope,
    minimum: offsets.reduce((total, b) => total + b, 0) / (n + 1),
  };
}

describe('ellipsoid method', () => {
  it.each([1, 2, 3, 5])(
    'finds the vertex of a maximum of affine functions in %d dimensions',
    (n) => {
      for (const seed of [1, 2, 3]) {
        const f = cone(n, seed);
        const { value, lower } = solve(f, n);
        expect(value - lower).toBeLessThanOrEqual(1e-11);
        // The bounds hold up to the rounding of a few sums of numbers below 100.
        expect(value).toBeGreaterThan(f.minimum - 1e-13);
        expect(lower).toBeLessThan(f.minimum + 1e-13);
      }
    },
  );

  it('finds the minimiser of an ill-conditioned quadratic', () => {
    const weights = Float64Array.of(1, 100, 1e4);
    const target = Float64Array.of(3, -1, 0.5);
    const { x, value, lower } = solve(
      {
        value: (u) => weights.reduce((s, w, i) => s + (w * (u[i] - target[i]) ** 2) / 2, 0),
        subgradient: (u) => u.map((ui, i) => weights[i] * (ui - target[i])),
      },
      3,
    );
    expect(lower).toBeLessThanOrEqual(0);
    expect(value).toBeLessThan(1e-11);
    // value ≥ ½ |x − x*|² as the least weight is 1.
    x.forEach((xi, i) => expect(Math.abs(xi - target[i])).toBeLessThan(Math.sqrt(2e-11)));
  });

  it('keeps a lower bound that is one when its steps are few', () => {
    const f = cone(4, 7);
    const { value, lower, steps } = ellipsoidMethod(f, {
      start: new Float64Array(4),
      radius: 10,
      maxSteps: 25,
      gap: 0,
    });
    expect(steps).toBe(25);
    expect(lower).toBeLessThan(f.minimum);
    expect(value).toBeGreaterThan(f.minimum);
  });
});
