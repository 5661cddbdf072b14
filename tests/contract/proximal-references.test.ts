/** Proximal operators against LAPACK and exact arithmetic, and constrained runs against the minimisers that other methods find. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shrinkSingularValues, nuclearNorm } from '../../src/lib/nodes/shared/polar.ts';
import { projectOnSimplex } from '../../src/lib/nodes/regularizer/simplex-projection.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import type { ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { add, stack } from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import {
  dataset,
  largestDifference,
  last,
  loss,
  model,
  plan,
  regularizer,
  run,
  values,
} from './support/problems.ts';
import { hosted } from './support/prox.ts';

interface Reference {
  readonly nuclear: readonly {
    readonly name: string;
    readonly shape: readonly [number, number];
    readonly matrix: readonly number[];
    readonly norm: number;
    readonly largest: number;
    readonly taus: readonly number[];
    readonly shrunk: readonly (readonly number[])[];
  }[];
  readonly simplex: readonly {
    readonly name: string;
    readonly v: readonly number[];
    readonly totals: readonly number[];
    readonly projections: readonly (readonly number[])[];
  }[];
  readonly leastSquares: {
    readonly features: readonly (readonly number[])[];
    readonly targets: readonly number[];
    readonly nonnegative: readonly number[];
    readonly simplex: readonly number[];
  };
}

const reference = JSON.parse(
  readFileSync(new URL('../reference/proximal.json', import.meta.url), 'utf8'),
) as Reference;

let wasm: Device;
beforeAll(async () => {
  wasm = await createWasm();
});
afterAll(() => wasm.dispose());

/** Norm and thresholded matrix, on a device. */
async function nuclear(
  matrix: readonly number[],
  shape: readonly number[],
  tau: number,
  on?: Device,
) {
  const inputs = [hostFloat(Float64Array.from(matrix), shape), hostScalar(tau)];
  const program = trace((a, t) => [nuclearNorm(a), shrinkSingularValues(a, t)], inputs);
  const [norm, shrunk] = on ? await on.execute(program, inputs) : executeSync(program, inputs);
  return { norm: norm.data[0], shrunk: shrunk.data };
}

describe('singular value thresholding', () => {
  it.each(reference.nuclear)('is that of LAPACK: $name', async (example) => {
    const { shape, matrix, largest, norm } = example;
    const n = Math.min(...shape);
    for (const [k, tau] of example.taus.entries()) {
      const found = await nuclear(matrix, shape, tau);
      // Measured 2e-15 of the largest singular value at most; a sum of n of them rounds n times.
      expect(largestDifference(found.shrunk, example.shrunk[k])).toBeLessThanOrEqual(
        5e-15 * largest,
      );
      expect(Math.abs(found.norm - norm)).toBeLessThanOrEqual(5e-15 * n * largest);
    }
  });

  it.each(reference.nuclear.filter(({ largest }) => largest > 1e-30 && largest < 1e30))(
    'is that of LAPACK to float32 on a float32 device: $name',
    async (example) => {
      const { shape, matrix, largest, norm } = example;
      const n = Math.min(...shape);
      for (const [k, tau] of example.taus.entries()) {
        const found = await nuclear(matrix, shape, tau, wasm);
        // As in float64, in units of float32: 2⁻²⁴ is 5.4e8 times 2⁻⁵³.
        expect(largestDifference(found.shrunk, example.shrunk[k])).toBeLessThanOrEqual(
          2.7e-6 * largest,
        );
        expect(Math.abs(found.norm - norm)).toBeLessThanOrEqual(2.7e-6 * n * largest);
      }
    },
  );

  it('is exactly 0 where the threshold is at least the length of the matrix, however large', async () => {
    const shape = [5, 3];
    const matrix = Array.from(hostNormal(hostKey(6), 15));
    for (const tau of [Math.hypot(...matrix) * (1 + 1e-15), 1e8, Infinity]) {
      expect((await nuclear(matrix, shape, tau)).shrunk.every((x) => x === 0)).toBe(true);
    }
  });

  it('treats an array of three axes as a stack of matrices', () => {
    const shape = [3, 4];
    const inputs = [0, 1].map((k) => hostFloat(hostNormal(hostFoldIn(hostKey(5), k), 12), shape));
    const tau = hostScalar(0.4);
    const program = trace(
      (a, b, t) => [
        shrinkSingularValues(stack([a, b]), t),
        stack([shrinkSingularValues(a, t), shrinkSingularValues(b, t)]),
        nuclearNorm(stack([a, b])),
        add(nuclearNorm(a), nuclearNorm(b)),
      ],
      [...inputs, tau],
    );
    const [together, apart, norm, sum] = executeSync(program, [...inputs, tau]);
    expect(largestDifference(together.data, apart.data)).toBeLessThan(1e-14);
    expect(norm.data[0]).toBeCloseTo(sum.data[0], 13);
  });
});

describe('projection on the simplex', () => {
  const project = async (v: readonly number[], total: number, on?: Device) => {
    const inputs = [hostFloat(Float64Array.from(v)), hostScalar(total)];
    const program = trace((x, s) => [projectOnSimplex(x, s, [0])], inputs);
    return (on ? await on.execute(program, inputs) : executeSync(program, inputs))[0].data;
  };

  it.each(reference.simplex)('is exact to rounding: $name', async ({ v, totals, projections }) => {
    for (const [k, total] of totals.entries()) {
      const found = await project(v, total);
      const largest = Math.max(...v.map(Math.abs));
      // v − max v is off by half a unit of the largest entry, the sum of what is within s of it by n units of s, over at least 1.
      const rounding = 2.3e-16 * (largest + v.length * total);
      expect(largestDifference(found, projections[k])).toBeLessThanOrEqual(rounding);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    }
  });

  it('has a simplex for each column where that is chosen, and one for the array else', async () => {
    const v = hostNormal(hostKey(7), 12);
    const sums = async (scope: string) => {
      const { prox } = await hosted('regularizer/simplex', { total: 2, scope }, [4, 3]);
      const w = prox(v, 1);
      return [0, 1, 2].map((j) => w[j] + w[3 + j] + w[6 + j] + w[9 + j]);
    };
    for (const sum of await sums('columns')) expect(sum).toBeCloseTo(2, 14);
    const whole = await sums('array');
    expect(whole[0] + whole[1] + whole[2]).toBeCloseTo(2, 14);
    expect(Math.max(...whole) - Math.min(...whole)).toBeGreaterThan(0.1);
  });

  it.each(reference.simplex)('is exact to float32: $name', async ({ v, totals }) => {
    for (const total of totals) {
      const rounded = v.map(Math.fround);
      const found = await project(rounded, total, wasm);
      const expected = await project(rounded, total);
      const rounding = 1.2e-7 * (Math.max(...v.map(Math.abs)) + v.length * total);
      expect(largestDifference(found, expected)).toBeLessThanOrEqual(rounding);
    }
  });
});

describe('FISTA from outside of the set', () => {
  const { features, targets, nonnegative, simplex } = reference.leastSquares;
  const shape = [features.length, features[0].length];
  const problem = async (type: string): Promise<ObjectiveValue> => {
    const data = dataset(hostFloat(features.flat(), shape), values(targets));
    const linear = await model('model/linear', data, { bias: false, initialScale: 3 });
    return loss('loss/squared-error', linear, [await regularizer(type)]);
  };

  it.each([
    ['regularizer/nonnegativity', nonnegative],
    ['regularizer/simplex', simplex],
  ] as const)(
    '%s: reports the infeasibility and ends at the known minimiser',
    async (type, known) => {
      const objective = await problem(type);
      expect(objective.certify).toBeUndefined();
      expect(objective.convex).toBe(true);
      for (const method of ['optimizer/fista', 'optimizer/proximal-gradient']) {
        const { columns, parameters } = await run(await plan(method, objective), 1500);
        expect(columns.infeasibility[0]).toBeGreaterThan(0.5);
        // A prox is the first thing that a step ends with, so every iterate but the first is in the set.
        expect(Math.max(...columns.infeasibility.slice(1))).toBeLessThan(1e-15);
        // The reference is that of a direct method; both round at the condition number of the problem, below 10.
        expect(largestDifference(parameters[0].data, known)).toBeLessThan(1e-13);
        expect(last(columns.residual)).toBeLessThan(1e-13);
      }
    },
  );

  it.each(['optimizer/admm', 'optimizer/douglas-rachford', 'optimizer/chambolle-pock'])(
    '%s ends at the known minimiser',
    async (method) => {
      const objective = await problem('regularizer/simplex');
      const { columns, parameters } = await run(await plan(method, objective), 400);
      expect(last(columns.infeasibility)).toBeLessThan(1e-10);
      expect(largestDifference(parameters[0].data, simplex)).toBeLessThan(1e-9);
    },
  );

  it('Chambolle–Pock, which keeps the constraint in a dual variable, is outside on the way', async () => {
    const objective = await problem('regularizer/simplex');
    const { columns } = await run(await plan('optimizer/chambolle-pock', objective), 3);
    expect(last(columns.infeasibility)).toBeGreaterThan(1e-3);
  });

  it.each([
    ['optimizer/gradient-descent', /'Simplex' is a constraint\. Use proximal gradient or FISTA/],
    ['optimizer/nesterov', /'Simplex' is a constraint\. Use FISTA/],
    ['optimizer/l-bfgs', /'Simplex' is a constraint\. Use FISTA/],
    ['optimizer/newton', /'Simplex' is a constraint\. Use FISTA/],
    ['optimizer/sgd', /SGD steps along gradients and would ignore 'Simplex'.*projection/],
    ['optimizer/adam', /Adam steps along gradients and would ignore 'Simplex'.*projection/],
    ['optimizer/conjugate-gradient', /not quadratic/],
  ] as const)('%s refuses a constraint', async (method, message) => {
    await expect(plan(method, await problem('regularizer/simplex'))).rejects.toThrow(message);
  });

  it.each([
    ['regularizer/l2-norm', 'ℓ2 norm'],
    ['regularizer/group-lasso', 'Group lasso'],
    ['regularizer/nuclear-norm', 'Nuclear norm'],
  ])('gradient methods refuse %s for its kink, and f* is not certified', async (type, title) => {
    const objective = await problem(type);
    expect(objective.certify).toBeUndefined();
    await expect(plan('optimizer/nesterov', objective)).rejects.toThrow(
      `Nesterov needs a smooth objective; '${title}' has a kink, and no gradient there. Use FISTA`,
    );
    await plan('optimizer/sgd', objective);
  });
});
