/** Every loss: its value, gradient, constants and refusals. */
import { describe, expect, test } from 'vitest';
import type { DatasetValue, ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import { constant } from '../../src/lib/runtime/ir/ops.ts';
import { hostFoldIn, hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { grad, hvp } from '../../src/lib/runtime/transform/index.ts';
import { lossNodes } from '../../src/lib/nodes/loss/index.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import {
  dataset,
  evaluateAt,
  gaussianClasses,
  definitionOf,
  gaussianRegression,
  labels,
  loss,
  model,
  quadratic,
  regularizer,
  values,
} from './support/problems.ts';

const TWO = gaussianClasses(30, 4, 2, 1);
const THREE = gaussianClasses(30, 4, 3, 2);
const REAL = gaussianRegression(30, 4, 3);
const COUNTS = dataset(REAL.features, values(Array.from({ length: 30 }, (_, i) => (i * i) % 7)));

const DATA: Readonly<Record<string, DatasetValue>> = {
  'loss/squared-error': REAL,
  'loss/logistic': TWO,
  'loss/softmax-cross-entropy': THREE,
  'loss/hinge': TWO,
  'loss/poisson': COUNTS,
};
/** Curvature without a bound. */
const UNBOUNDED = ['loss/hinge', 'loss/poisson'];

/** Gaussian points in the shape of the variables. */
function point(objective: ObjectiveValue, seed: number, size = 1): HostArray[] {
  return objective.variables.map(({ shape }, i) => {
    const n = shape.reduce((a, b) => a * b, 1);
    const x = hostNormal(hostFoldIn(hostKey(seed), i), n).map((v) => v * size);
    return hostFloat(x, shape);
  });
}

const valueAt = (objective: ObjectiveValue, x: readonly HostArray[]): number =>
  evaluateAt(objective, x, (v, d, live) => [objective.value(v, d, live)])[0].data[0];

const gradientAt = (objective: ObjectiveValue, x: readonly HostArray[]): HostArray[] =>
  evaluateAt(objective, x, (v, d, live) => grad((u) => objective.value(u, d, live))(v));

const inner = (x: readonly HostArray[], y: readonly HostArray[]): number =>
  x.reduce((total, { data }, i) => {
    let sum = 0;
    for (let j = 0; j < data.length; j++) sum += data[j] * y[i].data[j];
    return total + sum;
  }, 0);

const along = (x: readonly HostArray[], t: number, d: readonly HostArray[]): HostArray[] =>
  x.map(({ data, shape }, i) =>
    hostFloat(
      Array.from(data, (v, j) => v + t * d[i].data[j]),
      shape,
    ),
  );

test('this file covers every loss on data', () => {
  // Objectives of another kind have tests of their own: densities, inverse problems, splitting and transport.
  const elsewhere = [
    'loss/basis-pursuit',
    'loss/density-likelihood',
    'loss/inverse-problem',
    'loss/tv-denoising',
    'loss/wasserstein',
  ];
  const covered = [...Object.keys(DATA), ...elsewhere, 'loss/quadratic'].sort();
  expect(lossNodes.map(({ type }) => type).sort()).toEqual(covered);
});

describe.each(Object.entries(DATA))('%s', (type, data) => {
  const linear = async () => loss(type, await model('model/linear', data));

  test.each(['model/linear', 'model/mlp'])(
    'has on %s the gradient that central differences give',
    async (modelType) => {
      const ridge = await regularizer('regularizer/squared-l2', { lambda: 0.2 });
      const objective = await loss(
        type,
        await model(modelType, data, modelType === 'model/mlp' ? { widths: [5] } : {}),
        [ridge],
      );
      const x = point(objective, 4, 0.7);
      const gradient = gradientAt(objective, x);
      for (let k = 0; k < 6; k++) {
        const d = point(objective, 10 + k);
        const h = 1e-5;
        const slope =
          (valueAt(objective, along(x, h, d)) - valueAt(objective, along(x, -h, d))) / (2 * h);
        // The error of the difference is h² times a third derivative of order 1, and rounding 1e-16/h.
        expect(Math.abs(slope - inner(gradient, d))).toBeLessThan(1e-7);
      }
    },
  );

  test('is the mean of its values on two halves of the samples', async () => {
    const objective = await linear();
    const x = point(objective, 5);
    const [whole] = evaluateAt(objective, x, (v, d, live) => [objective.value(v, d, live)]);
    const half = (start: number): ObjectiveValue['data'] =>
      objective.data.map((array) => {
        const width = array.data.length / 30;
        const part = array.data.slice(start * width, (start + 15) * width);
        return { ...array, shape: [15, ...array.shape.slice(1)], data: part } as HostArray;
      });
    const parts = [0, 15].map((start) => valueAt({ ...objective, data: half(start) }, x));
    expect((parts[0] + parts[1]) / 2).toBeCloseTo(whole.data[0], 13);
  });

  test('obeys the descent lemma with the constants it claims', async () => {
    const objective = await linear();
    const { lipschitzGrad: L, strongConvexity: mu = 0 } = objective.constants;
    if (UNBOUNDED.includes(type)) {
      expect(L).toBeUndefined();
      return;
    }
    if (L === undefined) throw new Error('a linear model has a known constant');
    for (let k = 0; k < 20; k++) {
      const x = point(objective, 100 + k, 0.5);
      const d = point(objective, 200 + k, 10 ** ((k % 4) - 2));
      const bregman =
        valueAt(objective, along(x, 1, d)) -
        valueAt(objective, x) -
        inner(gradientAt(objective, x), d);
      const half = inner(d, d) / 2;
      expect(bregman).toBeLessThanOrEqual(L * half + 1e-13);
      expect(bregman).toBeGreaterThanOrEqual(mu * half - 1e-13);
    }
  });

  test('claims a constant that its curvature reaches', async () => {
    const objective = await linear();
    const L = objective.constants.lipschitzGrad;
    if (L === undefined) return expect(UNBOUNDED).toContain(type);
    // Probabilities ½, ½ (and 0 for the third class): the greatest curvature in the outputs, for all samples at once.
    const x = objective.variables.map(({ name, shape }) =>
      name === 'bias' && shape[0] === 3
        ? hostFloat([0, 0, -60])
        : hostFloat(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape),
    );
    let v = point(objective, 7);
    let curvature = 0;
    for (let k = 0; k < 200; k++) {
      const image = evaluateAt(objective, [...x, ...v], (all, d, live) =>
        hvp((u) => objective.value(u, d, live), all.slice(0, x.length), all.slice(x.length)),
      );
      curvature = Math.sqrt(inner(image, image) / inner(v, v));
      v = along(image, 1 / curvature - 1, image);
    }
    expect(curvature).toBeLessThanOrEqual(L);
    expect(curvature).toBeGreaterThan(L * (1 - 1e-4));
  });

  test('is convex with a linear model and not claimed convex with hidden layers', async () => {
    const objective = await linear();
    expect(objective.convex).toBe(true);
    for (let k = 0; k < 10; k++) {
      const [x, d] = [point(objective, 300 + k), point(objective, 400 + k)];
      const middle = valueAt(objective, along(x, 0.5, d));
      const ends = (valueAt(objective, x) + valueAt(objective, along(x, 1, d))) / 2;
      expect(middle).toBeLessThanOrEqual(ends + 1e-13);
    }
    const deep = await loss(type, await model('model/mlp', data));
    expect(deep.convex).toBe(false);
    expect(deep.certify).toBeUndefined();
  });

  test('penalises weights and not biases', async () => {
    const g = await regularizer('regularizer/l1-norm', { lambda: 2 });
    const objective = await loss(type, await model('model/linear', data), [g]);
    expect(objective.penalized).toEqual([true, false]);
    const [weights, bias] = point(objective, 6);
    const term = objective.terms[0];
    const at = (x: HostArray[]) =>
      evaluateAt(objective, x, (v, _d, live) => [term.value(v, live)])[0].data[0];
    const l1 = Array.from(weights.data).reduce((s, v) => s + Math.abs(v), 0);
    expect(at([weights, bias])).toBeCloseTo(2 * l1, 12);
    const moved = evaluateAt(objective, [weights, bias], (v, _d, live) =>
      term.prox(v, constant(hostScalar(0.1)), live),
    );
    // Threshold 0.1 · λ = 0.2.
    moved[0].data.forEach((v: number, j: number) => {
      const before = weights.data[j];
      expect(v).toBeCloseTo(Math.sign(before) * Math.max(Math.abs(before) - 0.2, 0), 14);
    });
    expect(moved[1].data).toEqual(bias.data);
  });
});

test('a penalty acts on what a model declares, whatever its shape', async () => {
  const g = await regularizer('regularizer/squared-l2', { lambda: 3 });
  const decay = await model('model/exponential', gaussianRegression(8, 1, 2));
  const objective = await loss('loss/squared-error', decay, [g]);
  expect(objective.penalized).toEqual([true, true, true]);
  const x = point(objective, 4);
  const plain = await loss('loss/squared-error', decay);
  const squares = x.reduce((sum, { data }) => sum + data[0] ** 2, 0);
  expect(valueAt(objective, x) - valueAt(plain, x)).toBeCloseTo(1.5 * squares, 13);

  const net = await model('model/resnet', gaussianRegression(8, 2, 2), { width: 2, depth: 3 });
  expect((await loss('loss/squared-error', net, [g])).penalized).toEqual([
    true,
    false,
    true,
    false,
  ]);

  const weights = await model('model/particles', gaussianRegression(8, 2, 2), { free: 'weights' });
  const onLogits = evaluateNode(definitionOf('loss/wasserstein'), {
    inputs: { model: weights, data: gaussianRegression(9, 2, 5), regularizer: [g] },
  });
  await expect(onLogits).rejects.toThrow(/expected a model with a penalized parameter.*logits/);
});

test('on a network every bias is left out of the prox and every weight is in it', async () => {
  const g = await regularizer('regularizer/l1-norm', { lambda: 1 });
  const objective = await loss(
    'loss/squared-error',
    await model('model/mlp', REAL, { widths: [3, 2] }),
    [g],
  );
  expect(objective.penalized).toEqual([true, false, true, false, true, false]);
  const x = point(objective, 8);
  const moved = evaluateAt(objective, x, (v, _d, live) =>
    objective.terms[0].prox(v, constant(hostScalar(0.25)), live),
  );
  moved.forEach(({ data }, i) => {
    const threshold = objective.penalized[i] ? 0.25 : 0;
    data.forEach((v: number, j: number) => {
      const before = x[i].data[j];
      expect(v).toBeCloseTo(Math.sign(before) * Math.max(Math.abs(before) - threshold, 0), 14);
    });
  });
});

describe('values', () => {
  const features = hostFloat([1, -2, 0.5], [3, 1]);
  const parameters = [hostFloat([1.5], [1, 1]), hostFloat([-0.25], [1])];
  const z = [1.25, -3.25, 0.5];
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));

  test('squared error is the Gaussian negative log-likelihood up to its constant', async () => {
    const y = [0.3, -1, 2];
    const objective = await loss(
      'loss/squared-error',
      await model('model/linear', dataset(features, values(y))),
    );
    const density = (t: number) => Math.exp(-(t ** 2) / 2) / Math.sqrt(2 * Math.PI);
    const nll = y.reduce((s, v, i) => s - Math.log(density(z[i] - v)), 0) / 3;
    expect(valueAt(objective, parameters)).toBeCloseTo(nll - Math.log(2 * Math.PI) / 2, 13);
  });

  test.each(['loss/logistic', 'loss/softmax-cross-entropy'])(
    '%s on two classes is the Bernoulli negative log-likelihood',
    async (type) => {
      const y = [1, 0, 0];
      const objective = await loss(
        type,
        await model('model/linear', dataset(features, labels(y, 2))),
      );
      const nll = y.reduce((s, v, i) => s - Math.log(v ? sigmoid(z[i]) : 1 - sigmoid(z[i])), 0) / 3;
      expect(valueAt(objective, parameters)).toBeCloseTo(nll, 13);
      expect(objective.constants.lipschitzGrad).toBeGreaterThan(0);
    },
  );

  test('hinge is the mean shortfall of the margin below 1', async () => {
    const objective = await loss(
      'loss/hinge',
      await model('model/linear', dataset(features, labels([1, 0, 0], 2))),
    );
    // Margins 1.25, 3.25 and −0.5.
    expect(valueAt(objective, parameters)).toBeCloseTo(1.5 / 3, 14);
  });

  test('cross-entropies stay finite at logits of a thousand', async () => {
    const huge = [hostFloat([1000], [1, 1]), hostFloat([0], [1])];
    for (const type of ['loss/logistic', 'loss/softmax-cross-entropy']) {
      const data = dataset(features, labels([0, 1, 0], 2));
      const objective = await loss(type, await model('model/linear', data));
      expect(valueAt(objective, huge)).toBeCloseTo((1000 + 2000 + 500) / 3, 9);
    }
  });
});

describe('refusals', () => {
  const none = dataset(REAL.features, { kind: 'none' });
  test.each([
    [
      'loss/squared-error',
      THREE,
      /squared error: expected numeric targets, got 'class' with 3 classes. Use softmax cross-entropy/,
    ],
    ['loss/squared-error', TWO, /Use the logistic loss/],
    ['loss/squared-error', none, /Choose a target column/],
    [
      'loss/logistic',
      THREE,
      /logistic loss: expected targets with two classes, got 'class' with 3 classes. Use softmax cross-entropy/,
    ],
    ['loss/logistic', REAL, /got numeric targets 'y'. Use squared error/],
    ['loss/hinge', THREE, /Use softmax cross-entropy/],
    ['loss/softmax-cross-entropy', REAL, /Use squared error, or choose a categorical target/],
    ['loss/softmax-cross-entropy', none, /Choose a target column/],
  ] as const)('%s names what it got and what to use instead', async (type, data, message) => {
    const wired = await model('model/linear', data);
    await expect(loss(type, wired)).rejects.toThrow(message);
  });

  test.each([
    ['loss/squared-error', REAL, 'model/linear'],
    ['loss/squared-error', REAL, 'model/kernel'],
    ['loss/squared-error', REAL, 'model/mlp'],
    ['loss/logistic', TWO, 'model/linear'],
    ['loss/hinge', TWO, 'model/linear'],
    ['loss/softmax-cross-entropy', THREE, 'model/linear'],
  ] as const)(
    '%s names a mark of missing data whose square overflows, with the model %s',
    async (type, data, kind) => {
      const marked = (mark: number) => {
        const features = Float64Array.from(data.features.data);
        features[4] = mark;
        return { ...data, features: hostFloat(features, data.features.shape) };
      };
      const name = data.featureNames[4 % data.features.shape[1]];
      const row = Math.floor(4 / data.features.shape[1]) + 1;
      for (const mark of [-Number.MAX_VALUE, 1e155, -1e200]) {
        const wired = await model(kind, marked(mark));
        const at = `"${name}", row ${row} of`;
        await expect(loss(type, wired)).rejects.toThrow(at);
        await expect(loss(type, wired)).rejects.toThrow(
          /leave the column out; else put Standardize/,
        );
      }
      await expect(loss(type, await model(kind, marked(NaN)))).rejects.toThrow(/got NaN in/);
    },
  );

  test('squared error names a target whose square overflows', async () => {
    const y = Array.from({ length: REAL.features.shape[0] }, (_, i) => (i === 2 ? 1e160 : i));
    const wired = await model('model/linear', { ...REAL, targets: values(y) });
    await expect(loss('loss/squared-error', wired)).rejects.toThrow(
      /got 1e\+160 in "y", row 3 .* give the target in a larger unit/,
    );
  });
});

describe('loss/quadratic', () => {
  test.each([
    { spacing: 'log', basis: 'random' },
    { spacing: 'linear', basis: 'random' },
    { spacing: 'log', basis: 'diagonal' },
  ])('has the spectrum it claims ($spacing, $basis)', async (params) => {
    const p = 12;
    const objective = await quadratic({ dimension: p, condition: 50, ...params });
    const a = objective.data[0].data;
    const at = (i: number) =>
      params.spacing === 'log' ? 50 ** (i / (p - 1) - 1) : 1 / 50 + (i / (p - 1)) * (1 - 1 / 50);
    // The traces of A, A² and A³ are the power sums of the eigenvalues.
    let power = Float64Array.from(a);
    for (let k = 1; k <= 3; k++) {
      let trace = 0;
      let sum = 0;
      for (let i = 0; i < p; i++) {
        trace += power[i * p + i];
        sum += at(i) ** k;
      }
      expect(trace).toBeCloseTo(sum, 12);
      const next = new Float64Array(p * p);
      for (let i = 0; i < p; i++)
        for (let j = 0; j < p; j++)
          for (let l = 0; l < p; l++) next[i * p + j] += power[i * p + l] * a[l * p + j];
      power = next;
    }
  });

  test('has a minimiser without slope, and a certificate that no point beats', async () => {
    const objective = await quadratic({ dimension: 20, condition: 1000 }, 7);
    const certificate = await objective.certify?.({}, new AbortController().signal);
    if (!certificate?.minimiser) throw new Error('a quadratic has a certificate');
    const slope = gradientAt(objective, certificate.minimiser)[0].data;
    expect(Math.max(...Array.from(slope, Math.abs))).toBeLessThan(1e-14);
    expect(valueAt(objective, certificate.minimiser)).toBeCloseTo(certificate.value, 12);
    for (let k = 0; k < 10; k++) {
      const d = point(objective, k, 0.1);
      const away = valueAt(objective, along(certificate.minimiser, 1, d));
      const excess = away - certificate.value;
      const square = inner(d, d);
      expect(excess).toBeGreaterThanOrEqual(square / 2 / 1000 - 1e-13);
      expect(excess).toBeLessThanOrEqual(square / 2 + 1e-13);
    }
  });

  test('is the same for the same seed and another for another', async () => {
    const [a, b, c] = await Promise.all([quadratic({}, 1), quadratic({}, 1), quadratic({}, 2)]);
    expect(a.data[0].data).toEqual(b.data[0].data);
    expect(a.data[0].data).not.toEqual(c.data[0].data);
  });
});

describe('loss/poisson', () => {
  test('is the negative log-likelihood of the counts, up to log y!', async () => {
    const objective = await loss('loss/poisson', await model('model/linear', COUNTS));
    const [weights, bias] = point(objective, 20, 0.3);
    const targets = COUNTS.targets.kind === 'values' ? COUNTS.targets.values.data : [];
    let expected = 0;
    for (let i = 0; i < 30; i++) {
      let z = bias.data[0];
      for (let j = 0; j < 4; j++) z += weights.data[j] * REAL.features.data[4 * i + j];
      const rate = Math.exp(z);
      // P(y) by its recursion P(k) = P(k − 1) rate/k; then without the constant log y!.
      let probability = Math.exp(-rate);
      let factorial = 1;
      for (let k = 1; k <= targets[i]; k++) {
        probability *= rate / k;
        factorial *= k;
      }
      expected -= Math.log(probability * factorial) / 30;
    }
    expect(valueAt(objective, [weights, bias])).toBeCloseTo(expected, 12);
  });

  test('refuses what is not a count, by its place', async () => {
    const wrong = dataset(REAL.features, values([...new Array<number>(29).fill(1), 2.5]));
    await expect(loss('loss/poisson', await model('model/linear', wrong))).rejects.toThrow(
      /expected counts, whole numbers from 0, got 2\.5 in sample 30/,
    );
  });
});

describe('loss/density-likelihood', () => {
  const PLANE = gaussianRegression(12, 2, 9);
  const flow = (params = {}) => model('model/cnf', PLANE, { widths: [6], steps: 4, ...params });

  test('adds λ times the transport cost to the likelihood, and reports the likelihood alone', async () => {
    const plain = await loss('loss/density-likelihood', await flow());
    const x = point(plain, 30, 0.5);
    const nll = valueAt(plain, x);
    const costs = await Promise.all(
      [0, 1, 3].map(async (lambda) => {
        const objective = await loss('loss/density-likelihood', await flow(), [], {
          transportCost: true,
          lambda,
        });
        const [alone] = evaluateAt(objective, x, (v, d, live) => [objective.dataTerm(v, d, live)]);
        expect(alone.data[0]).toBeCloseTo(nll, 13);
        return valueAt(objective, x) - nll;
      }),
    );
    expect(costs[0]).toBeCloseTo(0, 13);
    expect(costs[1]).toBeGreaterThan(0);
    expect(costs[2]).toBeCloseTo(3 * costs[1], 12);
  });

  test('gives a flow with a stochastic trace one fixed direction of signs for each sample', async () => {
    const objective = await loss('loss/density-likelihood', await flow({ trace: 'rademacher' }));
    expect(objective.data[1].shape).toEqual([12, 2]);
    expect(objective.data[1].data.every((v: number) => Math.abs(v) === 1)).toBe(true);
    expect(new Set(objective.data[1].data).size).toBe(2);
    const x = point(objective, 31, 0.5);
    expect(valueAt(objective, x)).toBe(valueAt(objective, x));
    const exact = await loss('loss/density-likelihood', await flow());
    expect(valueAt(objective, x)).not.toBe(valueAt(exact, x));
  });

  test('refuses models without a density, and a density refuses losses on targets', async () => {
    await expect(
      loss('loss/density-likelihood', await model('model/linear', PLANE)),
    ).rejects.toThrow(/expected a model that is a probability density.*got Linear model/);
    await expect(loss('loss/squared-error', await flow())).rejects.toThrow(
      /expected a model that predicts targets, got Flow 2-6-2/,
    );
  });
});
