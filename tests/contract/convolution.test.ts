/** Convolutions and the network made of them: values, derivatives, devices, and what the network starts as. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convolve3x3 } from '../../src/lib/nodes/shared/convolution.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import type { ModelValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../src/lib/runtime/ir/host.ts';
import { mean, tanh } from '../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, hvp } from '../../src/lib/runtime/transform/index.ts';
import { gaussianClasses, largestDifference, loss, model } from './support/problems.ts';

interface Case {
  readonly shape: readonly [number, number, number, number];
  readonly outputs: number;
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly y: readonly number[];
}
const { cases } = JSON.parse(
  readFileSync(new URL('../reference/convolution.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const gaussian = (seed: number, shape: readonly number[]): HostArray =>
  hostFloat(
    hostNormal(
      hostKey(seed),
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

const run = (f: (...inputs: Value[]) => Value[], inputs: readonly HostArray[]): HostArray[] =>
  executeSync(trace(f, inputs), inputs);

/** The definition, pixel by pixel: x [C, H, W, B], kernel [C′, 3, 3, C]. */
function byDefinition(x: HostArray, kernel: HostArray): number[] {
  const [C, H, W, B] = x.shape;
  const at = (c: number, i: number, j: number, b: number): number =>
    i < 0 || i >= H || j < 0 || j >= W ? 0 : x.data[((c * H + i) * W + j) * B + b];
  const out: number[] = [];
  for (let to = 0; to < kernel.shape[0]; to++)
    for (let i = 0; i < H; i++)
      for (let j = 0; j < W; j++)
        for (let b = 0; b < B; b++) {
          let total = 0;
          for (let r = 0; r < 3; r++)
            for (let s = 0; s < 3; s++)
              for (let c = 0; c < C; c++)
                total +=
                  kernel.data[((to * 3 + r) * 3 + s) * C + c] * at(c, i + r - 1, j + s - 1, b);
          out.push(total);
        }
  return out;
}

describe('a convolution', () => {
  test.each(cases.map((c) => [`${c.shape.join(' × ')} to ${c.outputs}`, c] as const))(
    'of %s is that of SciPy and that of the definition',
    (_, { shape, outputs, ...rest }) => {
      const [x, kernel] = [
        hostFloat(rest.x, shape),
        hostFloat(rest.kernel, [outputs, 9 * shape[0]]),
      ];
      const [y] = run((a, k) => [convolve3x3(a, k)], [x, kernel]);
      expect(y.shape).toEqual([outputs, ...shape.slice(1)]);
      // Sums of at most 27 products of numbers of size 1: a few units of 2⁻⁵³ each.
      expect(largestDifference(y.data, rest.y)).toBeLessThan(1e-13);
      expect(largestDifference(y.data, byDefinition(x, kernel))).toBeLessThan(1e-13);
    },
  );

  test('refuses a kernel for another number of channels', () => {
    expect(() =>
      trace((x, k) => [convolve3x3(x, k)], [gaussian(1, [2, 3, 3, 1]), gaussian(2, [2, 9])]),
    ).toThrow(/convolve3x3: expected a kernel of 18 columns for 2 channels, got \[2, 9\]/);
  });

  test('has the gradient and the second derivatives of central differences', () => {
    const inputs = [gaussian(3, [2, 3, 4, 2]), gaussian(4, [3, 18])];
    // Of length about 1, so that a step of h is one.
    const directions = [gaussian(5, [2, 3, 4, 2]), gaussian(6, [3, 18])].map(({ data, shape }) =>
      hostFloat(
        data.map((v) => v / 10),
        shape,
      ),
    );
    const f = ([x, k]: readonly Value[]): Value => mean(tanh(convolve3x3(x, k)));
    const moved = (h: number): HostArray[] =>
      inputs.map(({ data, shape }, i) =>
        hostFloat(
          data.map((v, j) => v + h * directions[i].data[j]),
          shape,
        ),
      );
    const value = (h: number): number => run((...v) => [f(v)], moved(h))[0].data[0];
    const gradient = (h: number): number[] =>
      run((...v) => grad(f)(v), moved(h)).flatMap(({ data }) => [...data]);
    const [h, flat] = [1e-3, directions.flatMap(({ data }) => [...data])];

    const slope = gradient(0).reduce((total, g, j) => total + g * flat[j], 0);
    // Central differences of order 4: what is left is h⁴ and rounding divided by h.
    const difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
    expect(slope).toBeCloseTo(difference, 10);

    const curved = run(
      (...all) => hvp(f, all.slice(0, 2), all.slice(2)),
      [...inputs, ...directions],
    ).flatMap(({ data }) => [...data]);
    const [a, b, c, d] = [h, -h, 2 * h, -2 * h].map(gradient);
    const differences = a.map((_, j) => (8 * (a[j] - b[j]) - (c[j] - d[j])) / (12 * h));
    expect(largestDifference(curved, differences)).toBeLessThan(1e-10);
  });
});

describe('a convolutional residual network', () => {
  const pictures = gaussianClasses(6, 12, 3, 4);
  const initial = (net: ModelValue): HostArray[] => run((key) => net.init(key), [hostInt([1, 2])]);
  /** Parameters that no rule made: small, all different from zero. */
  const generic = (net: ModelValue): HostArray[] =>
    net.parameters.map(({ shape }, i) => {
      const { data } = gaussian(20 + i, shape);
      return hostFloat(
        data.map((v) => 0.3 * v),
        shape,
      );
    });
  const outputs = (net: ModelValue, parameters: readonly HostArray[], x: HostArray): HostArray =>
    run((...v) => [net.apply(v.slice(0, -1), v[v.length - 1])], [...parameters, x])[0];

  test.each([
    ['separate', 'position'],
    ['shared', 'mean'],
  ])('with kernels %s that reads by %s is the recursion written out', async (weights, pooling) => {
    const [C, L, T] = [2, 3, 1.5];
    const net = await model('model/conv-resnet', pictures, {
      height: 3,
      channels: C,
      depth: L,
      horizon: T,
      weights,
      pooling,
      activation: 'tanh',
    });
    const parameters = generic(net);
    const { features } = pictures;
    const [B, D] = features.shape;
    const images = new Float64Array(D * B);
    for (let b = 0; b < B; b++)
      for (let p = 0; p < D; p++) images[p * B + b] = features.data[b * D + p];
    const affine = (x: HostArray, kernel: ArrayLike<number>, bias: ArrayLike<number>): HostArray =>
      hostFloat(
        byDefinition(x, hostFloat(Array.from(kernel), [C, 9 * x.shape[0]])).map(
          (v, i) => v + bias[Math.floor(i / (D * B))],
        ),
        [C, 3, 4, B],
      );
    const [liftKernel, liftBias, kernels, biases, V, c] = parameters.map(({ data }) => data);
    const lifted = affine(hostFloat(images, [1, 3, 4, B]), liftKernel, liftBias);
    let h = hostFloat(lifted.data.map(Math.tanh), lifted.shape);
    for (let l = 0; l < L; l++) {
      const layer = (k: number, x: HostArray): HostArray => {
        const at = 2 * (weights === 'shared' ? 0 : l) + k;
        const size = 9 * C * C;
        return affine(
          x,
          kernels.slice(at * size, (at + 1) * size),
          biases.slice(at * C, (at + 1) * C),
        );
      };
      const first = layer(0, h);
      const second = layer(1, hostFloat(first.data.map(Math.tanh), first.shape));
      h = hostFloat(
        h.data.map((v, i) => v + (T / L) * second.data[i]),
        h.shape,
      );
    }
    const got = outputs(net, parameters, features);
    const read = pooling === 'mean' ? C : C * D;
    for (let b = 0; b < B; b++)
      for (let k = 0; k < 3; k++) {
        let z = c[k];
        for (let q = 0; q < read; q++) {
          const pixels = pooling === 'mean' ? Array.from({ length: D }, (_, p) => q * D + p) : [q];
          const feature = pixels.reduce((total, p) => total + h.data[p * B + b], 0) / pixels.length;
          z += feature * V[q * 3 + k];
        }
        expect(got.data[3 * b + k]).toBeCloseTo(z, 12);
      }
  });

  test('starts with blocks that change nothing, and hidden states that begin with the lifted image', async () => {
    const net = await model('model/conv-resnet', pictures, { height: 3, channels: 4, depth: 5 });
    const flat = await model('model/conv-resnet', pictures, { height: 3, channels: 4, depth: 1 });
    const [deep, shallow] = [initial(net), initial(flat)];
    for (const i of [0, 1, 4, 5]) expect([...deep[i].data]).toEqual([...shallow[i].data]);
    expect([...outputs(net, deep, pictures.features).data]).toEqual([
      ...outputs(flat, shallow, pictures.features).data,
    ]);
    const [path] = run(
      (...v) => [net.depth?.states(v.slice(0, -1), v[v.length - 1]) ?? v[0]],
      [...deep, pictures.features],
    );
    expect(path.shape).toEqual([6, 6, 48]);
    expect([...path.data.slice(-6 * 48)]).toEqual([...path.data.slice(0, 6 * 48)]);
    // He’s rule for the 9 · 4 weights in front of each unit; 720 draws have their variance to within a tenth or so.
    const { data } = deep[2];
    const size = 9 * 4 * 4;
    const drawn = [0, 2, 4, 6, 8].flatMap((k) => [...data.slice(k * size, (k + 1) * size)]);
    const variance = drawn.reduce((total, v) => total + v * v, 0) / drawn.length;
    expect(Math.abs(variance / (2 / 36) - 1)).toBeLessThan(4 * Math.sqrt(2 / drawn.length));
    expect(
      [1, 3, 5, 7, 9].every((k) => data.slice(k * size, (k + 1) * size).every((v) => v === 0)),
    ).toBe(true);
  });

  test('is refused images whose height does not divide the features', async () => {
    await expect(model('model/conv-resnet', pictures, { height: 5 })).rejects.toThrow(
      /Convolutional ResNet \(image height\): expected a divisor of the 12 features, got 5\./,
    );
  });

  describe('in float32', () => {
    let wasm: Device;
    beforeAll(async () => {
      wasm = await createWasm();
    });
    afterAll(() => wasm.dispose());

    test('has the loss and the gradient of float64 to rounding', async () => {
      const net = await model('model/conv-resnet', pictures, { height: 3, channels: 3, depth: 2 });
      const objective = await loss('loss/softmax-cross-entropy', net);
      const inputs = [...generic(net), ...objective.data];
      const count = net.parameters.length;
      const program = trace((...v) => {
        const f = (p: readonly Value[]): Value => objective.value(p, v.slice(count), {});
        return [f(v.slice(0, count)), ...grad(f)(v.slice(0, count))];
      }, inputs);
      const exact = executeSync(program, inputs);
      (await wasm.execute(program, inputs)).forEach(({ data }, i) => {
        const size = Math.max(1, ...exact[i].data.map(Math.abs));
        // Some hundred operations after each other, each off by 2⁻²⁴ of numbers of size 1.
        expect(largestDifference(data, exact[i].data)).toBeLessThan(100 * 2 ** -24 * size);
      });
    });
  });
});
