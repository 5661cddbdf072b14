/** Certificates: the minimum lies in [value − gap, value], whatever solver is asked. */
import { describe, expect, test } from 'vitest';
import type { DatasetValue, ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { add } from '../../src/lib/runtime/ir/ops.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { designCurvature } from '../../src/lib/nodes/loss/curvature.ts';
import { createPacer, watchProgress } from '../../src/lib/numerics/pacer.ts';
import {
  dataset,
  evaluateAt,
  gaussianClasses,
  gaussianRegression,
  last,
  liveOf,
  loss,
  model,
  plan,
  regularizer,
  run,
  values,
} from './support/problems.ts';

const never = new AbortController().signal;

const certify = (objective: ObjectiveValue, signal = never) => {
  if (!objective.certify) throw new Error('expected a certificate');
  return objective.certify(liveOf(objective.live), signal);
};

const totalAt = (objective: ObjectiveValue, x: readonly HostArray[]): number =>
  evaluateAt(objective, x, (v, d, live) => [
    objective.terms.reduce((s, g) => add(s, g.value(v, live)), objective.value(v, d, live)),
  ])[0].data[0];

const l1 = (lambda: number) => regularizer('regularizer/l1-norm', { lambda }, 'l1');
const l2 = (lambda: number) => regularizer('regularizer/squared-l2', { lambda }, 'l2');
const elastic = (lambda: number, l1Ratio: number) =>
  regularizer('regularizer/elastic-net', { lambda, l1Ratio }, 'en');

/** The features once more, so that they are linearly dependent. */
function doubled(data: DatasetValue): DatasetValue {
  const [n, d] = data.features.shape;
  const x = new Float64Array(2 * n * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < 2 * d; j++) x[i * 2 * d + j] = data.features.data[i * d + (j % d)];
  return dataset(hostFloat(x, [n, 2 * d]), data.targets);
}

const TALL = gaussianRegression(60, 6, 1);
const WIDE = gaussianRegression(12, 30, 2);

describe('squared error', () => {
  const cases = [
    ['least squares', TALL, []],
    ['least squares with dependent columns', doubled(TALL), []],
    ['ridge', TALL, [l2(0.3)]],
    ['ridge with more features than samples', WIDE, [l2(0.3)]],
    ['lasso', TALL, [l1(0.1)]],
    ['lasso with more features than samples', WIDE, [l1(0.05)]],
    ['elastic net', WIDE, [elastic(0.2, 0.5)]],
    ['ℓ1 norm and squared ℓ2 norm together', TALL, [l1(0.1), l2(0.2)]],
    ['ℓ1 norm so strong that every weight is zero', TALL, [l1(100)]],
  ] as const;

  test.each(cases)('%s: FISTA ends inside the certified interval', async (_, data, terms) => {
    for (const bias of [true, false]) {
      const objective = await loss(
        'loss/squared-error',
        await model('model/linear', data, { bias }),
        await Promise.all(terms),
      );
      const { value, gap, minimiser } = await certify(objective);
      const { columns } = await run(await plan('optimizer/fista', objective), 3000, {
        every: 3000,
      });
      const found = last(columns.objective);
      const rounding = 1e-13 * Math.max(1, Math.abs(value));
      expect(gap).toBeLessThan(1e-12);
      expect(found).toBeGreaterThanOrEqual(value - gap - rounding);
      expect(found - value).toBeLessThan(1e-10);
      if (minimiser) expect(Math.abs(totalAt(objective, minimiser) - value)).toBeLessThan(rounding);
    }
  });

  test('with more features than samples and no regularizer, the minimum is 0', async () => {
    const objective = await loss('loss/squared-error', await model('model/linear', WIDE));
    const { value, gap } = await certify(objective);
    expect(value).toBeLessThan(1e-25);
    expect(gap).toBe(value);
  });

  test('a column of another scale by 1e6 leaves the relative residual below 1e-8', async () => {
    const [n, d] = TALL.features.shape;
    const x = TALL.features.data.map((v, i) => (i % d === 0 ? v * 1e6 : v));
    const scaled = dataset(hostFloat(x, [n, d]), TALL.targets);
    const [a, b] = await Promise.all(
      [TALL, scaled].map(async (data) =>
        certify(await loss('loss/squared-error', await model('model/linear', data))),
      ),
    );
    expect(Math.abs(a.value - b.value)).toBeLessThan(1e-12);
  });
});

describe('cross-entropy', () => {
  test.each([
    ['loss/logistic', 2],
    ['loss/softmax-cross-entropy', 2],
    ['loss/softmax-cross-entropy', 4],
  ] as const)('%s with %d classes: FISTA ends inside the certified interval', async (type, k) => {
    for (const bias of [true, false]) {
      const data = gaussianClasses(50, 3, k, 5);
      const objective = await loss(type, await model('model/linear', data, { bias }), [
        await l2(0.05),
      ]);
      const { value, gap, minimiser } = await certify(objective);
      if (!minimiser) throw new Error('expected a minimiser');
      const { columns } = await run(await plan('optimizer/fista', objective), 1500, {
        every: 1500,
      });
      // The value is rounded up to float64.
      expect(gap).toBeLessThan(1e-15);
      expect(last(columns.objective)).toBeGreaterThanOrEqual(value - 1e-14);
      expect(last(columns.objective) - value).toBeLessThan(1e-13);
      expect(Math.abs(totalAt(objective, minimiser) - value)).toBeLessThan(1e-14);
    }
  });

  test('is offered with squared ℓ2 terms or none, not with an ℓ1 term', async () => {
    const wired = await model('model/linear', gaussianClasses(20, 3, 2, 1));
    expect((await loss('loss/logistic', wired, [await l1(0.1)])).certify).toBeUndefined();
    expect((await loss('loss/hinge', wired, [await l1(0.1)])).certify).toBeUndefined();
    const bare = await certify(await loss('loss/logistic', wired));
    const none = await certify(await loss('loss/logistic', wired, [await l2(0)]));
    expect(none).toEqual(bare);
    // Two logits for each row of weights that no penalty sees: the objective compares without them only where none is wired.
    const many = await model('model/linear', gaussianClasses(80, 2, 3, 9));
    const type = 'loss/softmax-cross-entropy';
    expect((await certify(await loss(type, many))).minimiser).toBeDefined();
    expect((await certify(await loss(type, many, [await l2(0)]))).minimiser).toBeUndefined();
  });
});

describe('the hinge loss', () => {
  test('has its minimum between the certified bounds, where subgradients of all data end', async () => {
    const wired = await model('model/linear', gaussianClasses(40, 3, 2, 7));
    const objective = await loss('loss/hinge', wired, [await l2(0.1)]);
    const { value, gap } = await certify(objective);
    expect(gap).toBeLessThan(1e-13);
    const params = { batchSize: 0, stepSize: 1, schedule: 'inverse', horizon: 10 };
    const { columns } = await run(await plan('optimizer/sgd', objective, params), 4000, {
      every: 4000,
    });
    expect(last(columns.objective)).toBeGreaterThanOrEqual(value - gap);
    expect(last(columns.objective) - value).toBeLessThan(1e-4);
  });
});

describe('manners', () => {
  test('a certificate yields to the event loop and stops when it is no longer wanted', async () => {
    const big = gaussianRegression(400, 300, 3);
    const objective = await loss('loss/squared-error', await model('model/linear', big), [
      await l1(1e-4),
    ]);
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) controller.abort(new Error('no longer wanted'));
    }, 1);
    try {
      await expect(certify(objective, controller.signal)).rejects.toThrow('no longer wanted');
    } finally {
      clearInterval(timer);
    }
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

test('long work of a certificate and of the direct solver says how far it is', async () => {
  const data = gaussianRegression(1200, 4, 3);
  const objective = await loss('loss/squared-error', await model('model/kernel', data));
  for (const work of [
    (signal: AbortSignal) => certify(objective, signal),
    (signal: AbortSignal) => objective.linearSystem?.factorize?.(signal, () => undefined),
  ]) {
    const controller = new AbortController();
    const said: number[] = [];
    watchProgress(controller.signal, (fraction) => {
      said.push(fraction);
      // Stopped at the first word: the next slice does not begin.
      controller.abort(new Error('no longer wanted'));
    });
    await expect(work(controller.signal)).rejects.toThrow('no longer wanted');
    expect(said).toHaveLength(1);
    expect(said[0]).toBeGreaterThanOrEqual(0);
    expect(said[0]).toBeLessThanOrEqual(1);
  }
});

describe('constants of a design matrix', () => {
  test('bracket the eigenvalues of XᵀX/N tightly', async () => {
    // Orthogonal columns of lengths 1, 2, 3, 4: eigenvalues k²/4 exactly.
    const x = new Float64Array(16);
    for (let k = 0; k < 4; k++) x[k * 4 + k] = k + 1;
    const bounds = await designCurvature(hostFloat(x, [4, 4]), false, createPacer(never));
    expect(bounds?.upper).toBeGreaterThanOrEqual(4);
    expect(bounds?.upper).toBeLessThan(4 * (1 + 1e-5));
    expect(bounds?.lower).toBeLessThanOrEqual(0.25);
    expect(bounds?.lower).toBeGreaterThan(0.25 * (1 - 1e-5));
  });

  test('agree between XᵀX and XXᵀ', async () => {
    const x = Float64Array.from(hostNormal(hostKey(1), 60));
    const flipped = new Float64Array(60);
    for (let i = 0; i < 6; i++) for (let j = 0; j < 10; j++) flipped[j * 6 + i] = x[i * 10 + j];
    const wide = await designCurvature(hostFloat(x, [6, 10]), false, createPacer(never));
    const tall = await designCurvature(hostFloat(flipped, [10, 6]), false, createPacer(never));
    // The mean is over 6 rows in one, 10 in the other.
    expect((wide?.upper ?? 0) * 6).toBeCloseTo((tall?.upper ?? 0) * 10, 3);
    expect(wide?.lower).toBe(0);
  });

  test('call a matrix of dependent columns not strongly convex', async () => {
    const data = doubled(gaussianRegression(40, 3, 1));
    const bounds = await designCurvature(data.features, true, createPacer(never));
    expect(bounds?.lower).toBe(0);
  });

  test('of all-zero features are zero', async () => {
    const data = dataset(hostFloat(new Float64Array(8), [4, 2]), values([1, 2, 3, 4]));
    const bounds = await designCurvature(data.features, false, createPacer(never));
    expect(bounds).toEqual({ lower: 0, upper: 0 });
    const { value } = await certify(
      await loss('loss/squared-error', await model('model/linear', data)),
    );
    // The best constant is the mean 2.5: half the variance, 1.25/2.
    expect(value).toBeCloseTo(0.625, 14);
  });
});
