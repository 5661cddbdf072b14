/** Every regularizer: its prox against a slow oracle and the identities a prox obeys. */
import { describe, expect, test } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { NodeDefinition } from '../../src/lib/runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { grad } from '../../src/lib/runtime/transform/index.ts';
import { regularizerNodes } from '../../src/lib/nodes/regularizer/index.ts';
import { liveOf, regularizer } from './support/problems.ts';

type LiveNumbers = Readonly<Record<string, number>>;

/** Host versions of the traced functions of one regularizer, on one vector. */
function hosted(g: RegularizerValue, live: LiveNumbers) {
  const keys = Object.keys(live);
  const scalars = keys.map((key) => hostScalar(live[key]));
  const named = (values: readonly Value[]) =>
    Object.fromEntries(keys.map((key, i) => [key, values[i]]));
  const point = (x: ArrayLike<number>) => hostFloat(Float64Array.from(x));
  return {
    value(x: ArrayLike<number>): number {
      const inputs = [point(x), ...scalars];
      const program = trace((v, ...rest) => [g.value([v], named(rest))], inputs);
      return executeSync(program, inputs)[0].data[0];
    },
    gradient(x: ArrayLike<number>): Float64Array {
      const inputs = [point(x), ...scalars];
      const program = trace((v, ...rest) => grad(([u]) => g.value([u], named(rest)))([v]), inputs);
      return Float64Array.from(executeSync(program, inputs)[0].data);
    },
    prox(v: ArrayLike<number>, stepSize: number): Float64Array {
      const inputs = [point(v), hostScalar(stepSize), ...scalars];
      const program = trace((u, s, ...rest) => g.prox([u], s, named(rest)), inputs);
      return Float64Array.from(executeSync(program, inputs)[0].data);
    },
  };
}

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

const dot = (x: Float64Array, y: Float64Array) => x.reduce((s, v, i) => s + v * y[i], 0);
const minus = (x: Float64Array, y: Float64Array) => x.map((v, i) => v - y[i]);

/** Points from 1e-3 to 1e2 in size, with exact zeros and exact thresholds among them. */
function points(seed: number, count: number, n: number): Float64Array[] {
  return Array.from({ length: count }, (_, k) => {
    const key = hostFoldIn(hostKey(seed), k);
    const size = 10 ** (5 * hostUniform(key, 1)[0] - 3);
    const x = hostNormal(hostFoldIn(key, 1), n).map((v) => v * size);
    x[k % n] = 0;
    return x;
  });
}

/** Accepted parameter sets: the fixtures and two ordinary weights. */
function parameterSets(definition: NodeDefinition) {
  return [...definition.fixtures.valid, { lambda: 0.3 }, { lambda: 3 }];
}

describe.each(regularizerNodes.map((definition) => [definition.type, definition] as const))(
  '%s',
  (type, definition) => {
    const cases = parameterSets(definition).map(
      (params) => [JSON.stringify(params), params] as const,
    );

    describe.each(cases)('with %s', (_, params) => {
      const setup = async () => {
        const g = await regularizer(type, params);
        return { g, ...hosted(g, liveOf(g.live)) };
      };

      test('has the prox that golden-section search finds', async () => {
        const { prox, value } = await setup();
        const v = Float64Array.of(-2.5, -0.31, 0, 0.02, 0.9, 40);
        for (const s of [0.05, 1, 7]) {
          const u = prox(v, s);
          v.forEach((vj, j) => {
            const reach = Math.abs(vj) + 1;
            const objective = (x: number) => s * value([x]) + (x - vj) ** 2 / 2;
            // Golden section resolves a minimiser to the root of rounding: 1e-8 of the scale.
            expect(Math.abs(goldenSection(objective, -reach, reach) - u[j])).toBeLessThan(
              4e-7 * reach,
            );
          });
        }
      });

      test('has a prox that no sampled point beats', async () => {
        const { prox, value } = await setup();
        for (const v of points(1, 10, 5)) {
          for (const s of [0.1, 2]) {
            const u = prox(v, s);
            const at = (x: Float64Array) => s * value(x) + dot(minus(x, v), minus(x, v)) / 2;
            const best = at(u);
            for (const d of points(2, 10, 5)) {
              // Rounding of the two sums: a few units in the last place.
              expect(at(u.map((x, i) => x + d[i]))).toBeGreaterThanOrEqual(best - 1e-14 * best);
            }
          }
        }
      });

      test('has a firmly nonexpansive prox', async () => {
        const { prox } = await setup();
        const sample = points(3, 12, 5);
        for (let k = 1; k < sample.length; k++) {
          const moved = minus(sample[k], sample[k - 1]);
          const image = minus(prox(sample[k], 0.7), prox(sample[k - 1], 0.7));
          expect(dot(image, image)).toBeLessThanOrEqual(dot(image, moved) * (1 + 1e-12));
        }
      });

      test('is convex along segments', async () => {
        const { value } = await setup();
        const sample = points(4, 12, 5);
        for (let k = 1; k < sample.length; k++) {
          const middle = sample[k].map((v, i) => (v + sample[k - 1][i]) / 2);
          const ends = (value(sample[k]) + value(sample[k - 1])) / 2;
          expect(value(middle)).toBeLessThanOrEqual(ends * (1 + 1e-12));
        }
      });

      test('has the gradient and constants it claims where it is smooth', async () => {
        const { g, value, gradient } = await setup();
        if (!g.smooth) {
          // A kink at 0: the one-sided slopes differ, unless the weight of the ℓ1 part (of differences, for a variation) is zero.
          const live = liveOf(g.live);
          const l1 = g.elasticWeights?.(live).l1 ?? g.variationWeight?.(live) ?? 0;
          expect((value([1e-6]) - value([0])) / 1e-6).toBeCloseTo(l1, 4);
          return;
        }
        const live = liveOf(g.live);
        const L = g.lipschitzGrad?.(live) ?? NaN;
        const mu = g.strongConvexity?.(live) ?? 0;
        const sample = points(5, 12, 5);
        for (let k = 1; k < sample.length; k++) {
          const [x, y] = [sample[k], sample[k - 1]];
          const d = minus(y, x);
          const bregman = value(y) - value(x) - dot(gradient(x), d);
          const half = dot(d, d) / 2;
          const rounding = 1e-13 * (Math.abs(value(x)) + Math.abs(value(y)));
          expect(bregman).toBeLessThanOrEqual(L * half + rounding);
          expect(bregman).toBeGreaterThanOrEqual(mu * half - rounding);
        }
      });
    });
  },
);

describe("Moreau's identity prox_{sg}(v) + s·prox_{g*/s}(v/s) = v", () => {
  const v = Float64Array.of(-3, -0.4, 0, 0.1, 2);

  test('holds for the ℓ1 norm, whose conjugate is the indicator of the ball ‖·‖∞ ≤ λ', async () => {
    const lambda = 0.5;
    const g = await regularizer('regularizer/l1-norm', { lambda });
    for (const s of [0.2, 1.5]) {
      const u = hosted(g, liveOf(g.live)).prox(v, s);
      const projected = v.map((x) => Math.min(Math.max(x / s, -lambda), lambda));
      v.forEach((x, i) => expect(u[i] + s * projected[i]).toBeCloseTo(x, 14));
    }
  });

  test('holds for the squared ℓ2 norm, whose conjugate is ‖·‖²/(2λ)', async () => {
    const lambda = 0.5;
    const g = await regularizer('regularizer/squared-l2', { lambda });
    for (const s of [0.2, 1.5]) {
      const u = hosted(g, liveOf(g.live)).prox(v, s);
      // prox of ‖·‖²/(2λ) with step 1/s at v/s is (v/s)/(1 + 1/(sλ)).
      const dual = v.map((x) => x / s / (1 + 1 / (s * lambda)));
      v.forEach((x, i) => expect(u[i] + s * dual[i]).toBeCloseTo(x, 14));
    }
  });

  test('holds for the elastic net, whose conjugate is the squared distance to a ball', async () => {
    const [lambda, l1Ratio] = [0.8, 0.6];
    const g = await regularizer('regularizer/elastic-net', { lambda, l1Ratio });
    const [l1, l2] = [lambda * l1Ratio, lambda * (1 - l1Ratio)];
    for (const s of [0.2, 1.5]) {
      const u = hosted(g, liveOf(g.live)).prox(v, s);
      // g*(y) = max(|y| − l1, 0)²/(2 l2); its prox with step 1/s moves toward the ball by 1/(1 + s l2) of the excess.
      const dual = v.map((x) => {
        const y = x / s;
        const excess = Math.sign(y) * Math.max(Math.abs(y) - l1, 0);
        return y - excess / (1 + s * l2);
      });
      v.forEach((x, i) => expect(u[i] + s * dual[i]).toBeCloseTo(x, 14));
    }
  });
});
