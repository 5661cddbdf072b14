import { describe, expect, it } from 'vitest';
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { add, constant, mean, mul, reshape, sum } from '../../../runtime/ir/ops.ts';
import { hostKey, hostNormal, hostUniform } from '../../../runtime/ir/random.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { HostArray, Value } from '../../../runtime/ir/types.ts';
import { grad, jacobian } from '../../../runtime/transform/index.ts';
import { flowDensity, logBase, type FlowSpec } from './density.ts';
import { solve, type MethodName } from './runge-kutta.ts';
import { prepareVelocity, velocityVariables } from './velocity.ts';

const run = (f: (...inputs: Value[]) => Value[], inputs: readonly HostArray[]): HostArray[] =>
  executeSync(trace(f, inputs), inputs);
const gaussian = (seed: number, shape: number[], scale = 1): HostArray =>
  hostFloat(
    hostNormal(
      hostKey(seed),
      shape.reduce((a, b) => a * b, 1),
    ).map((v) => scale * v),
    shape,
  );

function spec(widths: number[], more: Partial<FlowSpec> = {}): FlowSpec {
  return {
    dimension: 2,
    widths,
    activation: 'tanh',
    horizon: 1,
    method: 'rk4',
    steps: 8,
    checkpoint: 1,
    noise: 'none',
    ...more,
  };
}
const parametersOf = (s: FlowSpec, scale = 0.7): HostArray[] =>
  velocityVariables(s).map(({ shape }, i) => gaussian(100 + i, [...shape], scale));

describe('fixed-step solvers', () => {
  /** dq/dt = p, dp/dt = −q over a time T. */
  const oscillator = (method: MethodName, steps: number, T: number): number => {
    const [q, p] = run(
      (a, b) =>
        solve((_t, [x, y]) => [y, mul(x, -1)], [a, b], { method, steps, from: 0, to: T }).end,
      [hostFloat([1], []), hostFloat([0], [])],
    );
    return Math.hypot(q.data[0] - Math.cos(T), p.data[0] + Math.sin(T));
  };

  it.each([
    ['euler', 1],
    ['midpoint', 2],
    ['rk4', 4],
  ] as const)('%s has order %d on the oscillator', (method, order) => {
    const coarse = oscillator(method, 200, 2);
    const fine = oscillator(method, 400, 2);
    // The next term of the expansion changes the measured order by about h.
    expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.05);
    expect(Math.log2(coarse / fine)).toBeLessThan(order + 0.05);
  });

  it('depends on time as the right-hand side does, also backwards', () => {
    const cubic = (from: number, to: number): number =>
      run(
        (y) => solve((t) => [mul(mul(t, t), 3)], [y], { method: 'rk4', steps: 3, from, to }).end,
        [hostFloat([0], [])],
      )[0].data[0];
    // Fourth order is exact for a cubic.
    expect(cubic(1, 2)).toBeCloseTo(7, 13);
    expect(cubic(2, 1)).toBeCloseTo(-7, 13);
  });
});

describe('the divergence of the velocity', () => {
  it.each([[[5]], [[5, 7]], [[4, 5, 3]]])(
    'is the trace of the Jacobian with hidden widths %j',
    (widths) => {
      for (const activation of ['tanh', 'softplus'] as const) {
        const s = spec(widths, { dimension: 3, activation });
        const z = gaussian(1, [3]);
        const [direct, byJacobian] = run(
          (point, ...parameters) => {
            const field = prepareVelocity(s, parameters, null);
            const t = constant(hostFloat([0.3], []));
            const J = jacobian((x) => reshape(field.velocity(reshape(x, [1, 3]), t), [3]), point);
            const eye = constant(hostFloat([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]));
            return [field.at(reshape(point, [1, 3]), t).divergence, sum(mul(J, eye))];
          },
          [z, ...parametersOf(s)],
        );
        expect(direct.data[0]).toBeCloseTo(byJacobian.data[0], 12);
      }
    },
  );

  it.each(['rademacher', 'gaussian'] as const)(
    'is estimated without bias from %s directions',
    (noise) => {
      const n = 40_000;
      const s = spec([6, 5], { dimension: 4, noise });
      const point = Array.from(gaussian(2, [4]).data);
      const z = hostFloat(Array.from({ length: n }, () => point).flat(), [n, 4]);
      const directions =
        noise === 'gaussian'
          ? gaussian(3, [n, 4])
          : hostFloat(
              hostUniform(hostKey(3), 4 * n).map((u) => (u < 0.5 ? -1 : 1)),
              [n, 4],
            );
      const [sampled, exact] = run(
        (x, e, ...parameters) => {
          const t = constant(hostFloat([0.5], []));
          return [e, null].map((rows) => prepareVelocity(s, parameters, rows).at(x, t).divergence);
        },
        [z, directions, ...parametersOf(s)],
      );
      const values = Array.from(sampled.data);
      const average = values.reduce((a, b) => a + b) / n;
      const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / n;
      expect(variance).toBeGreaterThan(1e-3);
      // Four standard errors.
      expect(Math.abs(average - exact.data[0])).toBeLessThan(4 * Math.sqrt(variance / n));
    },
  );
});

describe('the density of a flow', () => {
  it('has log-determinant tr(A)·T for a linear field', () => {
    // tanh(δ a)/δ → a: a field within δ² of z ↦ zA, with A = W₁W₂.
    const delta = 1e-5;
    const [a, T] = [[0.3, -0.4, 0.2, 0.5], 1.5];
    const s = spec([2], { horizon: T, steps: 16 });
    const parameters = [
      hostFloat(
        a.map((v) => v * delta),
        [2, 2],
      ),
      hostFloat([0, 0]),
      hostFloat([0, 0]),
      hostFloat([1 / delta, 0, 0, 1 / delta], [2, 2]),
      hostFloat([0, 0]),
    ];
    const x = gaussian(4, [5, 2]);
    const [logProb, base, back] = run(
      (at, ...p) => {
        const field = prepareVelocity(s, p, null);
        const { end } = solve((t, [z]) => [field.velocity(z, t)], [at], {
          method: 'rk4',
          steps: 16,
          from: T,
          to: 0,
        });
        return [flowDensity(s).logProb(p, at, null), logBase(end[0]), end[0]];
      },
      [x, ...parameters],
    );
    for (let i = 0; i < 5; i++) {
      // The remainder is δ² and rounding divided by δ.
      expect(base.data[i] - logProb.data[i]).toBeCloseTo((a[0] + a[3]) * T, 9);
    }
    expect(back.shape).toEqual([5, 2]);
  });

  it('finds by solving backwards the draw that a sample came from', () => {
    const s = spec([8], { steps: 64 });
    const z = gaussian(5, [6, 2]);
    const [logProb, expected] = run(
      (draws, ...p) => {
        const density = flowDensity(s);
        const samples = density.sample(p, draws);
        const field = prepareVelocity(s, p, null);
        const { end } = solve(
          (t, [at]) => {
            const { velocity, divergence } = field.at(at, t);
            return [velocity, divergence];
          },
          [draws, mul(sum(draws, 1), 0)],
          { method: 'rk4', steps: 64, from: 0, to: 1 },
        );
        return [density.logProb(p, samples, null), add(logBase(draws), mul(end[1], -1))];
      },
      [z, ...parametersOf(s)],
    );
    for (let i = 0; i < 6; i++) expect(logProb.data[i]).toBeCloseTo(expected.data[i], 6);
  });

  it('integrates to one over the plane', () => {
    const s = spec([8], { steps: 32 });
    const side = 161;
    const half = 12;
    const grid = new Float64Array(2 * side * side);
    for (let i = 0; i < side * side; i++) {
      grid[2 * i] = -half + (2 * half * (i % side)) / (side - 1);
      grid[2 * i + 1] = -half + (2 * half * Math.floor(i / side)) / (side - 1);
    }
    const [logProb] = run(
      (x, ...p) => [flowDensity(s).logProb(p, x, null)],
      [hostFloat(grid, [side * side, 2]), ...parametersOf(s, 0.5)],
    );
    const cell = ((2 * half) / (side - 1)) ** 2;
    const mass = Array.from(logProb.data).reduce((total, l) => total + Math.exp(l) * cell, 0);
    // Trapezoidal sums of smooth functions that vanish at the border converge faster than any power of the spacing.
    expect(Math.abs(mass - 1)).toBeLessThan(1e-5);
  });

  it.each([1, 3])(
    'has gradients equal to central differences with a checkpoint every %d steps',
    (checkpoint) => {
      for (const noise of ['none', 'gaussian'] as const) {
        const s = spec([5, 4], { checkpoint, noise });
        const density = flowDensity(s);
        const x = gaussian(6, [7, 2]);
        const directions = gaussian(7, [7, 2]);
        const parameters = parametersOf(s);
        const value = (p: readonly Value[], rows: Value, e: Value): Value =>
          mean(density.logProb(p, rows, noise === 'none' ? null : e));
        const inputs = [x, directions, ...parameters];
        const gradient = run((rows, e, ...p) => grad((q) => value(q, rows, e))(p), inputs);
        const program = trace((rows, e, ...p) => [value(p, rows, e)], inputs);
        const step = 1e-4;
        parameters.forEach((parameter, k) => {
          for (const j of [0, parameter.data.length - 1]) {
            const at = (h: number): number => {
              const data = Float64Array.from(parameter.data);
              data[j] += h;
              const moved = parameters.map((p, i) => (i === k ? hostFloat(data, p.shape) : p));
              return executeSync(program, [x, directions, ...moved])[0].data[0];
            };
            const central = (h: number): number => (at(h) - at(-h)) / (2 * h);
            // Richardson's combination removes the h² term: what is left is h⁴ and rounding divided by h.
            const difference = (4 * central(step) - central(2 * step)) / 3;
            expect(gradient[k].data[j]).toBeCloseTo(difference, 9);
          }
        });
      }
    },
  );

  it('charges the kinetic energy of each path as transport', () => {
    // A constant field v = (1, −2): every path costs T‖v‖²/2.
    const s = spec([1], { horizon: 2 });
    const zeroed = velocityVariables(s).map(({ shape, name }) =>
      name === 'bias2'
        ? hostFloat([1, -2])
        : hostFloat(new Float64Array(shape.reduce((a, b) => a * b, 1)), [...shape]),
    );
    const [transport, logProb] = run(
      (x, ...p) => {
        const both = flowDensity(s).logProbAndTransport?.(p, x, null);
        if (both === undefined) throw new Error('a flow has a transport cost');
        return [both.transport, both.logProb];
      },
      [hostFloat([2, -4], [1, 2]), ...zeroed],
    );
    expect(transport.data[0]).toBeCloseTo(5, 12);
    expect(logProb.data[0]).toBeCloseTo(-Math.log(2 * Math.PI), 12);
  });

  it('begins trajectories at the draws and ends them at the samples', () => {
    const s = spec([6]);
    const z = gaussian(8, [4, 2]);
    const [path, samples] = run(
      (draws, ...p) => {
        const density = flowDensity(s);
        const way = density.trajectory?.(p, draws, 9);
        if (way === undefined) throw new Error('a flow has trajectories');
        return [way, density.sample(p, draws)];
      },
      [z, ...parametersOf(s)],
    );
    expect(path.shape).toEqual([9, 4, 2]);
    expect(Array.from(path.data.slice(0, 8))).toEqual(Array.from(z.data));
    // Nine frames are eight steps, those of the model.
    expect(Array.from(path.data.slice(-8))).toEqual(Array.from(samples.data));
  });
});
