/** What is shown of the inside of deep networks, against closed forms and differences. */
import { describe, expect, test } from 'vitest';
import { depthOf, hiddenStates, outputGradients } from '../../src/lib/nodes/shared/deep.ts';
import { log10 } from '../../src/lib/numerics/elementary/index.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { principalPlane } from '../../src/lib/nodes/shared/principal-components.ts';
import { symmetricEigen } from '../../src/lib/numerics/symmetric-eigen.ts';
import { createCpu64, executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { ModelValue } from '../../src/lib/runtime/graph/ports.ts';
import type { LineView, TrajectoriesView } from '../../src/lib/runtime/graph/view-data.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import type { RunValue } from '../../src/lib/runtime/run/run-value.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import { oneSegment } from './support/history.ts';
import {
  dataset,
  definitionOf,
  gaussianClasses,
  gaussianRegression,
  labels,
  loss,
  model,
  plan,
  values,
} from './support/problems.ts';

const cpu64 = createCpu64();
const { signal } = new AbortController();

const gaussian = (seed: number, shape: readonly number[], scale = 1): HostArray =>
  hostFloat(
    hostNormal(
      hostKey(seed),
      shape.reduce((a, b) => a * b, 1),
    ).map((v) => scale * v),
    shape,
  );
const generic = (net: ModelValue, scale = 0.5): HostArray[] =>
  net.parameters.map(({ shape }, i) => gaussian(40 + i, shape, scale));

async function runOf(net: ModelValue, parameters: HostArray[], type: string): Promise<RunValue> {
  return {
    kind: 'run',
    nodeId: 'run',
    plan: await plan('optimizer/adam', await loss(type, net), { batchSize: 0 }),
    status: 'maxSteps',
    message: '',
    step: 1,
    parameters,
    initialParameters: parameters,
    series: { step: [1], objective: [1] },
    device: 'cpu64',
    precision: 'float64',
    ...oneSegment(),
  };
}

/** A·B of row-major matrices. */
const product = (a: ArrayLike<number>, b: ArrayLike<number>, n: number, m: number, k: number) =>
  Float64Array.from({ length: n * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    let total = 0;
    for (let p = 0; p < m; p++) total += a[i * m + p] * b[p * k + j];
    return total;
  });
const frobenius = (a: Float64Array): number => Math.sqrt(a.reduce((t, v) => t + v * v, 0));

describe('the gradient of the outputs in the hidden states', () => {
  test.each([true, false])(
    'at the origin is the product of the matrices of the layers (residual: %s)',
    async (residual) => {
      // tanh(0) = 0 and tanh′(0) = 1: without biases the network is linear there.
      const [L, n, K, T] = [5, 4, 3, 2];
      const zero = dataset(hostFloat(new Float64Array(2 * n), [2, n]), labels([0, 1], K));
      const net = await model('model/resnet', zero, {
        width: n,
        depth: L,
        horizon: T,
        residual,
      });
      const parameters = generic(net).map((p, i) =>
        i === 1 || i === 3
          ? hostFloat(
              p.data.map(() => 0),
              p.shape,
            )
          : p,
      );
      const [W, , V] = parameters.map(({ data }) => data);
      const norms = await outputGradients(
        cpu64,
        net,
        depthOf(net, 'test', 'model'),
        parameters,
        zero.features,
      );
      let jacobian = Float64Array.from(V);
      for (let l = L; l >= 0; l--) {
        expect(Math.abs(norms[l] / frobenius(jacobian) - 1)).toBeLessThan(1e-13);
        if (l === 0) break;
        const layer = Float64Array.from(W.slice((l - 1) * n * n, l * n * n), (w, at) =>
          residual ? (T / L) * w + +(at % (n + 1) === 0) : w,
        );
        jacobian = product(layer, jacobian, n, n, K);
      }
    },
  );

  test.each(['model/resnet', 'model/conv-resnet'])(
    'is that of differences of the outputs of %s',
    async (type) => {
      const data = gaussianClasses(3, 6, 3, 1);
      const net = await model(
        type,
        data,
        type === 'model/resnet'
          ? { width: 6, depth: 3, method: 'rk4' }
          : { height: 2, channels: 2, depth: 3, activation: 'tanh' },
      );
      const depth = depthOf(net, 'test', 'model');
      const parameters = generic(net, 0.3);
      const [N, size] = [3, depth.width];
      const none = hostFloat(new Float64Array((depth.layers + 1) * N * size), [
        depth.layers + 1,
        N,
        size,
      ]);
      const inputs = [...parameters, data.features, none];
      const shifted = trace((...v) => {
        const [p, x, s] = [v.slice(0, -2), v[v.length - 2], v[v.length - 1]];
        return [depth.applyShifted(p, x, s), net.apply(p, x)];
      }, inputs);
      const outputs = (shifts: HostArray) =>
        executeSync(shifted, [...parameters, data.features, shifts]);
      const [same, plain] = outputs(none);
      expect([...same.data]).toEqual([...plain.data]);
      const norms = await outputGradients(cpu64, net, depth, parameters, data.features);
      const h = 1e-4;
      for (const l of [0, 2, depth.layers]) {
        let squares = 0;
        for (let b = 0; b < N; b++)
          for (let j = 0; j < size; j++) {
            const at = (step: number): ArrayLike<number> => {
              const data = new Float64Array(none.data.length);
              data[(l * N + b) * size + j] = step;
              return outputs(hostFloat(data, none.shape))[0].data;
            };
            const [up, down] = [at(h), at(-h)];
            for (let k = 0; k < 9; k++) squares += ((up[k] - down[k]) / (2 * h)) ** 2;
          }
        // Differences are off by h² of third derivatives.
        expect(Math.abs(norms[l] / Math.sqrt(squares / N) - 1)).toBeLessThan(1e-6);
      }
    },
  );

  test('in the first state of a network as wide as its data is that in the data', async () => {
    const data = gaussianRegression(4, 3, 2);
    const net = await model('model/resnet', data, { width: 3, depth: 7 });
    const parameters = generic(net);
    const depth = depthOf(net, 'test', 'model');
    const norms = await outputGradients(cpu64, net, depth, parameters, data.features);
    const program = trace(
      (...v) => [net.apply(v.slice(0, -1), v[v.length - 1])],
      [...parameters, data.features],
    );
    const h = 1e-5;
    let squares = 0;
    for (let i = 0; i < 12; i++) {
      const at = (step: number): ArrayLike<number> => {
        const x = Float64Array.from(data.features.data);
        x[i] += step;
        return executeSync(program, [...parameters, hostFloat(x, [4, 3])])[0].data;
      };
      const [up, down] = [at(h), at(-h)];
      squares += ((up[Math.floor(i / 3)] - down[Math.floor(i / 3)]) / (2 * h)) ** 2;
    }
    expect(Math.abs(norms[0] / Math.sqrt(squares / 4) - 1)).toBeLessThan(1e-8);
  });
});

describe('gradient through depth', () => {
  const decay = async (net: ModelValue, params: Record<string, number>) => {
    const evaluation = await evaluateNode(definitionOf('check/gradient-decay'), {
      params,
      inputs: { model: net },
    });
    return {
      view: evaluation.view as LineView,
      smallest: output(evaluation, 'smallest', 'scalar').value,
      largest: output(evaluation, 'largest', 'scalar').value,
    };
  };

  test('falls as sᴸ in a plain network: E ratio² = s²ᴸ where it is linear', async () => {
    const [L, n, s, draws] = [6, 16, 0.5, 100];
    const zero = dataset(hostFloat(new Float64Array(n), [1, n]), values([0]));
    const net = await model('model/resnet', zero, {
      width: n,
      depth: L,
      residual: false,
      initialScale: s,
    });
    const { view, smallest, largest } = await decay(net, { draws });
    const [{ x, y }] = view.lines;
    const ratios = [...y].filter((_, i) => x[i] === 0).map((log) => 10 ** log);
    expect(ratios.length).toBe(draws);
    const squares = ratios.map((ratio) => ratio ** 2 / s ** (2 * L));
    const average = squares.reduce((a, b) => a + b) / draws;
    const variance = squares.reduce((a, b) => a + (b - average) ** 2, 0) / (draws - 1);
    // Four standard errors.
    expect(Math.abs(average - 1)).toBeLessThan(4 * Math.sqrt(variance / draws));
    expect(Math.sqrt(variance / draws)).toBeLessThan(0.2);
    expect(smallest).toBeCloseTo(Math.min(...ratios), 12);
    expect(largest).toBeCloseTo(Math.max(...ratios), 12);
  });

  test.each([8, 64])(
    'stays between (1 − 2sT/L)ᴸ and exp(2sT) in a residual one of %d layers',
    async (depth) => {
      const [s, T] = [0.5, 4];
      const net = await model('model/resnet', gaussianRegression(16, 2, 3), {
        width: 8,
        depth,
        horizon: T,
        initialScale: s,
      });
      const { smallest, largest } = await decay(net, { draws: 20 });
      expect(smallest).toBeGreaterThan((1 - (2 * s * T) / depth) ** depth);
      expect(largest).toBeLessThan(Math.exp(2 * s * T));
    },
  );

  test('refuses a model without layers of one width', async () => {
    const mlp = await model('model/mlp', gaussianRegression(8, 2, 3));
    await expect(decay(mlp, {})).rejects.toThrow(
      /Gradient through depth \(model\): expected a model with hidden states of one width, got MLP/,
    );
  });
});

test('gradient norms in the states are those of the model at the parameters of the run', async () => {
  const data = gaussianClasses(10, 2, 2, 5);
  const net = await model('model/resnet', data, { width: 3, depth: 4 });
  const parameters = generic(net);
  const run = await runOf(net, parameters, 'loss/logistic');
  const { view } = await evaluateNode(definitionOf('view/gradient-norms'), {
    params: { of: 'states' },
    inputs: { runs: [run] },
  });
  const expected = await outputGradients(
    cpu64,
    net,
    depthOf(net, 'test', 'model'),
    parameters,
    data.features,
  );
  const [{ x, y }] = (view as LineView).lines;
  expect([...x]).toEqual([0, 1, 2, 3, 4]);
  expect([...y]).toEqual([...expected.map(log10)]);
});

describe('trajectories through layers', () => {
  const show = async (run: RunValue, params: Record<string, number> = {}) =>
    (
      await evaluateNode(definitionOf('view/layer-trajectories'), {
        params,
        inputs: { run },
      })
    ).view as TrajectoriesView;

  test('of width 2 are the states themselves, from the data on, with their classes', async () => {
    const data = gaussianClasses(7, 2, 3, 6);
    const net = await model('model/resnet', data, { width: 2, depth: 5 });
    const parameters = generic(net);
    const view = await show(await runOf(net, parameters, 'loss/softmax-cross-entropy'), {
      samples: 4,
    });
    expect([view.frames, view.points, view.timeLabel]).toEqual([6, 4, 'layer']);
    expect([...view.times]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([view.xLabel, view.yLabel]).toEqual(['h1', 'h2']);
    if (data.targets.kind !== 'labels') throw new Error('classes');
    expect([...(view.labels ?? [])]).toEqual([...data.targets.labels.data.slice(0, 4)]);
    const states = await hiddenStates(
      cpu64,
      net,
      depthOf(net, 'test', 'run'),
      parameters,
      data.features,
    );
    for (let l = 0; l <= 5; l++)
      for (let i = 0; i < 4; i++) {
        expect(view.x[4 * l + i]).toBe(states.data[(7 * l + i) * 2]);
        expect(view.y[4 * l + i]).toBe(states.data[(7 * l + i) * 2 + 1]);
      }
    for (let i = 0; i < 4; i++) expect(view.x[i]).toBe(data.features.data[2 * i]);
  });

  test('of a run that lost its numbers are refused, with what to do', async () => {
    const net = await model('model/resnet', gaussianClasses(7, 2, 3, 6), { width: 4, depth: 2 });
    const lost = generic(net).map(({ data, shape }) =>
      hostFloat(
        data.map(() => NaN),
        shape,
      ),
    );
    await expect(show(await runOf(net, lost, 'loss/softmax-cross-entropy'))).rejects.toThrow(
      /Layer trajectories \(run\): expected finite hidden states.*Lower the step size/,
    );
  });

  test('of more are projected to two principal components, which the axes say', async () => {
    const data = gaussianClasses(9, 3, 2, 7);
    const net = await model('model/resnet', data, { width: 5, depth: 3 });
    const view = await show(await runOf(net, generic(net), 'loss/logistic'));
    expect(view.xLabel).toMatch(/^PC 1 \(\d+\.\d\d %\)$/);
    const variance = (v: Float64Array): number => v.reduce((t, x) => t + x * x, 0) / v.length;
    const mean = (v: Float64Array): number => v.reduce((t, x) => t + x, 0) / v.length;
    expect(Math.abs(mean(view.x))).toBeLessThan(1e-12);
    expect(variance(view.x)).toBeGreaterThan(variance(view.y));
    const covariance = view.x.reduce((t, x, i) => t + x * view.y[i], 0) / view.x.length;
    expect(Math.abs(covariance)).toBeLessThan(1e-12);
  });

  test('are refused of a model without layers, or with too many numbers to a state', async () => {
    const data = gaussianClasses(4, 64, 2, 8);
    const mlp = await model('model/mlp', data);
    await expect(show(await runOf(mlp, generic(mlp), 'loss/logistic'))).rejects.toThrow(
      /expected a model with hidden states of one width, got MLP/,
    );
    const wide = await model('model/conv-resnet', data);
    await expect(show(await runOf(wide, generic(wide), 'loss/logistic'))).rejects.toThrow(
      /expected hidden states of 2 to 256 numbers, got 512/,
    );
  });
});

describe('principal components', () => {
  test.each([1, 2, 7, 30])('come from eigenpairs of a symmetric matrix of size %d', async (n) => {
    const half = hostNormal(hostKey(n), n * n);
    const a = Float64Array.from(half, (v, at) => v + half[(at % n) * n + Math.floor(at / n)]);
    const { values: found, vectors } = await symmetricEigen(a, n, createPacer(signal));
    for (let k = 0; k < n; k++) {
      if (k > 0) expect(found[k]).toBeLessThanOrEqual(found[k - 1]);
      const image = product(a, vectors[k], n, n, 1);
      // Backward stable: residuals are a few n times 2⁻⁵³ of the norm of the matrix.
      image.forEach((v, i) =>
        expect(Math.abs(v - found[k] * vectors[k][i])).toBeLessThan(1e-13 * n),
      );
      for (let j = 0; j <= k; j++)
        expect(Math.abs(product(vectors[k], vectors[j], 1, n, 1)[0] - +(j === k))).toBeLessThan(
          1e-13,
        );
    }
  });

  test('of points in a plane keep all distances, and have all of the variance', async () => {
    // (u, v) ↦ u a + v b + c with orthonormal a, b in four dimensions.
    const flat = hostNormal(hostKey(3), 40);
    const [a, b, c] = [
      [0.5, 0.5, 0.5, 0.5],
      [0.5, -0.5, 0.5, -0.5],
      [3, 1, -2, 5],
    ];
    const points = Float64Array.from(
      { length: 80 },
      (_, at) =>
        5 * flat[2 * Math.floor(at / 4)] * a[at % 4] +
        flat[2 * Math.floor(at / 4) + 1] * b[at % 4] +
        c[at % 4],
    );
    const { x, y, shares } = await principalPlane(points, 20, 4, signal);
    expect(shares[0] + shares[1]).toBeCloseTo(1, 13);
    expect(shares[0]).toBeGreaterThan(shares[1]);
    for (let i = 1; i < 20; i++) {
      const exact = Math.hypot(5 * (flat[2 * i] - flat[0]), flat[2 * i + 1] - flat[1]);
      expect(Math.hypot(x[i] - x[0], y[i] - y[0])).toBeCloseTo(exact, 11);
    }
  });
});
