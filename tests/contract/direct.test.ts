/** The direct solver on linear models: exact arithmetic, numpy's pseudoinverse, scikit-learn's ridge. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import {
  dataset,
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

interface Problem {
  readonly features: number[][];
  readonly targets: number[];
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/least_squares.json', import.meta.url), 'utf8'),
) as {
  polynomial: Problem & { condition: number; solution: number[] };
  dependent: Problem & { solution: number[] };
  ridge: (Problem & { solutions: { lambda: number; solution: number[] }[] })[];
};

const objectiveOf = async ({ features, targets }: Problem, lambda?: number) => {
  const x = hostFloat(features.flat(), [targets.length, features[0].length]);
  const terms =
    lambda === undefined ? [] : [await regularizer('regularizer/squared-l2', { lambda }, 'l2')];
  return loss(
    'loss/squared-error',
    await model('model/linear', dataset(x, values(targets))),
    terms,
  );
};
const flat = (parameters: readonly HostArray[]) =>
  parameters.flatMap(({ data }) => Array.from(data));

describe('the direct solver', () => {
  test('loses only the condition number of an ill-conditioned fit, not its square', async () => {
    const { condition, solution } = reference.polynomial;
    expect(condition).toBeGreaterThan(1e6);
    const direct = await plan('optimizer/direct', await objectiveOf(reference.polynomial));
    const { parameters } = await run(direct, 1);
    const size = Math.max(...solution.map(Math.abs));
    // κ·2⁻⁵² with a factor 10 for the dimension; the square of κ would leave no digit.
    expect(largestDifference(flat(parameters), solution)).toBeLessThan(
      10 * condition * 2 ** -52 * size,
    );
  });

  test('gives the solution of least norm where features depend on each other, and says so', async () => {
    const objective = await objectiveOf(reference.dependent);
    const direct = await plan('optimizer/direct', objective);
    expect(direct.label).toContain('rank 3 of 5');
    const { parameters, columns } = await run(direct, 1);
    expect(largestDifference(flat(parameters), reference.dependent.solution)).toBeLessThan(1e-13);
    expect(last(columns.residual)).toBeLessThan(1e-13);
  });

  test.each(reference.ridge)('solves ridge regressions for every live λ', async (problem) => {
    const direct = await plan('optimizer/direct', await objectiveOf(problem, 1));
    for (const { lambda, solution } of problem.solutions) {
      const { parameters, columns } = await run(direct, 1, { live: { 'l2.lambda': lambda } });
      // Condition numbers are below 10⁴.
      expect(largestDifference(flat(parameters), solution)).toBeLessThan(1e-11);
      expect(last(columns.residual)).toBeLessThan(1e-13);
    }
  });

  test('reaches the certified minimum, and that of a quadratic', async () => {
    const signal = new AbortController().signal;
    for (const objective of [
      await loss('loss/squared-error', await model('model/linear', gaussianRegression(40, 5, 1))),
      await loss(
        'loss/squared-error',
        await model('model/linear', gaussianRegression(40, 5, 1), { bias: false }),
      ),
      await quadratic({ dimension: 30, condition: 100 }),
    ]) {
      const { columns } = await run(await plan('optimizer/direct', objective), 1);
      const best = await objective.certify?.({}, signal);
      expect(Math.abs(last(columns.objective) - (best?.value ?? NaN))).toBeLessThan(1e-13);
    }
  });

  test('refuses what it has no matrix of', async () => {
    const machine = await loss(
      'loss/squared-error',
      await model('model/kernel', gaussianRegression(10, 2, 1)),
      [await regularizer('regularizer/squared-l2', {}, 'l2')],
    );
    await expect(plan('optimizer/direct', machine)).rejects.toThrow(
      /needs a known matrix.*Use conjugate gradients/,
    );
    const wide = await loss(
      'loss/squared-error',
      await model('model/linear', gaussianRegression(600, 600, 1)),
    );
    await expect(plan('optimizer/direct', wide)).rejects.toThrow(
      /expected at most 512 features or samples.*got 600 samples of 600/,
    );
  });
});
