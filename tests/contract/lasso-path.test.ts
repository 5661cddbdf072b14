/** The lasso path against scikit-learn's LARS, knot by knot (tests/reference/lasso_path.py). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import lassoPath from '../../src/lib/nodes/view/lasso-path.ts';
import { followPath } from '../../src/lib/numerics/lasso-path.ts';
import { transposed } from '../../src/lib/numerics/linear-algebra.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import type { ScalarValue } from '../../src/lib/runtime/graph/ports.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import { dataset, model, shipped, values } from './support/problems.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';

interface Case {
  readonly name: string;
  /** Those of the shipped table where they are left out. */
  readonly x?: readonly (readonly number[])[];
  readonly y?: readonly number[];
  readonly lambdas: readonly number[];
  readonly coefficients: readonly (readonly number[])[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('../reference/lasso_path.json', import.meta.url), 'utf8'),
) as { cases: readonly Case[] };

async function problem({ x, y }: Case) {
  if (x !== undefined && y !== undefined)
    return { rows: x.length, columns: x[0].length, x: x.flat(), y };
  const { features, targets } = await shipped('diabetes');
  if (targets.kind !== 'values') throw new Error('no values');
  const given = [...targets.values.data];
  const mean = given.reduce((sum, v) => sum + v, 0) / given.length;
  const [rows, columns] = features.shape;
  return { rows, columns, x: [...features.data], y: given.map((v) => v - mean) };
}

it.each(cases.map((one) => [one.name, one] as const))(
  'has the knots and weights of scikit-learn: %s',
  async (_, one) => {
    const { rows, columns, x, y } = await problem(one);
    const share = 1 / Math.sqrt(rows);
    const k = Float64Array.from(x, (v) => v * share);
    const b = Float64Array.from(y, (v) => v * share);
    const knots: { lambda: number; x: Float64Array }[] = [];
    const pacer = createPacer(new AbortController().signal);
    const across = transposed(k, rows, columns);
    const end = await followPath(k, across, rows, columns, b, pacer, rows, (lambda, at) =>
      knots.push({ lambda, x: at.slice() }),
    );
    expect(end).not.toBeNull();
    expect(knots).toHaveLength(one.lambdas.length);
    const largest = Math.max(...one.coefficients.flat().map(Math.abs));
    knots.forEach(({ lambda, x: at }, i) => {
      expect(Math.abs(lambda - one.lambdas[i]) / one.lambdas[0]).toBeLessThan(1e-10);
      // The matrices have condition numbers up to 10⁴.
      const off = Math.max(...at.map((v, j) => Math.abs(v - one.coefficients[i][j])));
      expect(off / largest, `knot ${i}`).toBeLessThan(1e-9);
    });
  },
);

it('is the same with an intercept as of centred data, and as where every feature stands twice', async () => {
  const one = cases[1];
  const { rows, columns, x, y } = await problem(one);
  const shifted = dataset(
    hostFloat(
      x.map((v, i) => v + (i % columns)),
      [rows, columns],
    ),
    values(y.map((v) => v + 100)),
  );
  const largest = async (data: typeof shifted) => {
    const { outputs } = await evaluateNode(lassoPath, {
      inputs: { model: await model('model/linear', data), runs: [] },
    });
    const { residual, largest: first } = outputs as Record<string, ScalarValue>;
    expect(residual.value).toBeLessThan(1e-12);
    return first.value;
  };
  const means = Array.from(
    { length: columns },
    (_, j) => x.reduce((sum, v, i) => sum + (i % columns === j ? v : 0), 0) / rows,
  );
  const mean = y.reduce((sum, v) => sum + v, 0) / rows;
  const slopes = means.map((m, j) =>
    y.reduce((sum, v, i) => sum + ((x[i * columns + j] - m) * (v - mean)) / rows, 0),
  );
  const first = Math.max(...slopes.map(Math.abs));
  expect(await largest(shifted)).toBeCloseTo(first, 10);
  const twice = dataset(
    hostFloat(
      x.flatMap((v) => [v, v]),
      [rows, 2 * columns],
    ),
    values([...y]),
  );
  expect(await largest(twice)).toBeCloseTo(first, 10);
  const constant = dataset(hostFloat(x, [rows, columns]), values(y.map(() => 7)));
  await expect(largest(constant)).rejects.toThrow(/slopes that are all 0. Choose another target/);
});
