/** Kernel machines against scipy and scikit-learn: ridge regression on 500 points, classifiers by every smooth method. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import {
  dataset,
  labels,
  largestDifference,
  last,
  loss,
  model,
  plan,
  run,
  values,
} from './support/problems.ts';

const reference = JSON.parse(
  readFileSync(new URL('../reference/kernel_machines.json', import.meta.url), 'utf8'),
) as {
  ridge: { n: number; bandwidth: number; lambda: number; alpha: number[] };
  classification: {
    classes: number;
    bandwidth: number;
    lambda: number;
    labels: number[];
    value: number;
    alpha: number[];
  }[];
};
const largest = (x: readonly number[]) => Math.max(...x.map(Math.abs));

/** The points of the reference, to the last bit. */
function points(n: number, d: number, scale: number): Float64Array {
  const roots = [2, 3, 5, 7, 11].slice(0, d).map(Math.sqrt);
  return Float64Array.from(
    { length: n * d },
    (_, k) => scale * (((Math.floor(k / d) + 1) * roots[k % d]) % 1),
  );
}

describe('kernel ridge regression on 500 points', () => {
  const { n, bandwidth, lambda, alpha } = reference.ridge;
  const x = points(n, 3, 4);
  const y = Array.from({ length: n }, (_, i) => x[3 * i] * x[3 * i + 1] - x[3 * i + 2]);
  const objective = async () =>
    loss(
      'loss/squared-error',
      await model('model/kernel', dataset(hostFloat(x, [n, 3]), values(y)), { bandwidth, lambda }),
    );

  test('equals (K + NλI)⁻¹y of scipy to 1e-10, directly', async () => {
    const { parameters } = await run(await plan('optimizer/direct', await objective()), 1);
    expect(largestDifference(parameters[0].data, alpha)).toBeLessThan(1e-10 * largest(alpha));
  });

  test('and by conjugate gradients from products alone', async () => {
    const { parameters } = await run(
      await plan('optimizer/conjugate-gradient', await objective()),
      250,
      { every: 250 },
    );
    expect(largestDifference(parameters[0].data, alpha)).toBeLessThan(1e-10 * largest(alpha));
  });
});

const METHODS = [
  ['optimizer/newton', {}, 12],
  ['optimizer/gauss-newton', {}, 25],
  ['optimizer/gauss-newton', { damping: 'none' }, 12],
  ['optimizer/l-bfgs', {}, 120],
  ['optimizer/nesterov', {}, 600],
  ['optimizer/gradient-descent', {}, 1500],
] as const;

describe.each(reference.classification)('a kernel classifier of $classes classes', (problem) => {
  const { classes, bandwidth, lambda, value, alpha } = problem;
  const n = problem.labels.length;
  const data = dataset(hostFloat(points(n, 2, 4), [n, 2]), labels(problem.labels, classes));

  test.each(METHODS)('reaches the minimum of scipy by %s %o', async (type, params, steps) => {
    const objective = await loss(
      classes === 2 ? 'loss/logistic' : 'loss/softmax-cross-entropy',
      await model('model/kernel', data, { kernel: 'laplace', bandwidth, lambda }),
    );
    const { parameters, columns } = await run(await plan(type, objective, params), steps, {
      every: steps,
    });
    expect(Math.abs(last(columns.objective) - value)).toBeLessThan(1e-13);
    // f is λ λmin(K)-strongly convex with λ λmin(K) about 0.01, and flat to 1e-15 within 1e-6.
    expect(largestDifference(parameters[0].data, alpha)).toBeLessThan(1e-6);
  });
});

describe('the certificate of a kernel classifier of two classes', () => {
  const [{ bandwidth, lambda, labels: given, value }] = reference.classification;
  const n = given.length;
  const objective = async (params: object, inputs = given) => {
    const data = dataset(hostFloat(points(n, 2, 4), [n, 2]), labels(inputs, 2));
    return loss(
      'loss/logistic',
      await model('model/kernel', data, { kernel: 'laplace', bandwidth, lambda, ...params }),
    );
  };

  test('is the minimum of scipy, with a gap of rounding', async () => {
    const { certify } = await objective({});
    const found = await certify!({}, new AbortController().signal);
    expect(Math.abs(found.value - value)).toBeLessThan(1e-14);
    expect(found.gap).toBeLessThan(1e-15);
    expect(found.minimiser).toBeUndefined();
  });

  test.each([
    ['a kernel of rank 3', { kernel: 'polynomial', degree: 1, offset: 1, bandwidth: 1 }],
    ['a penalty that hardly holds separable classes', { bandwidth: 0.01, lambda: 1e-10 }],
    ['a penalty that leaves nothing', { lambda: 1e6 }],
  ])('has a small gap with %s', async (_, params) => {
    const { certify } = await objective(params);
    const found = await certify!({}, new AbortController().signal);
    expect(found.gap).toBeLessThan(1e-12 * found.value);
  });

  test('is not had without a penalty', async () => {
    expect((await objective({ lambda: 0 })).certify).toBeUndefined();
  });
});
