/** Residual networks as integrators: orders on the oscillator, symplecticity, and gradients through depth. */
import { describe, expect, test } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat, hostInt, zerosHost } from '../../src/lib/runtime/ir/host.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import type { ModelValue } from '../../src/lib/runtime/graph/ports.ts';
import type { ScalarValue } from '../../src/lib/runtime/graph/ports.ts';
import { oscillate, oscillator } from '../../src/lib/nodes/shared/flow/oscillator.ts';
import { constant, matmul } from '../../src/lib/runtime/ir/ops.ts';
import { solve } from '../../src/lib/nodes/shared/flow/runge-kutta.ts';
import type { MethodName } from '../../src/lib/nodes/shared/flow/runge-kutta.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import {
  dataset,
  definitionOf,
  gaussianRegression,
  last,
  loss,
  model,
  plan,
  run,
  values,
} from './support/problems.ts';

const plane = dataset(hostFloat([1, 0], [1, 2]), values([0]));

/** The last hidden state of the first point, by the layers of a model with given weights. */
function lastLayer(net: ModelValue, weights: readonly HostArray[], x: HostArray): Float64Array {
  const program = trace(
    (...all) => [net.depth?.states(all.slice(0, -1), all[all.length - 1]) ?? all[0]],
    [...weights, x],
  );
  const [path] = executeSync(program, [...weights, x]);
  return Float64Array.from(path.data.slice(-x.data.length));
}

/** The oscillator p′ = sin q, q′ = −sin p, close to the linear one for small points; its energy is −cos p − cos q. */
async function oscillateByLayers(method: string, depth: number, horizon: number, start: number[]) {
  const net = await model('model/resnet', plane, {
    width: 2,
    depth,
    horizon,
    method,
    weights: 'shared',
    activation: 'sin',
  });
  const halves = method === 'symplectic' || method === 'verlet';
  const weights = halves ? hostFloat([1], [1, 1]) : hostFloat([0, -1, 1, 0], [2, 2]);
  const rest = [zerosHost([2]), zerosHost([2, 1]), zerosHost([1])];
  return lastLayer(net, [weights, ...rest], hostFloat(start, [1, 2]));
}

describe('the layers integrate an oscillator', () => {
  test.each([
    ['euler', 1],
    ['midpoint', 2],
    ['rk4', 4],
    ['symplectic', 1],
    ['verlet', 2],
  ])('by %s with order %d', async (method, order) => {
    const exact = await oscillateByLayers('rk4', 256, 2, [0.8, 0.3]);
    const error = async (depth: number) => {
      const got = await oscillateByLayers(method, depth, 2, [0.8, 0.3]);
      return Math.hypot(got[0] - exact[0], got[1] - exact[1]);
    };
    const measured = Math.log2((await error(16)) / (await error(32)));
    // The order is that of h → 0; at h = 1/8 the next term still counts for some percent.
    expect(Math.abs(measured - order)).toBeLessThan(0.15);
  });

  test.each([
    ['euler', 1],
    ['midpoint', 2],
    ['rk4', 4],
  ] as const)('and the linear one by %s with order %d', (method: MethodName, order: number) => {
    const error = (steps: number) => {
      const program = trace(
        (y) =>
          solve((_t, [h]) => [matmul(h, constant(hostFloat([0, -1, 1, 0], [2, 2])))], [y], {
            method,
            steps,
            from: 0,
            to: 2,
          }).end,
        [hostFloat([1, 0], [1, 2])],
      );
      const [{ data }] = executeSync(program, [hostFloat([1, 0], [1, 2])]);
      return Math.hypot(data[0] - Math.cos(2), data[1] + Math.sin(2));
    };
    expect(Math.abs(Math.log2(error(64) / error(128)) - order)).toBeLessThan(0.05);
  });

  test('and keep the energy for long with symplectic methods only', async () => {
    const energy = (h: ArrayLike<number>) => -Math.cos(h[0]) - Math.cos(h[1]);
    const start = [0.8, 0.3];
    const drift = async (method: string) =>
      Math.abs(energy(await oscillateByLayers(method, 256, 51.2, start)) - energy(start));
    expect(await drift('symplectic')).toBeLessThan(0.1);
    expect(await drift('verlet')).toBeLessThan(0.01);
    expect(await drift('euler')).toBeGreaterThan(0.5);
  });
});

describe('the oscillator shows', () => {
  const scalarsOf = async (type: string, params: Record<string, number> = {}) => {
    const { outputs = {} } = await evaluateNode(definitionOf(type), { params });
    return Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, (value as ScalarValue).value]),
    );
  };

  test('the order of every method', async () => {
    const orders = await scalarsOf('view/integrator-orders');
    const expected = { euler: 1, midpoint: 2, rk4: 4, symplectic: 1, verlet: 2 };
    expect(Object.keys(orders).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, order] of Object.entries(expected)) {
      // Steps from 1/16 to 1/256: the next term of the error is a few percent of the first, and less in the slope.
      expect(Math.abs(orders[name] - order), name).toBeLessThan(0.03);
    }
  });

  test('the energy that the stability function says, |R(ih)|²ᴺ', async () => {
    const [h, steps] = [0.3, 150];
    const drift = await scalarsOf('view/oscillator-energy', { stepSize: h, steps });
    // R(z) = 1 + z + … + zˢ/s! at z = ih, as real and imaginary part.
    const modulus = (real: number, imaginary: number) => (real ** 2 + imaginary ** 2) ** steps;
    const exact = {
      euler: modulus(1, h) - 1,
      midpoint: modulus(1 - h ** 2 / 2, h) - 1,
      rk4: 1 - modulus(1 - h ** 2 / 2 + h ** 4 / 24, h - h ** 3 / 6),
    };
    for (const [name, value] of Object.entries(exact))
      expect(Math.abs(drift[name] / value - 1), name).toBeLessThan(1e-11);
  });

  test('an energy within its bound after twenty thousand symplectic steps', async () => {
    const [h, steps] = [0.5, 20_000];
    const drift = await scalarsOf('view/oscillator-energy', { stepSize: h, steps });
    const bounds = { symplectic: h / 2 / (1 - h / 2), verlet: h ** 2 / 4 / (1 - h ** 2 / 4) };
    for (const [name, bound] of Object.entries(bounds)) {
      expect(drift[name], name).toBeLessThanOrEqual(bound);
      // It is reached, too, to what the angles of the steps leave out.
      expect(drift[name], name).toBeGreaterThan(0.99 * bound);
    }
  });

  test('modified energies that symplectic steps keep to rounding', () => {
    const h = 0.4;
    const kept = {
      symplectic: (p: number, q: number) => p * p + q * q - h * p * q,
      verlet: (p: number, q: number) => p * p + (1 - h ** 2 / 4) * q * q,
    };
    for (const name of ['symplectic', 'verlet'] as const) {
      const { p, q } = oscillate(oscillator(name, 1000, h));
      // A thousand steps, each off by a few units of 2⁻⁵³.
      for (let k = 0; k <= 1000; k++)
        expect(Math.abs(kept[name](p[k], q[k]) - 1)).toBeLessThan(1e-12);
    }
  });
});

test('widths that do not fit are refused with the reason', async () => {
  await expect(model('model/resnet', plane, { width: 1 })).rejects.toThrow(
    /expected at least the 2 features, got 1/,
  );
  await expect(model('model/resnet', plane, { width: 3, method: 'symplectic' })).rejects.toThrow(
    /expected an even number/,
  );
});

test.each(['euler', 'rk4', 'symplectic', 'verlet'])(
  'a network with %s steps learns',
  async (method) => {
    const data = gaussianRegression(30, 3, 1);
    const net = await model('model/resnet', data, { depth: 6, method });
    const { columns } = await run(
      await plan('optimizer/adam', await loss('loss/squared-error', net), { batchSize: 0 }),
      200,
      { every: 200 },
    );
    expect(last(columns.objective)).toBeLessThan(0.5 * columns.objective[0]);
  },
);

test('the hidden states begin with the features and end where the output is read', async () => {
  const net = await model('model/resnet', plane, { width: 2, depth: 3 });
  const parameters = executeSync(
    trace((key) => net.init(key), [hostInt([1, 2])]),
    [hostInt([1, 2])],
  );
  const x = hostFloat([0.5, -0.25, 1, 2], [2, 2]);
  const [path, output] = executeSync(
    trace(
      (...all) => {
        const [p, points] = [all.slice(0, -1), all[all.length - 1]];
        return [net.depth?.states(p, points) ?? points, net.apply(p, points)];
      },
      [...parameters, x],
    ),
    [...parameters, x],
  );
  expect(path.shape).toEqual([4, 2, 2]);
  expect([...path.data.slice(0, 4)]).toEqual([...x.data]);
  const end = path.data.slice(-4);
  const v = parameters[2].data;
  expect(output.data[0]).toBeCloseTo(end[0] * v[0] + end[1] * v[1], 14);
});
