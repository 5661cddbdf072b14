/** Newton's method and L-BFGS: rates, known minima, and networks. */
import { describe, expect, test } from 'vitest';
import {
  distance,
  gaussianClasses,
  gaussianRegression,
  last,
  loss,
  model,
  plan,
  quadratic,
  regularizer,
  run,
} from './support/problems.ts';

const signal = new AbortController().signal;
const logistic = async () =>
  loss('loss/logistic', await model('model/linear', gaussianClasses(80, 4, 2, 3)), [
    await regularizer('regularizer/squared-l2', { lambda: 0.05 }),
  ]);
const live = { 'reg.lambda': 0.05 };

describe('Newton', () => {
  test('converges quadratically on logistic regression: 1e-14 within 10 steps', async () => {
    const objective = await logistic();
    const { columns, parameters } = await run(await plan('optimizer/newton', objective), 10, {
      live,
    });
    const { residual } = columns;
    expect(last(residual)).toBeLessThan(1e-14);
    // Once below 1e-2 each residual is at most a constant times the square of the one before; below 1e-7 rounding takes over.
    const rates = residual
      .slice(1)
      .map((r, k) => [residual[k], r / residual[k] ** 2])
      .filter(([r]) => r < 1e-2 && r > 1e-7);
    expect(rates.length).toBeGreaterThan(0);
    for (const [, rate] of rates) expect(rate).toBeLessThan(20);
    const certificate = await objective.certify?.(live, signal);
    expect(distance(parameters, certificate?.minimiser ?? [])).toBeLessThan(1e-7);
    expect(Math.abs(last(columns.objective) - (certificate?.value ?? NaN))).toBeLessThan(1e-13);
  });

  test('never raises the loss of a network, where f is not convex', async () => {
    const network = await loss(
      'loss/squared-error',
      await model('model/mlp', gaussianRegression(20, 3, 2), { widths: [6] }),
    );
    const { columns } = await run(await plan('optimizer/newton', network), 15);
    const f = columns.objective;
    for (let k = 1; k < f.length; k++) expect(f[k]).toBeLessThanOrEqual(f[k - 1] * (1 + 1e-14));
    expect(last(f)).toBeLessThan(0.1 * f[0]);
  });
});

describe('L-BFGS', () => {
  test.each([1, 5, 10])('with memory %d reaches the minimum of a quadratic', async (memory) => {
    const objective = await quadratic({ dimension: 20, condition: 100 });
    const certificate = await objective.certify?.({}, signal);
    const { parameters } = await run(await plan('optimizer/l-bfgs', objective, { memory }), 300);
    expect(distance(parameters, certificate?.minimiser ?? [])).toBeLessThan(1e-6);
  });

  test('reaches the minimum of a logistic regression', async () => {
    const objective = await logistic();
    const certificate = await objective.certify?.(live, signal);
    const { columns } = await run(await plan('optimizer/l-bfgs', objective), 60, { live });
    expect(Math.abs(last(columns.objective) - (certificate?.value ?? NaN))).toBeLessThan(1e-13);
    expect(last(columns.residual)).toBeLessThan(1e-7);
  });

  test('accepts no step that raises the loss of a network', async () => {
    const network = await loss(
      'loss/squared-error',
      await model('model/mlp', gaussianRegression(20, 3, 2), { widths: [6] }),
    );
    const { columns } = await run(await plan('optimizer/l-bfgs', network), 100);
    const f = columns.objective;
    for (let k = 1; k < f.length; k++) expect(f[k]).toBeLessThanOrEqual(f[k - 1] * (1 + 1e-14));
    expect(last(f)).toBeLessThan(0.1 * f[0]);
  });
});
