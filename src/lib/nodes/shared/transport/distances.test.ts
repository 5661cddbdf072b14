/** The traced distances against POT and the host solvers, and their derivatives in points and weights against differences of the host solvers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import { hostFloat, hostScalar } from '../../../runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal, hostUniform } from '../../../runtime/ir/random.ts';
import { constant } from '../../../runtime/ir/ops.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import { networkSimplex } from '../../../runtime/ir/transport/network-simplex.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { valueAndGrad } from '../../../runtime/transform/index.ts';
import type { Cloud } from './cloud.ts';
import { entropicTransport, sinkhornDivergence } from './divergence.ts';
import { exactDistance } from './exact-distance.ts';
import { transportOnLine } from './one-dimensional.ts';
import { sinkhorn } from './sinkhorn.ts';
import { slicedDistance } from './sliced-distance.ts';

interface Weighted {
  readonly x: number[][];
  readonly y: number[][];
  readonly a: number[];
  readonly b: number[];
}
interface Reference {
  readonly exact: readonly (Weighted & { readonly p: number; readonly cost: number })[];
  readonly sliced: {
    readonly x: number[][];
    readonly y: number[][];
    readonly directions: number[][];
    readonly squared: number;
  };
  readonly weighted: Weighted & { readonly directions: number[][]; readonly squared: number };
  readonly potentials: { readonly case: number; readonly u: number[]; readonly v: number[] };
  readonly divergence: readonly {
    readonly case: number;
    readonly entropicReg: number;
    readonly entropic: number;
    readonly value: number;
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../../../../tests/reference/transport.json', import.meta.url), 'utf8'),
) as Reference;

/** A discrete measure on the host; `a` null where weights are equal. */
interface Measure {
  readonly x: Float64Array;
  readonly a: Float64Array | null;
  readonly d: number;
}
const measure = (x: number[][], a: number[] | null): Measure => ({
  x: Float64Array.from(x.flat()),
  a: a && Float64Array.from(a),
  d: x[0].length,
});
const count = ({ x, d }: Measure) => x.length / d;
const weights = (of: Measure) => of.a ?? new Float64Array(count(of)).fill(1 / count(of));

function distances(p: Measure, q: Measure): Float64Array {
  return Float64Array.from({ length: count(p) * count(q) }, (_, k) => {
    const [i, j] = [Math.floor(k / count(q)), k % count(q)];
    let squares = 0;
    for (let c = 0; c < p.d; c++) squares += (p.x[p.d * i + c] - q.x[q.d * j + c]) ** 2;
    return squares;
  });
}

type Distance = (x: Cloud, y: Cloud) => Value;

/** Value and derivatives in points and weights of the first measure. */
function evaluate(f: Distance, p: Measure, q: Measure) {
  const points = hostFloat(p.x, [count(p), p.d]);
  const masses = hostFloat(weights(p));
  const other = hostFloat(q.x, [count(q), q.d]);
  const program = trace(
    (x, a, y, b) => {
      const cloud = (v: Value, w: Value, of: Measure): Cloud => ({
        points: v,
        weights: of.a ? w : null,
      });
      const [value, gradients] = valueAndGrad(([v, w]) => f(cloud(v, w, p), cloud(y, b, q)))([
        x,
        a,
      ]);
      return [value, ...gradients];
    },
    [points, masses, other, hostFloat(weights(q))],
  );
  const [value, inPoints, inWeights] = executeSync(program, [
    points,
    masses,
    other,
    hostFloat(weights(q)),
  ]);
  return {
    value: value.data[0],
    inPoints: Float64Array.from(inPoints.data),
    inWeights: Float64Array.from(inWeights.data),
  };
}

const central = (f: (t: number) => number, h: number) => (f(h) - f(-h)) / (2 * h);

function inPoints(f: (p: Measure) => number, p: Measure, h: number): Float64Array {
  return p.x.map((_, k) =>
    central((t) => f({ ...p, x: p.x.map((v, i) => (i === k ? v + t : v)) }), h),
  );
}

/** Mass moves from point 0 to point i. */
function inWeights(f: (p: Measure) => number, p: Measure, h: number): Float64Array {
  const a = weights(p);
  return a.map((_, i) =>
    central((t) => {
      const moved = a.slice();
      moved[0] -= t;
      moved[i] += t;
      return f({ ...p, a: moved });
    }, h),
  );
}

function expectGradients(
  f: Distance,
  host: (p: Measure) => number,
  p: Measure,
  q: Measure,
  h: number,
  tolerance: number,
): void {
  const got = evaluate(f, p, q);
  const points = inPoints(host, p, h);
  got.inPoints.forEach((g, k) => expect(Math.abs(g - points[k])).toBeLessThan(tolerance));
  if (!p.a) return;
  const masses = inWeights(host, p, h);
  got.inWeights.forEach((g, i) =>
    expect(Math.abs(g - got.inWeights[0] - masses[i])).toBeLessThan(tolerance),
  );
}

const key = hostKey(11);
const [N, D] = [12, 2];
const positive = (seed: number, n: number) => {
  const draws = hostUniform(hostKey(seed), n).map((u) => 0.2 + u);
  const sum = draws.reduce((total, w) => total + w, 0);
  return draws.map((w) => w / sum);
};
const x: Measure = { x: hostNormal(hostFoldIn(key, 0), N * D), a: null, d: D };
const y: Measure = {
  x: hostNormal(hostFoldIn(key, 1), N * D).map((v) => v / 2 + 1),
  a: null,
  d: D,
};
const wx: Measure = { ...x, a: positive(1, N) };
const wy: Measure = { x: hostNormal(hostFoldIn(key, 2), 17 * D), a: positive(2, 17), d: D };

const SCALE = 3;
const EPSILON = 0.2;

const hostEntropic = (p: Measure, q: Measure, reg = EPSILON * SCALE): number =>
  sinkhorn(weights(p), weights(q), distances(p, q), reg, {
    tolerance: 1e-13,
    maxIterations: 50_000,
  }).value;
const hostDivergence = (p: Measure, q: Measure): number =>
  hostEntropic(p, q) - hostEntropic(p, p) / 2 - hostEntropic(q, q) / 2;

const entropic =
  (steps: number, reg = EPSILON, scale = SCALE): Distance =>
  (p, q) =>
    entropicTransport(p, q, constant(hostScalar(reg)), scale, steps);
const debiased =
  (steps: number, reg = EPSILON, scale = SCALE): Distance =>
  (p, q) =>
    sinkhornDivergence(p, q, constant(hostScalar(reg)), scale, steps);

const PAIRS = [
  ['equal weights', x, y],
  ['unequal weights and numbers of points', wx, wy],
] as const;

describe('entropic transport and the Sinkhorn divergence', () => {
  test.each(reference.divergence.map((expected) => [expected.entropicReg, expected] as const))(
    'equal POT at ε = %d, with unequal weights',
    (_, expected) => {
      const { x: px, y: py, a, b } = reference.exact[expected.case];
      const [p, q] = [measure(px, a), measure(py, b)];
      // Until the marginal error, which falls linearly and the slower the smaller ε, is 1e-9.
      const value = (f: Distance) => evaluate(f, p, q).value;
      const { entropicReg } = expected;
      const steps = entropicReg > 0.1 ? 300 : 1500;
      expect(Math.abs(value(entropic(steps, entropicReg, 1)) - expected.entropic)).toBeLessThan(
        1e-8,
      );
      expect(Math.abs(value(debiased(steps, entropicReg, 1)) - expected.value)).toBeLessThan(1e-8);
    },
  );

  test.each(PAIRS)('equal the host solver: %s', (_, p, q) => {
    expect(Math.abs(evaluate(entropic(400), p, q).value - hostEntropic(p, q))).toBeLessThan(1e-10);
    expect(Math.abs(evaluate(debiased(400), p, q).value - hostDivergence(p, q))).toBeLessThan(
      1e-10,
    );
  });

  // Central differences: h² times third derivatives of order 10 in the points and 1/a² in the weights, and rounding 1e-13/h.
  test.each(PAIRS)(
    'have the derivatives of the host solver’s value in points and weights: %s',
    (_, p, q) => {
      expectGradients(entropic(400), (at) => hostEntropic(at, q), p, q, 1e-4, 2e-6);
      expectGradients(debiased(400), (at) => hostDivergence(at, q), p, q, 1e-4, 2e-6);
    },
  );

  test('the divergence of a cloud and itself is zero with zero gradient', () => {
    for (const of of [y, wy]) {
      const { value, inPoints: gradient } = evaluate(debiased(1000), of, of);
      expect(Math.abs(value)).toBeLessThan(1e-12);
      expect(gradient.every((g) => Math.abs(g) < 1e-10)).toBe(true);
    }
  });
});

describe('exact distance', () => {
  const host = (p: Measure, q: Measure) =>
    networkSimplex(weights(p), weights(q), distances(p, q)).cost;

  test.each(
    reference.exact
      .filter(({ p }) => p === 2)
      .map((expected) => [expected.cost, expected] as const),
  )('equals POT: %d', (_, expected) => {
    const { value } = evaluate(
      exactDistance,
      measure(expected.x, expected.a),
      measure(expected.y, expected.b),
    );
    expect(Math.abs(value - expected.cost)).toBeLessThan(1e-8);
  });

  test('has the potentials of POT as derivative in the weights', () => {
    const { case: index, u } = reference.potentials;
    const { x: px, y: py, a, b } = reference.exact[index];
    const { inWeights: f } = evaluate(exactDistance, measure(px, a), measure(py, b));
    f.forEach((value, i) => expect(Math.abs(value - f[0] - (u[i] - u[0]))).toBeLessThan(1e-8));
  });

  // Quadratic in the points and linear in the weights as long as the vertex stays: exact but for rounding 1e-16/h.
  test.each(PAIRS)('has the derivatives that differences give: %s', (_, p, q) => {
    expectGradients(exactDistance, (at) => host(at, q), p, q, 1e-6, 1e-8);
  });

  test('is moved onto the target in one step of half the number of points, where weights are equal', () => {
    const { inPoints: gradient } = evaluate(exactDistance, x, y);
    const moved = { ...x, x: x.x.map((v, k) => v - (N / 2) * gradient[k]) };
    expect(host(moved, y)).toBeLessThan(1e-28);
  });
});

describe('sliced distance', () => {
  const along = (directions: Float64Array, L: number) => (p: Cloud, q: Cloud) =>
    slicedDistance(p, q, constant(hostFloat(directions, [directions.length / L, L])));
  const ONE = along(Float64Array.of(1), 1);

  test.each([
    ['equal weights', { a: null, b: null, ...reference.sliced }],
    ['unequal weights and numbers of points', reference.weighted],
  ])('equals POT for the same directions: %s', (_, expected) => {
    const directions = Float64Array.from(expected.directions.flat());
    const [p, q] = [measure(expected.x, expected.a), measure(expected.y, expected.b)];
    const { value } = evaluate(along(directions, 20), p, q);
    expect(Math.abs(value - expected.squared)).toBeLessThan(1e-8);
  });

  test.each(PAIRS)('has the derivatives that differences of sorting give: %s', (_, p, q) => {
    const angles = [0.3, 1.4, 2.2];
    const columns = angles.map((t) => [Math.cos(t), Math.sin(t)]);
    const directions = Float64Array.from([0, 1].flatMap((c) => columns.map((u) => u[c])));
    const project = (of: Measure, [c, s]: number[]) =>
      Float64Array.from(
        { length: count(of) },
        (_unused, i) => c * of.x[2 * i] + s * of.x[2 * i + 1],
      );
    const host = (at: Measure) =>
      columns.reduce(
        (sum, u) =>
          sum + transportOnLine(project(at, u), project(q, u), weights(at), weights(q), 2).cost / 3,
        0,
      );
    expect(Math.abs(evaluate(along(directions, 3), p, q).value - host(p))).toBeLessThan(1e-12);
    expectGradients(along(directions, 3), host, p, q, 1e-6, 1e-8);
  });

  test('is exact on the line, with ties', () => {
    const p: Measure = { x: x.x.slice(0, N), a: null, d: 1 };
    const q: Measure = { x: y.x.slice(0, N).map((v) => Math.round(v)), a: null, d: 1 };
    const host = (at: Measure) => transportOnLine(at.x, q.x, weights(at), weights(q), 2).cost;
    expect(Math.abs(evaluate(ONE, p, q).value - host(p))).toBeLessThan(1e-12);
    expectGradients(ONE, host, p, q, 1e-6, 1e-8);
    expect(evaluate(ONE, q, q).value).toBe(0);
    const weighted = { ...q, a: positive(3, N) };
    expect(Math.abs(evaluate(ONE, weighted, weighted).value)).toBeLessThan(1e-15);
  });
});

describe('at ε from 1e-4 to 100 of the cost scale', () => {
  const far = x.x.map((v, k) => v + (k % 4 < 2 ? 0 : 1000));
  const cases: readonly (readonly [string, Measure, Measure])[] = [
    ['two clouds', x, y],
    ['other numbers of points', wx, wy],
    ['clusters a thousand apart', { ...x, x: far }, { ...y, x: far.map((v) => v + 5) }],
    ['clouds a thousand apart', x, { ...y, x: y.x.map((v) => v + 1000) }],
    ['points that coincide', { ...x, x: x.x.map(() => 1) }, { ...y, x: y.x.map(() => 1) }],
    ['points twice', { ...x, x: x.x.map((_, k) => x.x[k % 4]) }, y],
    ['one point against many', { x: Float64Array.of(3, 4), a: null, d: 2 }, y],
    [
      'one point against one',
      { x: Float64Array.of(3, 4), a: null, d: 2 },
      { x: Float64Array.of(0, 0), a: null, d: 2 },
    ],
    ['points without mass', { ...wx, a: weights(x).map((_, i) => (i < 3 ? 1 / 3 : 0)) }, wy],
  ];

  test.each(cases)('no distance and no derivative is NaN: %s', (_, p, q) => {
    const scale = Math.max(...distances(p, q), 1e-3);
    const directions = constantDirections();
    for (const entropicReg of [1e-4, 1e-3, 1e-2, 1, 100])
      for (const steps of [1, 20])
        for (const f of [entropic(steps, entropicReg, scale), debiased(steps, entropicReg, scale)])
          expectFinite(evaluate(f, p, q));
    expectFinite(evaluate(exactDistance, p, q));
    expectFinite(evaluate((u, v) => slicedDistance(u, v, constant(directions)), p, q));
  });

  const constantDirections = () => hostFloat([1, 0, 0.6, 0, 1, 0.8], [2, 3]);

  function expectFinite({ value, ...gradients }: ReturnType<typeof evaluate>): void {
    expect(Number.isFinite(value)).toBe(true);
    for (const list of Object.values(gradients)) expect(list.every(Number.isFinite)).toBe(true);
  }
});
