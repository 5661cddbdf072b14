/** Eigenvalues, singular values and what ridge regression makes of them, against numpy and closed forms. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { singularValues } from '../../src/lib/numerics/singular-values.ts';
import { symmetricEigenvalues } from '../../src/lib/numerics/symmetric-eigen.ts';
import { EPSILON } from '../../src/lib/numerics/tridiagonal.ts';
import { numericalRank } from '../../src/lib/nodes/shared/rank.ts';
import compare from '../../src/lib/nodes/check/compare.ts';
import kernelMatrix from '../../src/lib/nodes/view/kernel-matrix.ts';
import spectrum from '../../src/lib/nodes/view/spectrum.ts';
import type { HeatmapView, LineView } from '../../src/lib/runtime/graph/view-data.ts';
import type { ModelValue, ScalarValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import { dataset, gaussianClasses, largestDifference, model, values } from './support/problems.ts';

interface Numbers {
  readonly lambda: number;
  readonly dimension: number;
  readonly condition: number;
  readonly rank: number;
}
interface Reference {
  readonly features: readonly number[][];
  readonly cases: readonly (Numbers & {
    readonly kernel: string;
    readonly bandwidth: number;
    readonly eigenvalues: readonly number[];
  })[];
  readonly data: Numbers & {
    readonly features: readonly number[][];
    readonly singular: readonly number[];
  };
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/spectra.json', import.meta.url), 'utf8'),
) as Reference;
const N = reference.features.length;

const pacer = () => createPacer(new AbortController().signal);
const matrix = (n: number, at: (i: number, j: number) => number) =>
  Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n));
const normal = (count: number, seed: number) => Float64Array.from(hostNormal(hostKey(seed), count));
const samples = (rows: readonly (readonly number[])[]) =>
  dataset(hostFloat(rows.flat(), [rows.length, rows[0].length]), values(rows.map(() => 0)));
const descending = (list: readonly number[]) => Float64Array.from(list).sort().reverse();
const scalars = (evaluation: Awaited<ReturnType<typeof evaluateNode>>) =>
  ['dimension', 'condition', 'rank'].map((name) => output(evaluation, name, 'scalar').value);

describe('eigenvalues', () => {
  it('of a kernel on a circle are its discrete Fourier transform', async () => {
    const n = 48;
    const row = Array.from({ length: n }, (_, j) => Math.exp(-(Math.sin((Math.PI * j) / n) ** 2)));
    const found = await symmetricEigenvalues(
      matrix(n, (i, j) => row[(i - j + n) % n]),
      n,
      pacer(),
    );
    const transform = row.map((_, k) =>
      row.reduce((sum, value, j) => sum + value * Math.cos((2 * Math.PI * j * k) / n), 0),
    );
    // A few units of rounding of the largest, 30.
    expect(largestDifference(found, descending(transform))).toBeLessThan(40 * 30 * EPSILON);
  });

  it('of second differences are 2 − 2 cos(kπ/(n + 1))', async () => {
    for (const n of [1, 2, 3, 90]) {
      const found = await symmetricEigenvalues(
        matrix(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
        n,
        pacer(),
      );
      const known = Array.from(
        { length: n },
        (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)),
      );
      expect(largestDifference(found, descending(known))).toBeLessThan(40 * 4 * EPSILON);
    }
  });

  it('of diagonal, zero and one-dimensional projection matrices are found, repeated ones too', async () => {
    const diagonal = [3, -1, 3, 0, 1e-9];
    expect(
      Array.from(
        await symmetricEigenvalues(
          matrix(5, (i, j) => (i === j ? diagonal[i] : 0)),
          5,
          pacer(),
        ),
      ),
    ).toEqual(Array.from(descending(diagonal), (value) => expect.closeTo(value, 14)));
    expect(Array.from(await symmetricEigenvalues(new Float64Array(9), 3, pacer()))).toEqual([
      0, 0, 0,
    ]);
    const ones = await symmetricEigenvalues(new Float64Array(400).fill(1), 20, pacer());
    expect(ones[0]).toBeCloseTo(20, 12);
    expect(Math.max(...ones.slice(1).map(Math.abs))).toBeLessThan(40 * 20 * EPSILON);
  });

  it('stop when they are no longer wanted', async () => {
    const stop = new AbortController();
    const n = 400;
    const running = symmetricEigenvalues(
      matrix(n, (i, j) => 1 / (1 + i + j)),
      n,
      createPacer(stop.signal),
    );
    stop.abort(new Error('not wanted'));
    await expect(running).rejects.toThrow('not wanted');
  });
});

describe('singular values', () => {
  it('are square roots of the eigenvalues of AᵀA and of AAᵀ', async () => {
    const [rows, columns] = [17, 9];
    const a = normal(rows * columns, 5);
    const found = await singularValues(a, rows, columns, pacer());
    expect(found.length).toBe(9);
    const product = matrix(columns, (i, j) => {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += a[r * columns + i] * a[r * columns + j];
      return sum;
    });
    const eigenvalues = await symmetricEigenvalues(product, columns, pacer());
    // The smallest is about 1, the largest 7: squares lose a digit.
    expect(largestDifference(found, eigenvalues.map(Math.sqrt))).toBeLessThan(1e-13);
    const turned = Float64Array.from({ length: rows * columns }, (_, k) => {
      const [c, r] = [Math.floor(k / rows), k % rows];
      return a[r * columns + c];
    });
    expect(
      largestDifference(await singularValues(turned, columns, rows, pacer()), found),
    ).toBeLessThan(1e-13);
  });

  it('keep the digits of small ones, and are zero for columns of zeros', async () => {
    const scales = [1, 1e-20, 1e-40];
    const a = Float64Array.from({ length: 30 }, (_, k) =>
      k % 3 === Math.floor(k / 3) ? scales[k % 3] : 0,
    );
    expect(Array.from(await singularValues(a, 10, 3, pacer()))).toEqual(scales);
    expect(Array.from(await singularValues(new Float64Array(12), 4, 3, pacer()))).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('the spectrum node', () => {
  it.each(reference.cases)(
    'agrees with numpy on the $kernel kernel of bandwidth $bandwidth',
    async ({ kernel, bandwidth, lambda, eigenvalues, dimension, condition, rank }) => {
      const kernelModel = await model('model/kernel', samples(reference.features), {
        kernel,
        bandwidth,
        lambda,
      });
      const evaluation = await evaluateNode(spectrum, { inputs: { model: kernelModel } });
      const shown = (evaluation.view as LineView).points[0].y;
      // Backward stability of both: a small multiple of N units of rounding of the largest eigenvalue.
      const error = 4 * N * EPSILON * eigenvalues[0];
      expect(largestDifference(shown, eigenvalues)).toBeLessThan(error);
      const [d, c, r] = scalars(evaluation);
      // μ/(μ + Nλ) changes by at most 1/(Nλ) times the error of μ.
      expect(Math.abs(d - dimension)).toBeLessThan((N * error) / (N * lambda));
      expect(Math.abs(c / condition - 1)).toBeLessThan((2 * error) / (N * lambda));
      expect(r).toBe(rank);
    },
  );

  it('agrees with numpy on columns of very different size', async () => {
    const { features, lambda, singular, dimension, condition, rank } = reference.data;
    const inputs = { data: samples(features) };
    const evaluation = await evaluateNode(spectrum, { params: { lambda }, inputs });
    const shown = (evaluation.view as LineView).points[0].y;
    expect(largestDifference(shown, singular)).toBeLessThan(4 * N * EPSILON * singular[0]);
    const [d, c, r] = scalars(evaluation);
    expect(d).toBeCloseTo(dimension, 12);
    expect(c / condition).toBeCloseTo(1, 9);
    expect(r).toBe(rank);
  });

  it('finds the same effective dimension in the kernel ⟨x, x′⟩ as in the data', async () => {
    const data = samples(reference.features);
    const linear = { kernel: 'polynomial', degree: 1, offset: 0, bandwidth: 1, lambda: 0.05 };
    const dual = await evaluateNode(spectrum, {
      inputs: { model: await model('model/kernel', data, linear) },
    });
    const primal = await evaluateNode(spectrum, { params: { lambda: 0.05 }, inputs: { data } });
    // Errors of 60 eigenvalues near 0, each of N units of rounding of 70, over Nλ = 3.
    expect(scalars(dual)[0]).toBeCloseTo(scalars(primal)[0], 10);
    expect(scalars(dual)[2]).toBe(scalars(primal)[2]);
    expect(scalars(dual)[2]).toBe(4);
  });

  it('counts the zeros of XᵀX of fewer samples than features in the condition number', async () => {
    const data = samples([
      [3, 0, 0],
      [0, 2, 0],
    ]);
    const of = async (lambda: number) =>
      scalars(await evaluateNode(spectrum, { params: { lambda }, inputs: { data } }));
    // Eigenvalues 9, 4 and 0, and Nλ = 1.
    const [dimension, condition, rank] = await of(0.5);
    expect(dimension).toBeCloseTo(9 / 10 + 4 / 5, 14);
    expect(condition).toBeCloseTo(10, 14);
    expect(rank).toBe(2);
    expect(await of(0)).toEqual([2, Infinity, 2]);
  });

  it('says what it cannot take', async () => {
    const data = samples(reference.features);
    const linear = await model('model/linear', data);
    const refused = (inputs: Record<string, ModelValue | typeof data>) =>
      evaluateNode(spectrum, { inputs });
    await expect(refused({})).rejects.toMatchObject({ code: 'waiting' });
    await expect(refused({ model: linear })).rejects.toThrow(
      /expected a kernel machine, got 'Linear/,
    );
    await expect(refused({ model: linear, data })).rejects.toThrow(/got both\. Remove one wire/);
    await expect(refused({ data: samples([[1, NaN]]) })).rejects.toThrow(
      /expected finite values, got NaN at row 0, column 1/,
    );
    const many = dataset(hostFloat(new Float64Array(1001), [1001, 1]), values(Array(1001).fill(0)));
    const kernel = await model('model/kernel', many);
    await expect(refused({ model: kernel })).rejects.toThrow(/at most 1000 samples, got 1001/);
  });
});

describe('the numerical rank', () => {
  const rank = (entries: readonly number[], precision: 'float64' | 'float32') =>
    numericalRank(hostFloat(entries, [2, 3]), precision, new AbortController().signal);

  it('counts singular values above the rounding of the precision', async () => {
    expect(await rank([1, 0, 0, 0, 1e-7, 0], 'float64')).toBe(2);
    expect(await rank([1, 0, 0, 0, 1e-7, 0], 'float32')).toBe(1);
    expect(await rank([0, 0, 0, 0, 0, 0], 'float64')).toBe(0);
  });

  it('of weights that are not finite is not known', async () => {
    expect(await rank([1, 0, NaN, 0, 1, 0], 'float64')).toBeNaN();
    expect(await rank([1, 0, Infinity, 0, 1, 0], 'float32')).toBeNaN();
  });
});

describe('the kernel matrix node', () => {
  it('sorts by class, so that classes are blocks, and by a feature', async () => {
    const classes = gaussianClasses(30, 2, 3, 4);
    const kernel = await model('model/kernel', classes, { bandwidth: 0.4 });
    const evaluation = await evaluateNode(kernelMatrix, { inputs: { model: kernel } });
    const view = evaluation.view as HeatmapView;
    if (classes.targets.kind !== 'labels') throw new Error('internal: expected classes');
    const labels = classes.targets.labels.data;
    const order = Array.from(labels, (_, i) => i).sort((i, j) => labels[i] - labels[j] || i - j);
    const x = classes.features.data;
    view.values.forEach((value, k) => {
      const [i, j] = [order[Math.floor(k / 30)], order[k % 30]];
      const square = (x[2 * i] - x[2 * j]) ** 2 + (x[2 * i + 1] - x[2 * j + 1]) ** 2;
      expect(value).toBeCloseTo(Math.exp(-square / (2 * 0.4 ** 2)), 13);
    });
    expect(view.rowLabel).toContain(classes.targets.name);
  });

  it('draws 300 of many samples, evenly spread, and says so', async () => {
    const count = 1000;
    const line = dataset(
      hostFloat(
        Float64Array.from({ length: count }, (_, i) => (count - i) / count),
        [count, 1],
      ),
      values(Array(count).fill(0)),
    );
    const kernel = await model('model/kernel', line, { kernel: 'laplace', bandwidth: 1 });
    const params = { order: 'feature' };
    const { view, status } = await evaluateNode(kernelMatrix, {
      params,
      inputs: { model: kernel },
    });
    const { of, rows, values: drawn } = view as HeatmapView;
    expect([of, rows]).toEqual([[1000, 1000], 300]);
    // Samples 0 and 996 of the sorted ones.
    expect(drawn[299]).toBeCloseTo(Math.exp(-0.996), 13);
    expect(status).toContain('1000 × 1000, 300 × 300 of them drawn');
  });
});

describe('a check of two numbers', () => {
  const number = (value: number, final = true): ScalarValue => ({
    kind: 'scalar',
    value,
    label: 'a',
    precision: 'float64',
    ...(!final && { standing: { state: 'pending', reason: 'waits for the run' } }),
  });
  const status = async (value: number, expected: number, final = true) =>
    (
      await evaluateNode(compare, {
        inputs: { value: number(value), expected: number(expected, final) },
      })
    ).status;

  it('compares with the number that is wired, and waits for it', async () => {
    expect(await status(2, 2)).toMatch(/^pass/);
    expect(await status(2, 3)).toMatch(/^fail/);
    expect(await status(2, 2, false)).toMatch(/^pending/);
  });
});
