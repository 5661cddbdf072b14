import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataNodes } from '../../src/lib/nodes/data/index.ts';
import type { GraphDocument, ParamValue } from '../../src/lib/runtime/graph/document.ts';
import { schedule } from '../../src/lib/runtime/graph/schedule.ts';
import { emptyDocument } from '../../src/lib/runtime/graph/schema.ts';
import type { DatasetValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import type { NodeCall } from './support/evaluate-node.ts';

const node = (type: string) => {
  const found = dataNodes.find((definition) => definition.type === type);
  if (found === undefined) throw new Error(`no node ${type}`);
  return found;
};
const evaluate = (type: string, call?: NodeCall) => evaluateNode(node(type), call);
const dataset = async (
  type: string,
  params: Readonly<Record<string, ParamValue>> = {},
  seed = 0,
): Promise<DatasetValue> => output(await evaluate(type, { params, seed }), 'dataset', 'dataset');

const labelsOf = (data: DatasetValue): Int32Array => {
  if (data.targets.kind !== 'labels') throw new Error('expected labels');
  return Int32Array.from(data.targets.labels.data);
};
const valuesOf = (data: DatasetValue): number[] => {
  if (data.targets.kind !== 'values') throw new Error('expected values');
  return Array.from(data.targets.values.data);
};
const column = (array: HostArray, j: number): number[] =>
  Array.from({ length: array.shape[0] }, (_, i) => array.data[i * array.shape[1] + j]);
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]): number => mean(x.map((v) => (v - mean(x)) ** 2));
const covariance = (x: readonly number[], y: readonly number[]): number =>
  mean(x.map((v, i) => (v - mean(x)) * (y[i] - mean(y))));

/** Nodes without inputs, with parameters that make them random. */
const GENERATORS = [
  'data/checkerboard',
  'data/curve',
  'data/eight-gaussians',
  'data/gaussian-clouds',
  'data/sparse-regression',
  'data/spirals',
  'data/two-moons',
];

/** The classes c0, c1, …, as fixtures call them. */
const renamed = (data: DatasetValue): DatasetValue =>
  data.targets.kind === 'labels'
    ? {
        ...data,
        targets: { ...data.targets, classes: data.targets.classes.map((_, k) => `c${k}`) },
      }
    : data;

/** Those made from datasets alone; what reads a run is evaluated on one in nodes.test.ts. */
const fromDatasets = dataNodes.filter(({ inputs }) =>
  inputs.every(({ type }) => type === 'dataset'),
);

describe.each(fromDatasets.map((definition) => [definition.type, definition] as const))(
  '%s',
  (_type, definition) => {
    const inputs = async (): Promise<NodeCall['inputs']> =>
      Object.fromEntries(
        await Promise.all(
          definition.inputs
            .filter((port) => port.optional !== true)
            .map(
              async (port) => [port.name, renamed(await dataset('data/gaussian-clouds'))] as const,
            ),
        ),
      );

    it('accepts its valid fixtures, with consistent shapes and finite values', async () => {
      // The default of a picture, and of groups of classes, is none, and the node waits for them.
      const waits = Object.entries(definition.params).some(
        ([name, { kind }]) => kind === 'picture' || name === 'groups',
      );
      for (const params of [...(waits ? [] : [{}]), ...definition.fixtures.valid]) {
        const evaluation = await evaluateNode(definition, { params, inputs: await inputs() });
        expect(evaluation.status).toBeTruthy();
        expect(evaluation.view).toBeDefined();
        for (const value of Object.values(evaluation.outputs ?? {})) {
          const data = value as DatasetValue;
          const [samples, features] = data.features.shape;
          expect(data.features.data.length).toBe(samples * features);
          expect(data.featureNames.length).toBe(features);
          expect(data.features.data.every((x: number) => Number.isFinite(x))).toBe(true);
          const { targets } = data;
          if (targets.kind === 'values') expect(targets.values.shape).toEqual([samples]);
          if (targets.kind === 'labels') {
            expect(targets.labels.shape).toEqual([samples]);
            const { classes } = targets;
            expect(labelsOf(data).every((k) => k >= 0 && k < classes.length)).toBe(true);
          }
        }
      }
    });

    it('refuses its invalid fixtures with the documented message', async () => {
      for (const { params, message } of definition.fixtures.invalid) {
        await expect(
          (async () => evaluateNode(definition, { params, inputs: await inputs() }))(),
        ).rejects.toThrow(message);
      }
    });
  },
);

describe('generated data', () => {
  it.each(GENERATORS)('%s: same seeds give the same draw, others another', async (type) => {
    const draw = async (seed: number, own: number) =>
      Array.from((await dataset(type, { seed: own }, seed)).features.data);
    const first = await draw(1, 2);
    expect(await draw(1, 2)).toEqual(first);
    expect(await draw(1, 3)).not.toEqual(first);
    expect(await draw(2, 2)).not.toEqual(first);
  });

  it('puts noiseless moons on their two half circles', async () => {
    const data = await dataset('data/two-moons', { noise: 0, samples: 100 });
    const labels = labelsOf(data);
    for (let i = 0; i < 100; i++) {
      const x = data.features.data[2 * i];
      const y = data.features.data[2 * i + 1];
      const upper = labels[i] === 0;
      expect(Math.hypot(x - (upper ? 0 : 1), y - (upper ? 0 : 0.5))).toBeCloseTo(1, 12);
      expect(upper ? y : 0.5 - y).toBeGreaterThanOrEqual(0);
    }
  });

  it('keeps neighbouring cloud centres the separation apart', async () => {
    for (const classes of [2, 3, 7]) {
      const data = await dataset('data/gaussian-clouds', {
        classes,
        spread: 0,
        separation: 3,
        samples: classes,
      });
      const [x0, y0, x1, y1] = Array.from(data.features.data);
      expect(Math.hypot(x0 - x1, y0 - y1)).toBeCloseTo(3, 12);
    }
  });

  it('reaches the Bayes error of two clouds with the line between the centres', async () => {
    const n = 40_000;
    const data = await dataset('data/gaussian-clouds', { samples: n, separation: 3, spread: 1 });
    const labels = labelsOf(data);
    // Centres at (±1.5, 0), the first at +1.5; Φ(−1.5) = 0.066807.
    const errors = column(data.features, 0).filter((x, i) => x > 0 !== (labels[i] === 0)).length;
    const standardError = Math.sqrt((0.0668 * 0.9332) / n);
    expect(Math.abs(errors / n - 0.066807)).toBeLessThan(4 * standardError);
  });

  it('puts eight Gaussians evenly on their circle, with the entropy log 8 + log(2πe σ²)', async () => {
    const n = 20_000;
    const data = await dataset('data/eight-gaussians', { samples: n, radius: 2, spread: 0.2 });
    const [x, y] = [column(data.features, 0), column(data.features, 1)];
    const counts = new Array<number>(8).fill(0);
    const surprise = x.map((u, i) => {
      const k = Math.round((4 * Math.atan2(y[i], u)) / Math.PI) & 7;
      counts[k]++;
      let density = 0;
      for (let j = 0; j < 8; j++) {
        const [a, b] = [2 * Math.cos((j * Math.PI) / 4), 2 * Math.sin((j * Math.PI) / 4)];
        density += Math.exp(-((u - a) ** 2 + (y[i] - b) ** 2) / 0.08) / (8 * 2 * Math.PI * 0.04);
      }
      return -Math.log(density);
    });
    // Counts are binomial, the surprise has variance 1: four standard errors each.
    for (const count of counts)
      expect(Math.abs(count - n / 8)).toBeLessThan(4 * Math.sqrt((n * 7) / 64));
    expect(Math.abs(mean(surprise) - 1.698)).toBeLessThan(4 / Math.sqrt(n));
  });

  it('puts the points of a checkerboard uniformly on every other square', async () => {
    const n = 8000;
    const data = await dataset('data/checkerboard', { samples: n, halfBoard: 2, extent: 2 });
    const counts = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const [c, r] = [0, 1].map((j) => Math.floor(data.features.data[2 * i + j] + 2));
      expect((c + r) % 2).toBe(0);
      counts.set(`${c},${r}`, (counts.get(`${c},${r}`) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values())
      expect(Math.abs(count - n / 8)).toBeLessThan(4 * Math.sqrt((n * 7) / 64));
  });

  it('puts noiseless spirals on Archimedean arms', async () => {
    const data = await dataset('data/spirals', { noise: 0, classes: 3, turns: 1, samples: 90 });
    const labels = labelsOf(data);
    for (let i = 0; i < 90; i++) {
      const x = data.features.data[2 * i];
      const y = data.features.data[2 * i + 1];
      const t = Math.hypot(x, y);
      const theta = 2 * Math.PI * (t + labels[i] / 3);
      expect(x).toBeCloseTo(t * Math.cos(theta), 12);
      expect(y).toBeCloseTo(t * Math.sin(theta), 12);
    }
  });

  it('leaves noise of the stated variance about the curve', async () => {
    const data = await dataset('data/curve', { samples: 20_000, noise: 0.5, from: 0, to: 2 });
    const x = column(data.features, 0);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...x)).toBeLessThanOrEqual(2);
    const noise = valuesOf(data).map((y, i) => y - Math.sin(2 * Math.PI * x[i]));
    // The sample variance has standard error σ²√(2/N) = 0.0025.
    expect(Math.abs(variance(noise) - 0.25)).toBeLessThan(0.01);
  });

  it('draws features with Toeplitz correlation and a target from s coefficients ±1', async () => {
    const data = await dataset('data/sparse-regression', {
      samples: 20_000,
      features: 6,
      nonzeros: 2,
      noise: 0,
      correlation: -0.6,
    });
    for (const [j, k] of [
      [0, 0],
      [0, 1],
      [1, 3],
      [2, 5],
    ]) {
      const measured = covariance(column(data.features, j), column(data.features, k));
      // Standard error of a covariance is at most √(2/N) = 0.01.
      expect(Math.abs(measured - (-0.6) ** Math.abs(j - k))).toBeLessThan(0.04);
    }
    const beta = Array.from(data.trueCoefficients?.data ?? []);
    expect(beta.filter((b) => Math.abs(b) === 1).length).toBe(2);
    expect(beta.filter((b) => b === 0).length).toBe(4);
    valuesOf(data)
      .slice(0, 100)
      .forEach((y, i) => {
        const predicted = beta.reduce((sum, b, j) => sum + b * data.features.data[6 * i + j], 0);
        expect(y).toBeCloseTo(predicted, 12);
      });
  });
});

describe('table', () => {
  it('reads the diabetes table with its last column as target values', async () => {
    const evaluation = await evaluate('data/table');
    const data = output(evaluation, 'dataset', 'dataset');
    expect(evaluation.status).toBe('442 × 10');
    expect(column(data.features, 0).slice(0, 2)).toEqual([59, 48]);
    expect(valuesOf(data).slice(0, 2)).toEqual([151, 75]);
  });

  it('previews the feature that best explains a value, and the two that best separate classes', async () => {
    const labelsOfPreview = async (name: string) => {
      const params = { table: { source: 'builtin' as const, name } };
      const { view } = await evaluate('data/table', { params });
      if (view?.kind !== 'table' || view.points === undefined) throw new Error('no points');
      return [view.points.xLabel, view.points.yLabel];
    };
    // Correlations with the progression: bmi 0.586, s5 0.566. Correlation ratios of iris: petals 0.94 and 0.93, sepals 0.62 and 0.40.
    expect(await labelsOfPreview('diabetes')).toEqual(['bmi', 'progression']);
    expect(await labelsOfPreview('iris')).toEqual(['petal_length_cm', 'petal_width_cm']);
  });

  it('turns digit numbers into ten classes when asked', async () => {
    const data = await dataset('data/table', {
      table: { source: 'builtin', name: 'digits' },
      targetKind: 'classes',
    });
    expect(data.targets.kind === 'labels' && data.targets.classes).toEqual([...'0123456789']);
    expect(Array.from(labelsOf(data).slice(0, 3))).toEqual([0, 1, 2]);
  });

  it('encodes a feature of texts as one column of 0 and 1 per category', async () => {
    const data = await dataset('data/table', {
      table: { source: 'builtin', name: 'iris' },
      target: 'petal_width_cm',
      features: 'species; sepal_length_cm',
    });
    expect(data.featureNames).toEqual([
      'species = setosa',
      'species = versicolor',
      'species = virginica',
      'sepal_length_cm',
    ]);
    expect(Array.from(data.features.data.slice(0, 4))).toEqual([1, 0, 0, 5.1]);
    expect(Array.from(data.features.data.slice(-4))).toEqual([0, 0, 1, 5.9]);
  });
});

describe('split', () => {
  it('partitions the samples, each with its own target, for any fraction and seed', async () => {
    const whole = await dataset('data/curve', { samples: 37 });
    const rowsOf = (data: DatasetValue) =>
      column(data.features, 0).map((x, i) => `${x} ${valuesOf(data)[i]}`);
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        fc.nat(99),
        async (f, seed) => {
          const evaluation = await evaluate('data/split', {
            params: { testFraction: f, seed },
            inputs: { dataset: whole },
          });
          const train = output(evaluation, 'train', 'dataset');
          const test = output(evaluation, 'test', 'dataset');
          expect(test.features.shape[0]).toBe(Math.round(f * 37));
          expect([...rowsOf(train), ...rowsOf(test)].sort()).toEqual(rowsOf(whole).sort());
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });

  it('keeps the class shares when stratified', async () => {
    const whole = await dataset('data/table', { table: { source: 'builtin', name: 'iris' } });
    const evaluation = await evaluate('data/split', {
      params: { testFraction: 0.3 },
      inputs: { dataset: whole },
    });
    const counts = [0, 0, 0];
    for (const label of labelsOf(output(evaluation, 'test', 'dataset'))) counts[label]++;
    expect(counts).toEqual([15, 15, 15]);
  });

  it('refuses a split that leaves a set empty', async () => {
    const whole = await dataset('data/curve', { samples: 3 });
    await expect(
      (async () =>
        evaluate('data/split', { params: { testFraction: 0.1 }, inputs: { dataset: whole } }))(),
    ).rejects.toThrow(/3 for training and 0 for testing/);
  });
});

describe('standardize', () => {
  const standardize = async (method: string, data: DatasetValue, test?: DatasetValue) =>
    evaluate('data/standardize', {
      params: { method, centerTargets: true },
      inputs: test === undefined ? { data } : { data, test },
    });

  it('gives training columns mean 0 and variance 1, norm 1, or range 0 to 1', async () => {
    const diabetes = await dataset('data/table');
    const scaled = async (method: string) =>
      output(await standardize(method, diabetes), 'data', 'dataset');
    const byVariance = await scaled('variance');
    const byNorm = await scaled('norm');
    const byRange = await scaled('range');
    for (let j = 0; j < 10; j++) {
      expect(mean(column(byVariance.features, j))).toBeCloseTo(0, 12);
      expect(variance(column(byVariance.features, j))).toBeCloseTo(1, 12);
      expect(Math.hypot(...column(byNorm.features, j))).toBeCloseTo(1, 12);
      expect(Math.min(...column(byRange.features, j))).toBe(0);
      expect(Math.max(...column(byRange.features, j))).toBe(1);
    }
    expect(mean(valuesOf(byVariance))).toBeCloseTo(0, 10);
  });

  it('maps the test set with the numbers of the training set', async () => {
    const diabetes = await dataset('data/table');
    const split = await evaluate('data/split', { inputs: { dataset: diabetes } });
    const train = output(split, 'train', 'dataset');
    const test = output(split, 'test', 'dataset');
    const mapped = output(await standardize('variance', train, test), 'test', 'dataset');
    const age = column(train.features, 0);
    const expected = column(test.features, 0).map(
      (x) => (x - mean(age)) / Math.sqrt(variance(age)),
    );
    column(mapped.features, 0).forEach((x, i) => expect(x).toBeCloseTo(expected[i], 10));
    expect(valuesOf(mapped)[0]).toBeCloseTo(valuesOf(test)[0] - mean(valuesOf(train)), 10);
  });

  it('leaves constant columns at 0 and names them', async () => {
    const digits = await dataset('data/table', {
      table: { source: 'builtin', name: 'digits' },
      targetKind: 'classes',
    });
    const evaluation = await standardize('variance', digits);
    // Pixels p0, p32 and p39 are 0 in all 1797 images.
    expect(evaluation.status).toBe('1797 × 64, 10 classes, 3 constant: p0, p32, p39');
    expect(column(output(evaluation, 'data', 'dataset').features, 32).every((x) => x === 0)).toBe(
      true,
    );
  });

  const table = (rows: readonly (readonly number[])[], name = 'x'): DatasetValue => ({
    kind: 'dataset',
    name,
    features: hostFloat(rows.flat(), [rows.length, rows[0].length]),
    featureNames: rows[0].map((_, j) => `x${j}`),
    targets: { kind: 'values', name: 'y', values: hostFloat(rows.map((_, i) => i)) },
  });

  it('takes numbers whose squares, sums and differences are no float64 numbers', async () => {
    // 1, 2, 3, 5: mean 2.75, variance 35/16.
    const shares = [1, 2, 3, 5].map((x) => (x - 2.75) / Math.sqrt(35 / 16));
    for (const unit of [1e-170, 1e-300, 5e-324 * 2 ** 30, 1e170, 2 ** 1021]) {
      for (const [method, expected] of [
        ['variance', shares],
        ['norm', shares.map((x) => x / 2)],
        ['range', [0, 0.25, 0.5, 1]],
      ] as const) {
        const data = table([1, 2, 3, 5].map((x) => [x * unit]));
        const found = output(await standardize(method, data), 'data', 'dataset').features.data;
        // The multiples of a unit are rounded themselves.
        expected.forEach((x, i) => expect(found[i]).toBeCloseTo(x, 14));
      }
    }
    const most = Number.MAX_VALUE;
    const wide = output(
      await standardize('range', table([[-most], [0], [most]])),
      'data',
      'dataset',
    );
    expect(Array.from(wide.features.data)).toEqual([0, 0.5, 1]);
  });

  it('keeps the digits of a spread that is small beside the mean', async () => {
    // Exact in float64: 1e9 and steps of 2^-20, a hundredth of a millionth of a millionth of it.
    const steps = Array.from({ length: 1000 }, (_, i) => ((i * 37) % 100) * 2 ** -20);
    const data = table(steps.map((step) => [1e9 + step]));
    const found = column(
      output(await standardize('variance', data), 'data', 'dataset').features,
      0,
    );
    const [center, spread] = [mean(steps), Math.sqrt(variance(steps))];
    found.forEach((x, i) => expect(x).toBeCloseTo((steps[i] - center) / spread, 9));
  });

  it('takes columns that differ by rounding alone as constant', async () => {
    const third = 0.1 + 0.2;
    const data = table(
      [0, 1, 2, 3, 4].map((i) => [
        i % 2 === 0 ? 0.3 : third,
        1e9 + i * 1.1920928955078125e-7,
        -7e-200,
        // Forty units in the last place of 1.
        1 + i * 10 * Number.EPSILON,
      ]),
    );
    for (const method of ['variance', 'norm', 'range']) {
      const evaluation = await standardize(method, data);
      expect(evaluation.status).toBe('5 × 4, 3 constant: x0, x1, x2');
      const { features } = output(evaluation, 'data', 'dataset');
      for (const j of [0, 1, 2]) expect(column(features, j)).toEqual([0, 0, 0, 0, 0]);
      expect(Math.max(...column(features, 3))).toBeGreaterThan(0.5);
    }
  });

  it('names the number that is not finite before or after scaling', async () => {
    const refused = async (data: DatasetValue, test?: DatasetValue) =>
      standardize('variance', data, test);
    await expect(refused(table([[1], [Infinity]]))).rejects.toThrow(
      /Standardize \(data\): expected finite numbers, got ∞ in "x0", row 2 of 'x'/,
    );
    await expect(refused(table([[1e-200], [2e-200]]), table([[1e200], [1]], 't'))).rejects.toThrow(
      /Standardize \(test, scaled\): expected finite numbers, got ∞ in "x0", row 1 of 't'/,
    );
  });

  it('carries true coefficients along, so that predictions stay the same up to the intercept', async () => {
    const data = await dataset('data/sparse-regression', { samples: 30, features: 8, noise: 0 });
    const mapped = output(await standardize('norm', data), 'data', 'dataset');
    const predict = (d: DatasetValue, i: number) =>
      Array.from(d.trueCoefficients?.data ?? []).reduce(
        (sum, b, j) => sum + b * d.features.data[8 * i + j],
        0,
      );
    for (let i = 1; i < 30; i++) {
      expect(predict(mapped, i) - predict(mapped, 0)).toBeCloseTo(
        predict(data, i) - predict(data, 0),
        12,
      );
    }
  });

  it('has no test output without a test input, and what is wired to it waits', () => {
    const registry = new Map(dataNodes.map((definition) => [definition.type, definition]));
    const place = (id: string, type: string) => ({
      id,
      type,
      version: 1,
      params: {},
      position: { x: 0, y: 0 },
    });
    const graph: GraphDocument = {
      ...emptyDocument(),
      nodes: [
        place('table', 'data/table'),
        place('scale', 'data/standardize'),
        place('split', 'data/split'),
      ],
      edges: [
        { from: ['table', 'dataset'], to: ['scale', 'data'] },
        { from: ['scale', 'test'], to: ['split', 'dataset'] },
      ],
    };
    const issueOf = (edges: GraphDocument['edges']) =>
      schedule({ ...graph, edges }, registry).byId.get('split')?.issue;
    expect(issueOf(graph.edges)).toMatchObject({ state: 'blocked', code: 'missing-input' });
    expect(issueOf(graph.edges)?.message).toMatch(/^Standardize \(Test data\): expected a wire/);
    expect(issueOf([...graph.edges, { from: ['table', 'dataset'], to: ['scale', 'test'] }])).toBe(
      null,
    );
  });

  it('refuses a test set with other features', async () => {
    const train = await dataset('data/curve');
    const test = await dataset('data/two-moons');
    await expect((async () => standardize('variance', train, test))()).rejects.toThrow(
      /the feature of the training data .* got .* without x and with x1, x2/,
    );
  });
});
