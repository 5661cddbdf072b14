/** Kernel ridge regression against scipy and scikit-learn, and the solvers of its linear system. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import { blockRows, kernelProduct } from '../../src/lib/nodes/shared/kernel/blocks.ts';
import { KERNELS } from '../../src/lib/nodes/shared/kernel/kernels.ts';
import {
  dataset,
  gaussianClasses,
  gaussianRegression,
  largestDifference,
  last,
  loss,
  model,
  plan,
  quadratic,
  regularizer,
  run,
  values,
} from './support/problems.ts';

interface Reference {
  readonly lambda: number;
  readonly bandwidth: number;
  readonly features: readonly number[][];
  readonly targets: readonly number[];
  readonly cases: readonly {
    readonly kernel: string;
    readonly alpha: readonly number[];
    readonly sklearn?: readonly number[];
  }[];
}

const reference = JSON.parse(
  readFileSync(new URL('../reference/kernel_ridge.json', import.meta.url), 'utf8'),
) as Reference;
const { lambda, bandwidth } = reference;
const data = dataset(
  hostFloat(reference.features.flat(), [reference.targets.length, 3]),
  values(reference.targets),
);
const largest = (x: readonly number[]) => Math.max(...x.map(Math.abs));

describe.each(reference.cases)('the $kernel kernel', ({ kernel, alpha, sklearn }) => {
  const objective = async () =>
    loss('loss/squared-error', await model('model/kernel', data, { kernel, bandwidth, lambda }));

  test('is solved by (K + NλI)⁻¹y to 1e-10 of its largest coefficient', async () => {
    const { parameters, columns } = await run(await plan('optimizer/direct', await objective()), 1);
    expect(largestDifference(parameters[0].data, alpha)).toBeLessThan(1e-10 * largest(alpha));
    if (sklearn) {
      expect(largestDifference(parameters[0].data, sklearn)).toBeLessThan(1e-10 * largest(alpha));
    }
    expect(last(columns.residual)).toBeLessThan(1e-10);
    const certificate = await (await objective()).certify?.({}, new AbortController().signal);
    // The value at the solution, computed on the way of the optimizer and on that of the certificate.
    expect(last(columns.objective)).toBeCloseTo(certificate?.value ?? NaN, 13);
    // Both bounds are rounded outwards to float64, by less than 2⁻⁵¹ each.
    expect(certificate?.gap).toBeLessThan(2 ** -50 * (certificate?.value ?? NaN));
  });

  test('is solved by conjugate gradients too, and the energy never rises', async () => {
    const { parameters, columns } = await run(
      await plan('optimizer/conjugate-gradient', await objective()),
      300,
    );
    // The residual of 1e-12 is magnified by 1/(Nλ) = 25 at most.
    expect(largestDifference(parameters[0].data, alpha)).toBeLessThan(1e-9 * largest(alpha));
    const { energy } = columns;
    for (let k = 1; k < energy.length; k++) {
      expect(energy[k]).toBeLessThanOrEqual(energy[k - 1] + 1e-12 * Math.abs(energy[k - 1]));
    }
  });
});

describe('conjugate gradients', () => {
  test('end after as many steps as there are distinct eigenvalues', async () => {
    // Four points at the corners of a square: K has the eigenvalues of a circulant matrix, three of them distinct.
    const square = dataset(hostFloat([0, 0, 0, 1, 1, 1, 1, 0], [4, 2]), values([1, 2, -1, 5]));
    const objective = await loss('loss/squared-error', await model('model/kernel', square));
    const { columns } = await run(await plan('optimizer/conjugate-gradient', objective), 3);
    expect(columns.residual[2]).toBeGreaterThan(1e-6);
    expect(columns.residual[3]).toBeLessThan(1e-12);
  });

  test('solve a quadratic in p steps, and least squares with a squared ℓ2 term', async () => {
    const small = await run(
      await plan('optimizer/conjugate-gradient', await quadratic({ dimension: 6, condition: 50 })),
      6,
    );
    expect(last(small.columns.residual)).toBeLessThan(1e-11);
    const ridge = await loss(
      'loss/squared-error',
      await model('model/linear', gaussianRegression(30, 5, 1)),
      [await regularizer('regularizer/squared-l2', { lambda: 0.3 })],
    );
    const certificate = await ridge.certify?.({ 'reg.lambda': 0.3 }, new AbortController().signal);
    const { parameters } = await run(await plan('optimizer/conjugate-gradient', ridge), 8);
    const [w] = certificate?.minimiser ?? [];
    expect(largestDifference(parameters[0].data, w.data)).toBeLessThan(1e-12);
  });

  test('refuse a loss that is not quadratic', async () => {
    const logistic = await loss(
      'loss/logistic',
      await model('model/kernel', gaussianClasses(20, 2, 2, 1)),
    );
    for (const type of ['optimizer/conjugate-gradient', 'optimizer/direct']) {
      await expect(plan(type, logistic)).rejects.toThrow(/needs a quadratic objective.*Use/);
    }
  });
});

test('a singular matrix is refused with the reason', async () => {
  const twice = dataset(hostFloat([1, 1], [2, 1]), values([0, 1]));
  const objective = await loss(
    'loss/squared-error',
    await model('model/kernel', twice, { lambda: 0 }),
  );
  await expect(plan('optimizer/direct', objective)).rejects.toThrow(
    /expected K \+ NλI to be positive definite.*Raise λ/,
  );
});

test('a kernel with the logistic loss is trained by gradient descent', async () => {
  const objective = await loss(
    'loss/logistic',
    await model('model/kernel', gaussianClasses(30, 2, 2, 1)),
  );
  const { columns } = await run(await plan('optimizer/gradient-descent', objective), 50);
  expect(last(columns.objective)).toBeLessThan(columns.objective[0]);
});

// Both n exceed the rows of a block (1398 and 147) and are no multiples of them; the sum over 70 features is one reduction, that over 2 is written out.
test.each([
  { n: 1500, D: 2 },
  { n: 200, D: 70 },
])(
  'products by blocks of rows are those of the whole matrix: $n points, $D features',
  ({ n, D }) => {
    expect(blockRows(n, D)).toBeLessThan(n);
    const x = hostFloat(hostNormal(hostKey(1), D * n), [n, D]);
    const v = hostFloat(hostNormal(hostKey(2), n), [n, 1]);
    const bandwidth = Math.sqrt(D);
    const kernel = (a: Parameters<typeof kernelProduct>[1], b: typeof a) =>
      KERNELS.gaussian.apply(a, b, { bandwidth, degree: 1, offset: 0 });
    const program = trace(
      (points, weights) => [kernelProduct(kernel, points, points, weights)],
      [x, v],
    );
    const [got] = executeSync(program, [x, v]);
    const first = blockRows(n, D);
    for (const i of [0, first - 1, first, n - 1]) {
      let expected = 0;
      for (let j = 0; j < n; j++) {
        let d2 = 0;
        for (let k = 0; k < D; k++) d2 += (x.data[D * i + k] - x.data[D * j + k]) ** 2;
        expected += Math.exp(-d2 / (2 * bandwidth ** 2)) * v.data[j];
      }
      expect(got.data[i]).toBeCloseTo(expected, 10);
    }
  },
);
