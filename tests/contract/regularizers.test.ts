/** Every regularizer: its prox against slow oracles and the properties a prox has. */
import { describe, expect, test } from 'vitest';
import { regularizerNodes } from '../../src/lib/nodes/regularizer/index.ts';
import { hostedRegularizer } from '../../src/lib/nodes/shared/hosted-regularizer.ts';
import { proxOracle, proxProblem } from '../../src/lib/nodes/shared/prox-oracle.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import { dot, hosted, minus, parameterSets, points } from './support/prox.ts';

/** argmin of a unimodal function on [low, high] by golden-section search, to about 1e-9. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let a = low;
  let b = high;
  for (let k = 0; k < 60; k++) {
    const c = b - ratio * (b - a);
    const d = a + ratio * (b - a);
    if (f(c) < f(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}

const length = (x: Float64Array) => Math.sqrt(dot(x, x));

describe.each(regularizerNodes.map((definition) => [definition.type, definition] as const))(
  '%s',
  (type, definition) => {
    const cases = parameterSets(definition).flatMap((params) =>
      [[4], [3, 2]].map(
        (shape) => [JSON.stringify(params), `[${shape.join(', ')}]`, params, shape] as const,
      ),
    );

    describe.each(cases)('with %s on %s', (_, _shape, params, shape) => {
      const n = shape.reduce((a, b) => a * b, 1);
      const setup = () => hosted(type, params, shape);
      /** s g(u) + ½‖u − v‖², with an exact penalty for a constraint. */
      const problemAt = (
        { g, ...functions }: Awaited<ReturnType<typeof setup>>,
        v: Float64Array,
        s: number,
      ) => proxProblem(functions, g.constraint !== undefined, v, s);

      test('has the prox that the ellipsoid method finds', async () => {
        const own = await setup();
        points(1, 3, n).forEach((v, k) => {
          const s = [0.1, 1, 4][k];
          const u = own.prox(v, s);
          const problem = problemAt(own, v, s);
          const oracle = proxOracle(problem, v, u);
          // Strong convexity: ½‖u − prox‖² ≤ F(u) − F*. The oracle ends at a gap of 1e-13 F, or 1e-5 of ‖v‖ and more at worst.
          const gap = Math.max(problem.value(u) - oracle.lower, 0);
          expect(Math.sqrt(2 * gap)).toBeLessThan(1e-5 * (length(v) + length(u)) + 1e-14);
          // Not beaten but by rounding.
          expect(problem.value(u)).toBeLessThanOrEqual(oracle.value * (1 + 1e-12) + 1e-28);
        });
      });

      test('has a prox that no sampled point beats', async () => {
        const own = await setup();
        for (const v of points(2, 5, n)) {
          for (const s of [0.1, 2]) {
            const u = own.prox(v, s);
            const { value } = problemAt(own, v, s);
            const best = value(u);
            for (const d of points(3, 10, n)) {
              // Rounding of the two sums: a few units in the last place, of each the norm of a matrix for the nuclear norm.
              expect(value(u.map((x, i) => x + d[i]))).toBeGreaterThanOrEqual(
                best - 1e-14 * best - 1e-28,
              );
            }
          }
        }
      });

      test('has a firmly nonexpansive prox', async () => {
        const { prox } = await setup();
        const sample = points(4, 12, n);
        for (let k = 1; k < sample.length; k++) {
          const moved = minus(sample[k], sample[k - 1]);
          const image = minus(prox(sample[k], 0.7), prox(sample[k - 1], 0.7));
          // Rounding of the prox: units in the last place of the points.
          const rounding = 1e-14 * length(moved) * (length(sample[k]) + length(sample[k - 1]));
          expect(dot(image, image)).toBeLessThanOrEqual(dot(image, moved) + rounding);
        }
      });

      test('is convex along segments, or its infeasibility is', async () => {
        const { g, value, distance } = await setup();
        const f = g.constraint ? distance : value;
        const sample = points(5, 12, n);
        for (let k = 1; k < sample.length; k++) {
          const middle = sample[k].map((v, i) => (v + sample[k - 1][i]) / 2);
          const ends = (f(sample[k]) + f(sample[k - 1])) / 2;
          expect(f(middle)).toBeLessThanOrEqual(ends * (1 + 1e-12));
        }
      });

      test('is 0 everywhere if a constraint, and its prox meets it', async () => {
        const { g, value, distance, prox } = await setup();
        if (!g.constraint) return;
        for (const v of points(6, 12, n)) {
          expect(value(v)).toBe(0);
          const u = prox(v, 0.5);
          // Rounding of a sum of n numbers.
          expect(distance(u)).toBeLessThanOrEqual(4e-16 * n * length(u));
          expect(prox(v, 3)).toEqual(u);
          // The infeasibility is not larger than √2 times the distance to any point of the set, as to its nearest.
          expect(distance(v)).toBeLessThanOrEqual(Math.SQRT2 * length(minus(v, u)) + 1e-15);
        }
      });

      test('has the gradient and constants it claims where it is smooth', async () => {
        const { g, live, value, subgradient } = await setup();
        if (!g.smooth) return;
        const L = g.lipschitzGrad?.(live) ?? NaN;
        const mu = g.strongConvexity?.(live) ?? 0;
        const sample = points(7, 12, n);
        for (let k = 1; k < sample.length; k++) {
          const [x, y] = [sample[k], sample[k - 1]];
          const d = minus(y, x);
          const bregman = value(y) - value(x) - dot(subgradient(x), d);
          const half = dot(d, d) / 2;
          const rounding = 1e-13 * (Math.abs(value(x)) + Math.abs(value(y)));
          expect(bregman).toBeLessThanOrEqual(L * half + rounding);
          expect(bregman).toBeGreaterThanOrEqual(mu * half - rounding);
        }
      });

      test('declares the weights of its sums of absolute values and squares, for any live values', async () => {
        const { g, live } = await setup();
        for (const factor of [1, 2.7]) {
          const other = Object.fromEntries(
            Object.entries(live).map(([key, value]) => [key, factor * value]),
          );
          const weights = g.elasticWeights?.(other);
          if (!weights) continue;
          const { value } = hostedRegularizer(g, other, shape);
          for (const x of points(10, 6, n)) {
            const l1 = x.reduce((sum, v) => sum + Math.abs(v), 0);
            const expected = weights.l1 * l1 + (weights.l2 / 2) * dot(x, x);
            expect(Math.abs(value(x) - expected)).toBeLessThanOrEqual(1e-13 * expected);
          }
        }
      });

      test('has the same constants traced as on the host, and its curvature reaches them', async () => {
        const { g, live, value, subgradient } = await setup();
        // Steps are taken from the constants of smooth terms alone.
        if (!g.smooth) return;
        const pairs = [
          [g.lipschitzGrad, g.tracedLipschitzGrad],
          [g.strongConvexity, g.tracedStrongConvexity],
        ] as const;
        const keys = Object.keys(live);
        for (const [host, traced] of pairs) {
          expect(traced === undefined).toBe(host === undefined);
          if (!host || !traced) continue;
          const inputs = keys.map((key) => hostScalar(live[key]));
          const program = trace(
            (...all) => [traced(Object.fromEntries(keys.map((key, i) => [key, all[i]])))],
            inputs,
          );
          expect(executeSync(program, inputs)[0].data[0]).toBe(host(live));
        }
        const [x, y] = points(7, 2, n);
        const d = minus(y, x);
        const bregman = value(y) - value(x) - dot(subgradient(x), d);
        // Of a larger constant every step would be too short.
        expect(2 * bregman).toBeGreaterThanOrEqual(
          0.99 * (g.lipschitzGrad?.(live) ?? NaN) * dot(d, d) - 1e-13 * value(y),
        );
      });

      test('is the norm whose dual norm it declares', async () => {
        const { g, live, value, subgradient } = await setup();
        if (!g.norm) return;
        const weight = g.norm.weight(live);
        const { signal } = new AbortController();
        const dual = (y: Float64Array) => g.norm?.dual([hostFloat(y, shape)], signal);
        for (const x of points(11, 4, n)) {
          expect(value(x.map((v) => -2 * v))).toBeCloseTo(2 * value(x), 9);
          // The gradient of a norm lies on the unit sphere of the dual norm.
          expect(await dual(subgradient(x))).toBeCloseTo(weight, 9);
          for (const y of points(12, 4, n)) {
            const most = ((await dual(y)) ?? NaN) * value(x);
            expect(weight * dot(y, x)).toBeLessThanOrEqual(most * (1 + 1e-12) + 1e-300);
          }
        }
      });

      test('gives a subgradient where it has kinks, never NaN', async () => {
        const { g, value, subgradient, distance, distanceSubgradient } = await setup();
        const [f, slope] = g.constraint ? [distance, distanceSubgradient] : [value, subgradient];
        const equal = new Float64Array(n).fill(1.5);
        const rankOne = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 2 : 1));
        const kinks = [new Float64Array(n), equal, rankOne, ...points(8, 3, n)];
        for (const x of kinks) {
          const xi = slope(x);
          for (const y of [...points(9, 5, n), new Float64Array(n)]) {
            const bound = f(x) + dot(xi, minus(y, x));
            const rounding = 1e-14 * (f(x) + f(y) + length(xi) * (length(x) + length(y)));
            expect(f(y)).toBeGreaterThanOrEqual(bound - rounding);
          }
        }
      });
    });
  },
);

const separable = ['elastic-net', 'l1-norm', 'squared-l2'] as const;
describe.each(separable)('regularizer/%s, entry by entry', (name) => {
  const type = `regularizer/${name}`;
  const definition = regularizerNodes.find((node) => node.type === type);
  const cases = definition ? parameterSets(definition) : [];
  test.each(cases.map((params) => [JSON.stringify(params), params] as const))(
    'has the prox that golden-section search finds, with %s',
    async (_, params) => {
      const { value } = await hosted(type, params, [1]);
      const { prox } = await hosted(type, params, [6]);
      const v = Float64Array.of(-2.5, -0.31, 0, 0.02, 0.9, 40);
      for (const s of [0.05, 1, 7]) {
        const u = prox(v, s);
        v.forEach((vj, j) => {
          const reach = Math.abs(vj) + 1;
          const objective = (x: number) => s * value(Float64Array.of(x)) + (x - vj) ** 2 / 2;
          // Golden section resolves a minimiser to the root of rounding: 1e-8 of the scale.
          expect(Math.abs(goldenSection(objective, -reach, reach) - u[j])).toBeLessThan(
            4e-7 * reach,
          );
        });
      }
    },
  );
});
