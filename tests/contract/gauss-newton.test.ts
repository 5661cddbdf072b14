/** Gauss–Newton and Levenberg–Marquardt: rates, scipy's solutions, Newton where they coincide, refusals. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import {
  dataset,
  distance,
  gaussianClasses,
  gaussianRegression,
  last,
  loss,
  model,
  noisySignal,
  plan,
  quadratic,
  regularizer,
  run,
  values,
} from './support/problems.ts';

const { decay } = JSON.parse(
  readFileSync(new URL('../reference/optimizers.json', import.meta.url), 'utf8'),
) as {
  decay: {
    x: number[];
    start: number[];
    cases: { sigma: number; targets: number[]; solution: number[]; value: number }[];
  };
};
const [exact, noisy] = decay.cases;
const fit = async ({ targets }: { targets: number[] }) => {
  const data = dataset(hostFloat(decay.x, [decay.x.length, 1]), values(targets));
  const [amplitude, rate, level] = decay.start;
  return loss(
    'loss/squared-error',
    await model('model/exponential', data, { amplitude, rate, level }),
  );
};
const signal = new AbortController().signal;
const DAMPINGS = ['none', 'levenberg-marquardt'] as const;

describe.each(DAMPINGS)('Gauss–Newton with damping %s', (damping) => {
  test('finds the parameters of an exact exponential, quadratically', async () => {
    const params = { damping, forcing: 0, tolerance: 0 };
    const { columns, parameters } = await run(
      await plan('optimizer/gauss-newton', await fit(exact), params),
      30,
    );
    exact.solution.forEach((p, i) => expect(parameters[i].data[0]).toBeCloseTo(p, 12));
    expect(last(columns.residual)).toBeLessThan(1e-14);
    // Damping that shrinks with μ ∝ 3⁻ᵏ makes convergence superlinear until μ is below ‖∇f‖, so only pure Gauss–Newton has bounded ratios r⁺/r².
    const pairs = columns.residual.slice(1).map((r, k) => [columns.residual[k], r] as const);
    const late = pairs.filter(([before]) => before < 1e-2 && before > 1e-7);
    expect(late.length).toBeGreaterThan(0);
    if (damping === 'none')
      for (const [before, r] of late) expect(r).toBeLessThan(50 * before ** 2);
    else expect(Math.min(...late.map(([before, r]) => r / before))).toBeLessThan(0.05);
  });

  test('finds the least squares fit of scipy where residuals are left, at a linear rate', async () => {
    const params = { damping, forcing: 0, tolerance: 0 };
    const { columns, parameters } = await run(
      await plan('optimizer/gauss-newton', await fit(noisy), params),
      60,
    );
    // Both stop where f is flat to rounding: √1e-16 in the parameters, better by the exact gradients.
    noisy.solution.forEach((p, i) =>
      expect(Math.abs(parameters[i].data[0] - p)).toBeLessThan(1e-7),
    );
    expect(last(columns.objective)).toBeCloseTo(noisy.value, 15);
    expect(last(columns.residual)).toBeLessThan(1e-13);
  });

  test('never raises the loss of a network, for squared error and for cross-entropy', async () => {
    const problems = [
      ['loss/squared-error', gaussianRegression(20, 3, 2)],
      ['loss/softmax-cross-entropy', gaussianClasses(30, 3, 3, 2)],
    ] as const;
    for (const [type, data] of problems) {
      const network = await loss(type, await model('model/mlp', data, { widths: [6] }), [
        await regularizer('regularizer/squared-l2', { lambda: 1e-3 }),
      ]);
      const { columns } = await run(await plan('optimizer/gauss-newton', network, { damping }), 20);
      const f = columns.objective;
      for (let k = 1; k < f.length; k++) expect(f[k]).toBeLessThanOrEqual(f[k - 1] * (1 + 1e-14));
      expect(last(f)).toBeLessThan(0.3 * f[0]);
    }
  });
});

describe('on a linear model', () => {
  const live = { 'reg.lambda': 0.05 };
  const l2 = () => regularizer('regularizer/squared-l2', { lambda: 0.05 });

  test('Gauss–Newton is Newton’s method: one step for least squares', async () => {
    const ridge = await loss(
      'loss/squared-error',
      await model('model/linear', gaussianRegression(30, 5, 1)),
      [await l2()],
    );
    const exactly = { damping: 'none', forcing: 0 };
    const { parameters, columns } = await run(
      await plan('optimizer/gauss-newton', ridge, exactly),
      1,
      { live },
    );
    const best = await ridge.certify?.(live, signal);
    expect(distance(parameters, best?.minimiser ?? [])).toBeLessThan(1e-12);
    expect(columns.stepSize[1]).toBe(1);
  });

  test.each([
    ['loss/logistic', 2],
    ['loss/softmax-cross-entropy', 3],
  ] as const)('and step for step for %s', async (type, classes) => {
    const objective = await loss(
      type,
      await model('model/linear', gaussianClasses(80, 4, classes, 3)),
      [await l2()],
    );
    const newton = await run(await plan('optimizer/newton', objective), 5, { live });
    const ours = await run(
      await plan('optimizer/gauss-newton', objective, { damping: 'none' }),
      5,
      { live },
    );
    expect(distance(ours.parameters, newton.parameters)).toBeLessThan(1e-12);
    // The inner iterations are the same too, up to the last step, where they are rounding.
    expect(ours.columns.matvecs.slice(0, 4)).toEqual(newton.columns.matvecs.slice(0, 4));
  });

  test('and for a kernel machine, with the norm of its function space', async () => {
    const objective = await loss(
      'loss/logistic',
      await model('model/kernel', gaussianClasses(30, 2, 2, 1), { lambda: 0.01 }),
    );
    const newton = await run(await plan('optimizer/newton', objective), 4);
    const ours = await run(await plan('optimizer/gauss-newton', objective, { damping: 'none' }), 4);
    expect(distance(ours.parameters, newton.parameters)).toBeLessThan(1e-10);
  });
});

describe('Levenberg–Marquardt', () => {
  test('stays at the point and raises μ when a step is refused', async () => {
    // From here the undamped model is far off: the rate would become negative.
    const data = dataset(hostFloat(decay.x, [decay.x.length, 1]), values(exact.targets));
    const objective = await loss(
      'loss/squared-error',
      await model('model/exponential', data, { amplitude: 1, rate: 6, level: 2 }),
    );
    const { columns } = await run(
      await plan('optimizer/gauss-newton', objective, { initialDamping: 1e-8, forcing: 0 }),
      60,
    );
    const { iterations, damping, objective: f } = columns;
    let refused = 0;
    let growth = 2;
    for (let k = 1; k < f.length; k++) {
      if (iterations[k] > iterations[k - 1]) {
        growth = 2;
        expect(damping[k]).toBeGreaterThanOrEqual((damping[k - 1] / 3) * (1 - 1e-15));
        expect(damping[k]).toBeLessThanOrEqual(2 * damping[k - 1] * (1 + 1e-15));
      } else {
        refused++;
        expect(f[k]).toBe(f[k - 1]);
        expect(damping[k]).toBeCloseTo(growth * damping[k - 1], 15);
        growth *= 2;
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(last(columns.residual)).toBeLessThan(1e-8);
  });

  test('counts a gradient and a value for each trial, and the products it used', async () => {
    const { columns } = await run(await plan('optimizer/gauss-newton', await fit(noisy)), 5);
    expect(columns.gradients).toEqual([1, 2, 3, 4, 5, 6]);
    expect(columns.values).toEqual([0, 1, 2, 3, 4, 5]);
    expect(columns.matvecs[0]).toBe(1);
    expect(last(columns.matvecs)).toBeLessThanOrEqual(1 + 5 * 3);
    expect(last(columns.passes)).toBe(6 + 5 + 2 * last(columns.matvecs));
  });
});

test('objectives that are no smooth loss of outputs are refused by name', async () => {
  await expect(plan('optimizer/gauss-newton', await quadratic({}))).rejects.toThrow(
    /Gauss–Newton needs a smooth convex loss of the outputs of a model.*Use Newton/,
  );
  const hinge = await loss('loss/hinge', await model('model/linear', gaussianClasses(20, 3, 2, 1)));
  await expect(plan('optimizer/gauss-newton', hinge)).rejects.toThrow(/the hinge loss has a kink/);
  const lasso = await loss(
    'loss/squared-error',
    await model('model/linear', gaussianRegression(20, 3, 1)),
    [await regularizer('regularizer/l1-norm', {}, 'l1')],
  );
  await expect(plan('optimizer/gauss-newton', lasso)).rejects.toThrow(/'ℓ1 norm' has a kink/);
});

test('an exponential decay takes one feature', async () => {
  await expect(model('model/exponential', gaussianRegression(10, 2, 1))).rejects.toThrow(
    /expected data with 1 feature, got 2/,
  );
  await expect(model('model/exponential', gaussianClasses(10, 1, 3, 1))).rejects.toThrow(
    /expected numeric targets or two classes, got 3 classes/,
  );
  expect((await model('model/exponential', noisySignal(8))).outputs).toBe(1);
});
