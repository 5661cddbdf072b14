/**
 * Directions that an objective does not see: a number added to the intercepts of all classes, features that depend on each other, more features
 * than samples. Newton methods stay out of them, whatever rounding puts there, and points are compared without them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { norm } from '../../src/lib/numerics/linear-algebra.ts';
import type { DatasetValue, ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { maxDistance } from '../../src/lib/nodes/shared/runs.ts';
import {
  evaluateAt,
  gaussianClasses,
  gaussianRegression,
  last,
  loss,
  model,
  plan,
  regularizer,
  run,
} from './support/problems.ts';

const live = (lambda: number) => ({ 'reg.lambda': lambda });
const softmax = async (lambda: number, data = gaussianClasses(80, 4, 3, 3)) =>
  loss('loss/softmax-cross-entropy', await model('model/linear', data), [
    await regularizer('regularizer/squared-l2', { lambda }),
  ]);
const sum = ({ data }: HostArray) => Array.from(data).reduce((a, b) => a + b, 0);
const length = (x: readonly HostArray[]) => norm(x.map(({ data }) => norm(data)));

const METHODS = [
  ['optimizer/newton', {}],
  ['optimizer/gauss-newton', { damping: 'none' }],
  ['optimizer/gauss-newton', { damping: 'none', forcing: 0 }],
  ['optimizer/gauss-newton', { damping: 'levenberg-marquardt', forcing: 0 }],
] as const;

/** The features of a dataset with further columns, made of each row. */
function widened(data: DatasetValue, more: (row: readonly number[]) => number[]): DatasetValue {
  const [n, d] = data.features.shape;
  const rows = Array.from({ length: n }, (_, i) => {
    const row = Array.from(data.features.data.slice(i * d, (i + 1) * d));
    return [...row, ...more(row)];
  });
  const width = rows[0].length;
  return {
    ...data,
    features: hostFloat(rows.flat(), [n, width]),
    featureNames: Array.from({ length: width }, (_, j) => `x${j}`),
  };
}

describe.each(METHODS)('%s %o', (type, params) => {
  test('leaves the sum of softmax intercepts at 0, however long it runs', async () => {
    for (const lambda of [0.05, 1e-3]) {
      const objective = await softmax(lambda);
      const best = await objective.certify?.(live(lambda), new AbortController().signal);
      const { parameters } = await run(
        await plan(type, objective, { ...params, tolerance: 0 }),
        40,
        { live: live(lambda) },
      );
      // Rounding of 1e-16 of the gradient in that direction, over curvatures of about 1e-3 and more, 40 times; damping below that of the other
      // directions lets a step be 1/√(32 ε) longer than their inverse.
      const tolerance = 'damping' in params && params.damping !== 'none' ? 1e-7 : 1e-11;
      expect(Math.abs(sum(parameters[1]))).toBeLessThan(tolerance);
      expect(maxDistance(parameters, best?.minimiser ?? [])).toBeLessThan(tolerance);
    }
  });

  test('finds the least-squares solution of least norm where features depend on each other', async () => {
    const base = gaussianRegression(40, 4, 1);
    const cases = {
      repeated: widened(base, (row) => [row[0]]),
      zero: widened(base, () => [0]),
      dependent: widened(base, (row) => [row[0] + row[1], 1.37 * row[2] - row[3]]),
      wide: gaussianRegression(10, 30, 2),
    };
    for (const [name, data] of Object.entries(cases)) {
      const objective = await loss('loss/squared-error', await model('model/linear', data));
      const { parameters, columns } = await run(
        await plan(type, objective, { ...params, tolerance: 0 }),
        40,
      );
      const direct = await run(await plan('optimizer/direct', objective), 1);
      expect(last(columns.residual)).toBeLessThan(1e-13);
      // Both have no part along what the features do not see, which has none along the intercept but in the wide case.
      const exact = direct.parameters;
      if (name === 'wide') expect(length(parameters)).toBeLessThan(length(exact) * (1 + 1e-10));
      else expect(maxDistance(parameters, exact)).toBeLessThan(1e-7);
    }
  });
});

describe('in float32', () => {
  let wasm: Device;
  beforeAll(async () => {
    wasm = await createWasm();
  });
  afterAll(() => wasm.dispose());

  test('Newton leaves the sum of softmax intercepts at rounding', async () => {
    const objective = await softmax(0.05);
    const { compiled } = await run(await plan('optimizer/newton', objective, { tolerance: 0 }), 1, {
      live: live(0.05),
    });
    const stepper = await wasm.createStepper(compiled.spec);
    try {
      await stepper.advance(40, 40);
      const x = compiled.parameters(await stepper.readState());
      // 40 steps, each with 2⁻²⁴ of the terms of a gradient over curvatures of 0.05 and more.
      expect(Math.abs(sum(x[1]))).toBeLessThan(1e-3);
    } finally {
      stepper.dispose();
    }
  });
});

describe('points of an objective', () => {
  const at = (b: readonly number[], w: readonly number[] = Array<number>(12).fill(0)) => [
    hostFloat(w, [4, 3]),
    hostFloat(b),
  ];
  const value = (objective: ObjectiveValue, x: readonly HostArray[]) =>
    evaluateAt(objective, x, (v, d, l) => [objective.value(v, d, l)])[0].data[0];

  test('are compared without what it does not see, and only without that', async () => {
    const objective = await softmax(0.05);
    const [a, b] = [at([0.1, -0.2, 0.3]), at([7.1, 6.8, 7.3])];
    expect(value(objective, a)).toBeCloseTo(value(objective, b), 14);
    expect(maxDistance(a, b, objective)).toBeCloseTo(0, 14);
    expect(maxDistance(a, b)).toBeCloseTo(7, 14);
    expect(maxDistance(at([0, 0, 3]), at([0, 0, 0]), objective)).toBeCloseTo(2, 14);
    // Penalised weights are seen as they are.
    const moved = at([0, 0, 0], [1, 1, 1, ...Array<number>(9).fill(0)]);
    expect(Math.abs(value(objective, moved) - value(objective, at([0, 0, 0])))).toBeGreaterThan(
      0.01,
    );
    expect(maxDistance(moved, at([0, 0, 0]), objective)).toBe(1);
  });

  test('without a regularizer are compared without what is added to the weights of a feature', async () => {
    const free = await loss(
      'loss/softmax-cross-entropy',
      await model('model/linear', gaussianClasses(80, 4, 3, 3)),
    );
    const moved = at([0, 0, 0], [1, 1, 1, ...Array<number>(9).fill(0)]);
    expect(value(free, moved)).toBeCloseTo(value(free, at([0, 0, 0])), 14);
    expect(maxDistance(moved, at([0, 0, 0]), free)).toBeCloseTo(0, 14);
  });

  test('of two classes and of other losses are compared as they are', async () => {
    for (const [type, data] of [
      ['loss/softmax-cross-entropy', gaussianClasses(30, 4, 2, 1)],
      ['loss/logistic', gaussianClasses(30, 4, 2, 1)],
      ['loss/squared-error', gaussianRegression(30, 4, 1)],
    ] as const)
      expect((await loss(type, await model('model/linear', data))).seen).toBeUndefined();
  });
});
