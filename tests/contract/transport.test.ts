/** The nodes of optimal transport: what they refuse, and the loss's gradient. */
import { describe, expect, test } from 'vitest';
import { wassersteinFlow } from '../../src/lib/gallery/wasserstein-flow.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { createDeviceManager } from '../../src/lib/runtime/device/select.ts';
import { runHeadless } from '../../src/lib/runtime/run/headless.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import type { DatasetValue, ModelValue } from '../../src/lib/runtime/graph/ports.ts';
import type { Evaluation } from '../../src/lib/runtime/graph/node-definition.ts';
import { grad } from '../../src/lib/runtime/transform/index.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import { dataset, definitionOf, evaluateAt, model, values } from './support/problems.ts';

const cloud = (n: number, d: number, seed: number, weights?: readonly number[]): DatasetValue =>
  dataset(
    hostFloat(hostNormal(hostKey(seed), n * d), [n, d]),
    weights ? values(weights) : { kind: 'none' },
  );

const between = (
  type: string,
  source: DatasetValue,
  target: DatasetValue,
  params: Parameters<typeof evaluateNode>[1] = {},
) => evaluateNode(definitionOf(type), { ...params, inputs: { source, target } });

describe.each([
  ['check/exact-transport', 500],
  ['check/sinkhorn', 1000],
] as const)('%s', (type, most) => {
  test('refuses clouds of unequal dimensions', async () => {
    await expect(async () => between(type, cloud(5, 2, 1), cloud(5, 3, 2))).rejects.toThrow(
      /same dimension, got 2 .* and 3/,
    );
  });

  test('refuses a point without a coordinate and names it', async () => {
    const holed = cloud(4, 2, 1);
    holed.features.data[5] = NaN;
    await expect(async () => between(type, holed, cloud(4, 2, 2))).rejects.toThrow(
      /finite coordinates, got NaN at point 2/,
    );
  });

  test('refuses weights that do not sum to one, and normalises them only when asked', async () => {
    const a = cloud(3, 2, 1, [1, 2, 3]);
    const b = cloud(3, 2, 2, [0.5, 0.25, 0.25]);
    const params = { weights: 'targets' };
    await expect(async () => between(type, a, b, { params })).rejects.toThrow(
      /weights that sum to 1, got 6/,
    );
    const { outputs } = await between(type, a, b, { params: { ...params, normalise: true } });
    expect(outputs).toHaveProperty('cost');
  });

  test('refuses negative weights', async () => {
    const a = cloud(3, 2, 1, [0.5, 0.75, -0.25]);
    await expect(async () =>
      between(type, a, cloud(3, 2, 2), { params: { weights: 'targets' } }),
    ).rejects.toThrow(/finite weights ≥ 0, got -0.25 at point 2/);
  });

  test('refuses an empty cloud', async () => {
    await expect(async () => between(type, cloud(0, 2, 1), cloud(4, 2, 2))).rejects.toThrow(
      /at least one point, got none/,
    );
  });

  test('tells its progress, lets other work run meanwhile, and stops when it is aborted', async () => {
    const controller = new AbortController();
    const progress: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const params: Record<string, number> =
      type === 'check/sinkhorn' ? { entropicReg: 1e-4, maxIterations: 100_000 } : {};
    const work = between(type, cloud(500, 2, 1), cloud(500, 2, 2), {
      params,
      signal: controller.signal,
      progress: (fraction) => {
        progress.push(fraction);
        if (progress.length === 2) controller.abort(new Error('no longer wanted'));
      },
    });
    await expect(async () => work).rejects.toThrow('no longer wanted');
    clearInterval(timer);
    expect(progress).toHaveLength(2);
    expect(progress.every((fraction) => fraction > 0 && fraction < 1)).toBe(true);
    expect(turns).toBeGreaterThan(0);
  });

  test(`refuses more than ${most} points`, async () => {
    await expect(async () => between(type, cloud(most + 1, 2, 1), cloud(3, 2, 2))).rejects.toThrow(
      new RegExp(`at most ${most} × ${most} points, got ${most + 1} × 3`),
    );
  });
});

test('check/exact-transport sorts on the line, where it is asked to or points are many', async () => {
  const type = 'check/exact-transport';
  const scalars = (of: Evaluation) =>
    ['cost', 'pairs', 'gap'].map((name) => output(of, name, 'scalar').value);
  const [a, b] = [cloud(40, 1, 1), cloud(30, 1, 2)];
  const [cost, pairs, gap] = scalars(await between(type, a, b, { params: { method: 'sorting' } }));
  const program = scalars(await between(type, a, b));
  expect(Math.abs(cost - program[0])).toBeLessThan(1e-12);
  expect(pairs).toBeLessThanOrEqual(69);
  expect(gap).toBeLessThan(1e-12);
  const many = await between(type, cloud(800, 1, 1), cloud(700, 1, 2));
  expect(many.status).toMatch(/by sorting/);
  expect(scalars(many).every(Number.isFinite)).toBe(true);
  await expect(async () =>
    between(type, cloud(4, 2, 1), cloud(4, 2, 2), { params: { method: 'sorting' } }),
  ).rejects.toThrow(/points on the line to sort, got 2 dimensions/);
});

test.each([0, -0.1])('check/sinkhorn refuses ε = %d', async (entropicReg) => {
  const work = between('check/sinkhorn', cloud(3, 2, 1), cloud(3, 2, 2), {
    params: { entropicReg },
  });
  await expect(async () => work).rejects.toThrow(new RegExp(`ε.*got ${entropicReg}`));
});

describe('loss/wasserstein', () => {
  const data = dataset(
    hostFloat(hostUniform(hostKey(4), 24), [12, 2]),
    { kind: 'none' },
    'unit square',
  );
  const EXACT = { distance: 'exact' };
  // The envelope theorem holds at converged potentials: many iterations and a wide ε make the rest negligible.
  const DISTANCES = [
    ['Sinkhorn divergence', { distance: 'sinkhorn', entropicReg: 1, iterations: 300 }],
    ['entropic', { distance: 'entropic', entropicReg: 1, iterations: 300 }],
    ['exact', EXACT],
    ['sliced', { distance: 'sliced', projections: 5 }],
  ] as const;
  type Params = NonNullable<Parameters<typeof evaluateNode>[1]>['params'];

  const lossOf = (of: ModelValue, on: DatasetValue, params: Params = {}) =>
    evaluateNode(definitionOf('loss/wasserstein'), { params, inputs: { model: of, data: on } });

  async function expectGradient(of: ModelValue, on: DatasetValue, params: Params): Promise<void> {
    const objective = output(await lossOf(of, on, params), 'objective', 'objective');
    const x = objective.variables.map(({ shape }, i) => {
      const n = shape.reduce((a, b) => a * b, 1);
      return hostFloat(hostNormal(hostKey(20 + i), n), shape);
    });
    const at = (point: typeof x) =>
      evaluateAt(objective, point, (v, d, live) => [objective.value(v, d, live)])[0].data[0];
    const gradient = evaluateAt(objective, x, (v, d, live) =>
      grad((u) => objective.value(u, d, live))(v),
    );
    const h = 1e-5;
    for (const [i, part] of x.entries())
      for (let j = 0; j < part.data.length; j++) {
        const moved = (t: number) =>
          x.map((other, k) => {
            if (k !== i) return other;
            const shifted = Float64Array.from(other.data);
            shifted[j] += t;
            return hostFloat(shifted, other.shape);
          });
        const slope = (at(moved(h)) - at(moved(-h))) / (2 * h);
        // Differences are good to h² and rounding/h, about 1e-9 here.
        expect(Math.abs(gradient[i].data[j] - slope)).toBeLessThan(1e-7);
      }
  }

  test.each(DISTANCES)('has the gradient that central differences give: %s', async (_, params) => {
    await expectGradient(await model('model/generator', data, { widths: [3] }), data, params);
  });

  test.each(DISTANCES)(
    'has the gradient in points and weights, against weighted data of another number: %s',
    async (_, params) => {
      const points = await model('model/particles', cloud(7, 2, 5), { free: 'both' });
      await expectGradient(points, cloud(5, 2, 6, [1, 2, 3, 4, 5]), {
        ...params,
        weights: 'targets',
        normalise: true,
      });
    },
  );

  test('sorts on the line, with the gradient in points and weights', async () => {
    const points = await model('model/particles', cloud(7, 1, 5), { free: 'both' });
    await expectGradient(points, cloud(9, 1, 6), EXACT);
  });

  test('draws minibatches only of as many points as the data has', async () => {
    const points = await model('model/particles', cloud(7, 2, 5));
    const of = output(await lossOf(points, cloud(7, 2, 6)), 'objective', 'objective');
    expect(of.samples).toBe(7);
    const other = output(await lossOf(points, cloud(9, 2, 6)), 'objective', 'objective');
    expect(other.samples).toBeNull();
  });

  test.each([
    [
      'a point without a coordinate',
      {},
      () => withHole(),
      /finite coordinates, got NaN at point 2/,
    ],
    ['an empty cloud', {}, () => cloud(0, 2, 1), /at least one point .* got 4 and 0/],
    ['points that are all one', {}, () => constantCloud(4), /points that differ, got 4 times/],
    [
      'weights that do not sum to 1',
      { weights: 'targets' },
      () => cloud(4, 2, 1, [1, 1, 1, 1]),
      /sum to 1, got 4/,
    ],
    [
      'no weights',
      { weights: 'targets' },
      () => cloud(4, 2, 1),
      /target values as weights, got none/,
    ],
    [
      'more points than the linear program takes',
      EXACT,
      () => cloud(501, 2, 1),
      /at most 500 × 500/,
    ],
    ['a non-positive ε', { entropicReg: -1 }, () => cloud(4, 2, 1), /ε.*got -1/],
  ] as const)('refuses %s', async (_, params, make, message) => {
    const points = await model('model/particles', cloud(4, 2, 5));
    await expect(async () => lossOf(points, make(), params)).rejects.toThrow(message);
  });

  function withHole(): DatasetValue {
    const holed = cloud(4, 2, 1);
    holed.features.data[5] = NaN;
    return holed;
  }
  const constantCloud = (n: number) =>
    dataset(hostFloat(new Float64Array(2 * n).fill(3), [n, 2]), { kind: 'none' });

  test('refuses a model whose outputs have another dimension than the data', async () => {
    const line = dataset(hostFloat(hostUniform(hostKey(4), 12), [12, 1]), { kind: 'none' });
    await expect(async () =>
      evaluateNode(definitionOf('loss/wasserstein'), {
        inputs: { model: await model('model/generator', line), data },
      }),
    ).rejects.toThrow(/expected outputs in 2 dimensions/);
  });
});

describe('view/transport-plan', () => {
  const type = 'view/transport-plan';
  const line = async (source: DatasetValue, target: DatasetValue, params = {}) =>
    between(type, source, target, { params });

  test('draws a line for each pair of the exact plan, or a matrix', async () => {
    const lines = await line(cloud(20, 2, 1), cloud(20, 2, 2));
    expect(lines.view).toMatchObject({ kind: 'trajectories', points: 20, frames: 2 });
    const matrix = await line(cloud(20, 2, 1), cloud(30, 2, 2), { show: 'matrix' });
    expect(matrix.view).toMatchObject({ kind: 'heatmap', rows: 20, columns: 30 });
    const high = await line(cloud(6, 3, 1), cloud(5, 3, 2), { method: 'entropic' });
    expect(high.view).toMatchObject({ kind: 'heatmap', rows: 6, columns: 5 });
  });

  test('shows points on the line in order, so that the plan is a staircase', async () => {
    const { view } = await line(cloud(9, 1, 1), cloud(9, 1, 2));
    if (view?.kind !== 'heatmap') throw new Error('expected a matrix');
    view.values.forEach((mass, k) => expect(mass > 0).toBe(k % 10 === 0));
    expect(view.rowLabel).toMatch(/in order$/);
  });

  test('thins larger clouds evenly, more so while a run goes on, and says so', async () => {
    const whole = await line(cloud(300, 2, 1), cloud(90, 2, 2), { points: 250, show: 'matrix' });
    expect(whole.view).toMatchObject({ rows: 250, columns: 90 });
    expect(whole.status).toMatch(/250 of 300 × 90 of 90 points$/);
    const source = { ...cloud(300, 2, 1), standing: { state: 'pending', reason: 'runs' } as const };
    const live = await line(source, cloud(90, 2, 2), { points: 250, show: 'matrix' });
    expect(live.view).toMatchObject({ rows: 150, columns: 90 });
    expect(live.status).toMatch(/150 of 300 .* while the run goes on/);
  });

  test('keeps weights when it thins', async () => {
    // All mass is on the points that are kept.
    const weights = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 / 20 : 0));
    const { view } = await line(cloud(40, 2, 1, weights), cloud(1, 2, 2, [1]), {
      points: 20,
      weights: 'targets',
      show: 'matrix',
    });
    if (view?.kind !== 'heatmap') throw new Error('expected a matrix');
    view.values.forEach((mass) => expect(mass).toBeCloseTo(1 / 20, 6));
  });

  test('refuses an exact plan of more than 500 points, clouds of unequal dimensions and points without coordinates', async () => {
    await expect(async () => line(cloud(4, 2, 1), cloud(4, 2, 2), { points: 600 })).rejects.toThrow(
      /at most 500 for the exact plan, got 600/,
    );
    await expect(async () => line(cloud(4, 2, 1), cloud(4, 3, 2))).rejects.toThrow(
      /same dimension, got 2 .* and 3/,
    );
    const holed = cloud(4, 2, 1);
    holed.features.data[5] = NaN;
    await expect(async () => line(holed, cloud(4, 2, 2))).rejects.toThrow(/got NaN at point 2/);
  });
});

test('a run of the exact distance for which WebGPU was chosen goes to float64 with a warning', async () => {
  const devices = createDeviceManager();
  const log: string[] = [];
  const { reports } = await runHeadless(wassersteinFlow.document, {
    registry,
    devices,
    device: 'webgpu',
    tables: { builtin: async () => '', stored: async () => null },
    onLog: (level, message) => log.push(`${level}: ${message}`),
  });
  devices.dispose();
  for (const { device, mode } of reports) {
    expect(device).toBe('cpu64');
    expect(mode).toMatch(/webgpu was chosen, but each step needs an exact transport plan/);
  }
  expect(log.some((line) => /^warning: .*webgpu was chosen/.test(line))).toBe(true);
});
