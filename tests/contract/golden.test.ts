/** Results against independent implementations: tests/reference/*.py make the JSON. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { valueAndGrad } from '../../src/lib/runtime/transform/index.ts';
import {
  dataset,
  evaluateAt,
  labels,
  largestDifference,
  last,
  liveOf,
  loss,
  model,
  plan,
  regularizer,
  run,
  shipped,
  values,
} from './support/problems.ts';

function reference<T>(name: string): T {
  const url = new URL(`../reference/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

const certificateOf = async (objective: Awaited<ReturnType<typeof loss>>) => {
  if (!objective.certify) throw new Error('no certificate');
  return objective.certify(liveOf(objective.live), new AbortController().signal);
};

const figure = (what: string, value: number) => console.log(`${what}: ${value.toExponential(2)}`);

interface Lasso {
  readonly features: readonly string[];
  readonly cases: readonly {
    readonly lambda: number;
    readonly coefficients: readonly number[];
    readonly intercept: number;
    readonly objective: number;
  }[];
}

describe('lasso on diabetes', () => {
  const { cases, features } = reference<Lasso>('lasso_diabetes');

  test.each(cases)(
    'FISTA finds the coefficients of scikit-learn at λ = $lambda to 1e-8',
    async ({ lambda, coefficients, intercept, objective: expected }) => {
      const data = await shipped('diabetes');
      expect(data.featureNames).toEqual(features);
      const objective = await loss('loss/squared-error', await model('model/linear', data), [
        await regularizer('regularizer/l1-norm', { lambda }),
      ]);
      const { parameters, columns } = await run(await plan('optimizer/fista', objective), 4000, {
        every: 4000,
      });
      const error = largestDifference(parameters[0].data, coefficients);
      figure(`lasso, λ = ${lambda}, FISTA, coefficients`, error);
      expect(error).toBeLessThan(1e-8);
      expect(Math.abs(parameters[1].data[0] - intercept)).toBeLessThan(1e-8);
      // About 1500: 1e-10 is a relative 1e-13.
      expect(Math.abs(last(columns.objective) - expected)).toBeLessThan(1e-10);

      const certificate = await certificateOf(objective);
      const [w, b] = certificate.minimiser ?? [];
      figure(
        `lasso, λ = ${lambda}, certificate, coefficients`,
        largestDifference(w.data, coefficients),
      );
      expect(largestDifference(w.data, coefficients)).toBeLessThan(1e-8);
      expect(Math.abs(b.data[0] - intercept)).toBeLessThan(1e-8);
      expect(certificate.gap).toBeLessThan(1e-10);
      expect(Math.abs(certificate.value - expected)).toBeLessThan(1e-10);
    },
  );
});

interface Softmax {
  readonly classes: readonly string[];
  readonly cases: readonly {
    readonly lambda: number;
    readonly weights: readonly (readonly number[])[];
    readonly bias: readonly number[];
    readonly objective: number;
  }[];
}

describe('softmax regression on iris', () => {
  const { cases, classes } = reference<Softmax>('softmax_iris');

  test.each(cases)(
    'FISTA and Newton find the weights of SciPy at λ = $lambda to 1e-8',
    async ({ lambda, weights, bias, objective: expected }) => {
      const data = await shipped('iris');
      if (data.targets.kind !== 'labels') throw new Error('iris has no classes');
      expect(data.targets.classes).toEqual(classes);
      const objective = await loss(
        'loss/softmax-cross-entropy',
        await model('model/linear', data),
        [await regularizer('regularizer/squared-l2', { lambda })],
      );
      const { parameters, columns } = await run(await plan('optimizer/fista', objective), 2000, {
        every: 2000,
      });
      const error = largestDifference(parameters[0].data, weights.flat());
      figure(`softmax, λ = ${lambda}, FISTA, weights`, error);
      expect(error).toBeLessThan(1e-8);
      expect(largestDifference(parameters[1].data, bias)).toBeLessThan(1e-8);
      expect(Math.abs(last(columns.objective) - expected)).toBeLessThan(1e-13);

      const certificate = await certificateOf(objective);
      const [w, b] = certificate.minimiser ?? [];
      figure(`softmax, λ = ${lambda}, Newton, weights`, largestDifference(w.data, weights.flat()));
      expect(largestDifference(w.data, weights.flat())).toBeLessThan(1e-8);
      expect(largestDifference(b.data, bias)).toBeLessThan(1e-8);
      // The value is rounded up to float64, and f* ≤ 1.1.
      expect(certificate.gap).toBeLessThan(4 * 2 ** -52);
      expect(Math.abs(certificate.value - expected)).toBeLessThan(1e-13);
    },
  );
});

type Nested = readonly (number | readonly number[])[];
interface Mlp {
  readonly cases: readonly {
    readonly loss: 'softmax' | 'squared-error';
    readonly widths: readonly number[];
    readonly lambda: number;
    readonly features: readonly (readonly number[])[];
    readonly targets: readonly number[];
    readonly parameters: readonly Nested[];
    readonly value: number;
    readonly gradient: readonly Nested[];
  }[];
}

describe('gradient of an MLP', () => {
  test.each(reference<Mlp>('mlp_gradient').cases)(
    'agrees with backpropagation by hand for $loss to 1e-12',
    async (expected) => {
      const flat = expected.features.flat();
      const data = dataset(
        hostFloat(flat, [expected.features.length, expected.features[0].length]),
        expected.loss === 'softmax' ? labels(expected.targets, 3) : values(expected.targets),
      );
      const objective = await loss(
        expected.loss === 'softmax' ? 'loss/softmax-cross-entropy' : 'loss/squared-error',
        await model('model/mlp', data, { widths: expected.widths, activation: 'tanh' }),
        [await regularizer('regularizer/squared-l2', { lambda: expected.lambda })],
      );
      const x: HostArray[] = expected.parameters.map((part, i) =>
        hostFloat((part as number[]).flat(), objective.variables[i].shape),
      );
      const [value, ...gradient] = evaluateAt(objective, x, (v, d, live) => {
        const [f, g] = valueAndGrad((u) => objective.value(u, d, live))(v);
        return [f, ...g];
      });
      expect(Math.abs(value.data[0] - expected.value)).toBeLessThan(1e-12);
      const error = Math.max(
        ...gradient.map((part, i) =>
          largestDifference(part.data, (expected.gradient[i] as number[]).flat()),
        ),
      );
      figure(`MLP gradient, ${expected.loss}`, error);
      expect(error).toBeLessThan(1e-12);
    },
  );
});
