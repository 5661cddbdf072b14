import { describe, expect, it } from 'vitest';
import { hostKey, hostNormal } from '../runtime/ir/random.ts';
import { gramOfRows } from './linear-algebra.ts';
import { createPacer } from './pacer.ts';
import { spectralBounds } from './spectral-bounds.ts';
import { symmetricEigenvalues } from './symmetric-eigen.ts';

const pacer = () => createPacer(new AbortController().signal);
const normal = (count: number, seed: number) => Float64Array.from(hostNormal(hostKey(seed), count));
const diagonal = (values: readonly number[]) =>
  Float64Array.from({ length: values.length ** 2 }, (_, k) =>
    k % (values.length + 1) === 0 ? values[k / (values.length + 1)] : 0,
  );

describe('bounds of a spectrum', () => {
  it('hold the eigenvalues of random Gram matrices, and are within 1e-5 of them', async () => {
    for (const [n, length] of [
      [1, 1],
      [2, 7],
      [17, 40],
      [60, 61],
    ]) {
      const a = await gramOfRows(normal(n * length, n), n, length, 1 / length, pacer());
      const values = await symmetricEigenvalues(a, n, pacer());
      const { lower, upper } = await spectralBounds(a, n, pacer());
      // Eigenvalues are known to a few units of rounding.
      expect(upper).toBeGreaterThan(values[0] * (1 - 1e-14));
      expect(upper).toBeLessThan(values[0] * (1 + 1e-5));
      expect(lower).toBeLessThan(values[n - 1] * (1 + 1e-12));
      expect(lower).toBeGreaterThan(values[n - 1] * (1 - 1e-5));
      expect(await spectralBounds(a, n, pacer(), 'upper')).toEqual({ lower: 0, upper });
    }
  });

  it('hold for clusters, repeated eigenvalues and singular matrices', async () => {
    const cases: readonly (readonly number[])[] = [
      [3],
      [2, 2, 2, 2],
      [1, 1 - 1e-13, 1 - 2e-13, 1 - 1e-12],
      [1, 1e-5, 1e-9],
      [5, 0, 0],
      [0, 0, 7],
      Array.from({ length: 200 }, (_, i) => 1 - i * 1e-9),
    ];
    for (const values of cases) {
      const { lower, upper } = await spectralBounds(diagonal(values), values.length, pacer());
      const [least, most] = [Math.min(...values), Math.max(...values)];
      expect(upper).toBeGreaterThanOrEqual(most);
      expect(upper).toBeLessThan(most * (1 + 1e-5));
      expect(lower).toBeLessThanOrEqual(least);
      expect(lower).toBeGreaterThanOrEqual(least * (1 - 1e-5));
    }
  });

  it('fall back on a norm where the iteration misses the largest eigenvalue', async () => {
    // The start has no part in the direction of the largest one: entries of 0.1 + frac(iφ) − ½, see lanczos.ts.
    const n = 3;
    const start = Array.from({ length: n }, (_, i) => 0.1 + ((i * 0.6180339887498949) % 1) - 0.5);
    const [a, b] = [-start[1], start[0]];
    const length = a * a + b * b;
    const matrix = Float64Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      const v = [a, b, 0];
      return (i === j ? 1 : 0) + (1e6 * v[i] * v[j]) / length;
    });
    const { upper } = await spectralBounds(matrix, n, pacer());
    expect(upper).toBeGreaterThanOrEqual(1e6 + 1);
  });

  it('scale with the matrix, also where its squares are no numbers', async () => {
    const a = await gramOfRows(normal(12 * 30, 4), 12, 30, 1, pacer());
    const plain = await spectralBounds(a, 12, pacer());
    for (const scale of [2 ** -900, 2 ** 900]) {
      const scaled = await spectralBounds(
        a.map((x) => x * scale),
        12,
        pacer(),
      );
      expect(scaled).toEqual({ lower: plain.lower * scale, upper: plain.upper * scale });
    }
  });

  it('end at once for zeros, and refuse what is not finite', async () => {
    expect(await spectralBounds(new Float64Array(9), 3, pacer())).toEqual({ lower: 0, upper: 0 });
    for (const bad of [NaN, Infinity, -Infinity]) {
      await expect(spectralBounds(diagonal([1, bad, 2]), 3, pacer())).rejects.toThrow(
        /expected finite entries, got/,
      );
    }
  });
});
