import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostKey, hostNormal } from '../runtime/ir/random.ts';
import { gramOfRows, inner, norm } from './linear-algebra.ts';
import { createPacer } from './pacer.ts';
import type { Eigenpairs } from './symmetric-eigen.ts';
import { symmetricEigen, symmetricEigenvalues } from './symmetric-eigen.ts';
import { EPSILON } from './tridiagonal.ts';

interface Reference {
  readonly cases: readonly {
    readonly name: string;
    readonly n: number;
    readonly values: readonly number[];
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../../tests/reference/symmetric_eigen.json', import.meta.url), 'utf8'),
) as Reference;

const pacer = () => createPacer(new AbortController().signal);
const matrix = (n: number, at: (i: number, j: number) => number) =>
  Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n));

const integer = (i: number, j: number): number =>
  ((i * j * 17 + (i + j) * 37 + (i * i + j * j) * 5) % 101) - 50;

/** The matrices of tests/reference/symmetric_eigen.py. */
const MATRICES: Readonly<Record<string, (n: number) => Float64Array>> = {
  integers: (n) => matrix(n, integer),
  hilbert: (n) => matrix(n, (i, j) => 1 / (i + j + 1)),
  wilkinson: (n) =>
    matrix(n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : +(Math.abs(i - j) === 1))),
  gradedDown: (n) => matrix(n, (i, j) => 2 ** -(i + j) * (i === j ? 3 : 1)),
  gradedUp: (n) => matrix(n, (i, j) => 2 ** -(2 * (n - 1) - i - j) * (i === j ? 3 : 1)),
  nearIdentity: (n) => matrix(n, (i, j) => +(i === j) + (2 ** -46 * integer(i, j)) / 50),
  ones: (n) => new Float64Array(n * n).fill(1),
};

/** max |A v − λ v| over ‖A‖, and the largest entry of VVᵀ − I, both in units of rounding. */
function errors(a: Float64Array, n: number, { values, vectors }: Eigenpairs): [number, number] {
  const size = norm(a);
  let residual = 0;
  let skew = 0;
  vectors.forEach((v, k) => {
    const image = Float64Array.from(
      { length: n },
      (_, i) => inner(a.subarray(i * n, (i + 1) * n), v) - values[k] * v[i],
    );
    residual = Math.max(residual, norm(image) / size);
    for (let j = 0; j <= k; j++) {
      skew = Math.max(skew, Math.abs(inner(v, vectors[j]) - (j === k ? 1 : 0)));
    }
  });
  return [residual / EPSILON, skew / EPSILON];
}

describe('eigenpairs of symmetric matrices', () => {
  it.each(reference.cases)(
    'of the matrix $name agree with LAPACK and rebuild it',
    async ({ name, n, values }) => {
      const a = MATRICES[name](n);
      const found = await symmetricEigen(a, n, pacer());
      const alone = await symmetricEigenvalues(a, n, pacer());
      // Backward stability of each method: a small multiple of n units of rounding of ‖A‖.
      const bound = 4 * n * EPSILON * norm(a);
      values.forEach((value, k) => {
        expect(Math.abs(found.values[k] - value)).toBeLessThan(bound);
        expect(Math.abs(alone[k] - value)).toBeLessThan(bound);
      });
      for (const error of errors(a, n, found)) expect(error).toBeLessThan(4 * n);
    },
  );

  it.each([1e-150, 1e150, 1e-300, 1e300])(
    'scale with the matrix by %s, where squares are no numbers',
    async (scale) => {
      const n = 40;
      const a = MATRICES.integers(n).map((x) => x / 64);
      const plain = await symmetricEigen(a, n, pacer());
      const scaled = await symmetricEigen(
        a.map((x) => x * scale),
        n,
        pacer(),
      );
      const alone = await symmetricEigenvalues(
        a.map((x) => x * scale),
        n,
        pacer(),
      );
      plain.values.forEach((value, k) => {
        // Relative to the largest, about 20; the power of ten is itself rounded.
        expect(Math.abs(scaled.values[k] / scale - value)).toBeLessThan(20 * 4 * n * EPSILON);
        expect(Math.abs(alone[k] / scale - value)).toBeLessThan(20 * 4 * n * EPSILON);
      });
    },
  );

  it('of a random Gram matrix of order 512 rebuild it', async () => {
    const n = 512;
    const a = await gramOfRows(
      Float64Array.from(hostNormal(hostKey(1), n * n)),
      n,
      n,
      1 / n,
      pacer(),
    );
    const found = await symmetricEigen(a, n, pacer());
    for (const error of errors(a, n, found)) expect(error).toBeLessThan(4 * n);
    const trace = Array.from({ length: n }, (_, i) => a[i * n + i]).reduce((s, x) => s + x, 0);
    const sum = found.values.reduce((s, x) => s + x, 0);
    expect(Math.abs(sum - trace)).toBeLessThan(4 * n * EPSILON * trace);
  });

  it('of zero, one-dimensional and exactly degenerate matrices are found', async () => {
    expect(await symmetricEigen(new Float64Array(0), 0, pacer())).toEqual({
      values: new Float64Array(0),
      vectors: [],
    });
    const one = await symmetricEigen(Float64Array.of(-3), 1, pacer());
    expect([one.values[0], one.vectors[0][0]]).toEqual([-3, 1]);
    const zeros = await symmetricEigen(new Float64Array(16), 4, pacer());
    expect(Array.from(zeros.values)).toEqual([0, 0, 0, 0]);
    expect(errors(Float64Array.of(1), 1, one)[1]).toBe(0);
    // Two blocks of ones: eigenvalues 5, 5 and zeros.
    const blocks = matrix(10, (i, j) => +(Math.floor(i / 5) === Math.floor(j / 5)));
    const found = await symmetricEigen(blocks, 10, pacer());
    expect(Array.from(found.values)).toEqual(
      [5, 5, ...Array<number>(8).fill(0)].map((x) => expect.closeTo(x, 13) as number),
    );
    for (const error of errors(blocks, 10, found)) expect(error).toBeLessThan(40);
  });

  it('of entries that are not finite are refused at once', async () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const a = matrix(3, (i, j) => (i === 1 && j === 1 ? bad : 1));
      await expect(symmetricEigen(a, 3, pacer())).rejects.toThrow(/expected finite entries/);
      await expect(symmetricEigenvalues(a, 3, pacer())).rejects.toThrow(/expected finite entries/);
    }
  });
});
