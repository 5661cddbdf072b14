/** The traced distances against the host solvers and POT, and their derivatives against differences of the host solvers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import { hostFloat, hostScalar } from '../../../runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal } from '../../../runtime/ir/random.ts';
import { constant } from '../../../runtime/ir/ops.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { valueAndGrad } from '../../../runtime/transform/index.ts';
import { sinkhornDivergence, slicedDistance } from './divergence.ts';
import { transportOnLine } from './one-dimensional.ts';
import { sinkhorn } from './sinkhorn.ts';

const key = hostKey(11);
const [N, D] = [12, 2];
const x = hostNormal(hostFoldIn(key, 0), N * D);
const y = hostNormal(hostFoldIn(key, 1), N * D).map((v) => 0.5 * v + 1);
const SCALE = 3;
const EPSILON = 0.2;
const uniform = new Float64Array(N).fill(1 / N);

function distances(p: Float64Array, q: Float64Array): Float64Array {
  return Float64Array.from({ length: N * N }, (_, k) => {
    const [i, j] = [Math.floor(k / N), k % N];
    return (p[2 * i] - q[2 * j]) ** 2 + (p[2 * i + 1] - q[2 * j + 1]) ** 2;
  });
}

/** By the host solver to convergence. */
function hostDivergence(p: Float64Array): number {
  const value = (a: Float64Array, b: Float64Array) =>
    sinkhorn(uniform, uniform, distances(a, b), EPSILON * SCALE, { tolerance: 1e-13 }).value;
  return value(p, y) - value(p, p) / 2 - value(y, y) / 2;
}

/** Value and gradient in the first cloud. */
function evaluate(f: (x: Value, y: Value) => Value, p: Float64Array, q: Float64Array, d = D) {
  const shape = [p.length / d, d];
  const program = trace(
    (a, b) => {
      const [value, [gradient]] = valueAndGrad(([v]) => f(v, b))([a]);
      return [value, gradient];
    },
    [
      { shape, dtype: 'float' },
      { shape, dtype: 'float' },
    ],
  );
  const [value, gradient] = executeSync(program, [hostFloat(p, shape), hostFloat(q, shape)]);
  return { value: value.data[0], gradient: Float64Array.from(gradient.data) };
}

function differences(f: (p: Float64Array) => number, p: Float64Array, h: number): Float64Array {
  return p.map((_, k) => {
    const at = (shift: number) => f(p.map((value, i) => (i === k ? value + shift : value)));
    return (at(h) - at(-h)) / (2 * h);
  });
}

describe('sinkhorn divergence', () => {
  const traced =
    (steps: number, reg = EPSILON) =>
    (a: Value, b: Value) =>
      sinkhornDivergence(a, b, constant(hostScalar(reg)), SCALE, steps);

  test('equals the debiased value of the host solver', () => {
    const { value } = evaluate(traced(300), x, y);
    expect(Math.abs(value - hostDivergence(x))).toBeLessThan(1e-10);
  });

  test('has the gradient of the host solver’s value without derivatives of iterations', () => {
    const { gradient } = evaluate(traced(300), x, y);
    const expected = differences(hostDivergence, x, 1e-4);
    // Central differences: h² times third derivatives of order 1.
    gradient.forEach((g, k) => expect(Math.abs(g - expected[k])).toBeLessThan(1e-6));
  });

  test('is zero with zero gradient between a cloud and itself', () => {
    const { value, gradient } = evaluate(traced(300), y, y);
    expect(Math.abs(value)).toBeLessThan(1e-12);
    expect(gradient.every((g) => Math.abs(g) < 1e-10)).toBe(true);
  });

  test('is finite down to ε of 1e-4 of the cost scale after few iterations', () => {
    for (const reg of [1e-1, 1e-2, 1e-3, 1e-4]) {
      const { value, gradient } = evaluate(traced(20, reg), x, y);
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every((g) => Number.isFinite(g))).toBe(true);
    }
  });
});

describe('sliced distance', () => {
  test('equals POT for the same directions', () => {
    const { sliced } = JSON.parse(
      readFileSync(
        new URL('../../../../../tests/reference/transport.json', import.meta.url),
        'utf8',
      ),
    ) as { sliced: { x: number[][]; y: number[][]; directions: number[][]; squared: number } };
    const directions = hostFloat(Float64Array.from(sliced.directions.flat()), [3, 20]);
    const program = trace(
      (a, b, theta) => [slicedDistance(a, b, theta)],
      [
        { shape: [50, 3], dtype: 'float' },
        { shape: [50, 3], dtype: 'float' },
        { shape: [3, 20], dtype: 'float' },
      ],
    );
    const clouds = [sliced.x, sliced.y].map((p) => hostFloat(Float64Array.from(p.flat()), [50, 3]));
    const [value] = executeSync(program, [...clouds, directions]);
    expect(Math.abs(value.data[0] - sliced.squared)).toBeLessThan(1e-8);
  });

  test('is exact on the line, with ties, and has the gradient of the pairing', () => {
    const p = x.slice(0, N);
    const q = y.slice(0, N).map((v) => Math.round(v));
    const exact = (points: Float64Array) => transportOnLine(points, q, uniform, uniform, 2);
    const f = (a: Value, b: Value) =>
      slicedDistance(a, b, constant(hostFloat(Float64Array.of(1), [1, 1])));
    const { value, gradient } = evaluate(f, p, q, 1);
    expect(Math.abs(value - exact(p))).toBeLessThan(1e-12);
    // Quadratic as long as the order stays, so differences are exact but for rounding 1e-16/h.
    const expected = differences(exact, p, 1e-6);
    gradient.forEach((g, k) => expect(Math.abs(g - expected[k])).toBeLessThan(1e-8));
    expect(evaluate(f, q, q, 1).value).toBe(0);
  });
});
