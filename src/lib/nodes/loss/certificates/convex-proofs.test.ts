/**
 * The proofs by themselves, at points that are no minimisers: whatever x and dual point they are given, value ≥ f* ≥ least. A solver that ends at a
 * minimiser would hide a bound that is wrong elsewhere.
 */
import { describe, expect, test } from 'vitest';
import { exactly, lower, upper } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { vectorFrom, zeroVector } from '../../../numerics/double-double-vector.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { KERNELS } from '../../shared/kernel/kernels.ts';
import { denseOperator } from '../../shared/operators/dense.ts';
import { gradientOperator } from '../../shared/operators/gradient.ts';
import { maskOperator } from '../../shared/operators/mask.ts';
import reference from '../../../../../tests/reference/convex_minima.json';
import { correctionOf, provePursuit } from './basis-pursuit-proof.ts';
import { balanced, proveHinge } from './hinge-proof.ts';
import { proveKernelLogistic, proveKernelRidge } from './kernel-proof.ts';
import { provenAt } from './least-squares.ts';
import { gradient, proveQuadratic } from './quadratic.ts';
import { proveSplitting } from './splitting-proof.ts';
import { intoUnitBall, proveTotalVariation, scaledProblem } from './tv-proof.ts';

const pacer = createPacer(new AbortController().signal);

/** Numbers in (−1, 1) from a linear congruential generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 1073741824 - 1;
}

/** f − hi − lo, exact where they are near. */
const above = (f: number, [high, low]: readonly number[]): number => f - high - low;

function expectAround(value: Ball, least: Ball, minimum: readonly number[]): void {
  expect(above(upper(value), minimum)).toBeGreaterThanOrEqual(0);
  expect(above(lower(least), minimum)).toBeLessThanOrEqual(0);
}

/** Far from a minimiser, near it, and as near as float64 has it. */
const DISTANCES = [1, 0.1, 1e-3, 1e-8, 0];
/** Dual points in the middle and outside of the constraints. */
const LENGTHS = [0, 0.3, 1, 1.5, 1e3];

describe('total variation', () => {
  const problems = [
    ...reference.signals.map((entry) => ({ ...entry, shape: [1, entry.y.length] })),
    ...reference.images,
  ];
  test.each(problems)('of $name', async ({ y, shape, lambda, minimum, minimiser }) => {
    const next = generator(7);
    const problem = scaledProblem(y, shape[0], shape[1], lambda);
    const n = y.length;
    const scale = 2 ** -problem.exponent;
    for (const off of DISTANCES) {
      for (const length of LENGTHS) {
        const x = vectorFrom(Float64Array.from(minimiser, (v) => v * scale + off * next()));
        const edge = (c: number, isDown: boolean): boolean =>
          isDown ? c + shape[1] < n : c % shape[1] < shape[1] - 1;
        const part = (isDown: boolean): Float64Array =>
          Float64Array.from({ length: n }, (_, c) => (edge(c, isDown) ? length * next() : 0));
        const field = { down: vectorFrom(part(true)), right: vectorFrom(part(false)) };
        intoUnitBall(field);
        for (let c = 0; c < n; c++) {
          expect(field.down.hi[c] ** 2 + field.right.hi[c] ** 2).toBeLessThanOrEqual(1);
        }
        for (const weight of [problem.lambda, problem.lambda / 2]) {
          const proof = await proveTotalVariation(problem, x, field, weight, pacer);
          const own = minimum.map((v) => v * scale * scale);
          expect(above(upper(proof.value), own)).toBeGreaterThanOrEqual(-1e-30);
          expect(above(lower(proof.value) - proof.gap, own)).toBeLessThanOrEqual(
            2 ** -52 * upper(proof.value),
          );
        }
      }
    }
  });
});

describe('splitting and least squares', () => {
  test.each(reference.inverse)('of $name, ℓ1 $l1, ℓ2 $l2, TV $tv', async (entry) => {
    const { name, matrix, y, minimum } = entry;
    const next = generator(11);
    const n = matrix[0].length;
    const operator =
      name === 'half a signal'
        ? maskOperator(hostFloat(matrix.map((row, i) => row[i])))
        : name === 'differences'
          ? gradientOperator([n])
          : await denseOperator('matrix', hostFloat(matrix.flat(), [y.length, n]), [n], pacer);
    const target = Float64Array.from(y);
    const size = Math.max(...y.map(Math.abs)) / operator.norm;
    for (const off of DISTANCES) {
      const x = Float64Array.from({ length: n }, () => size * (off * next() + 1));
      if (entry.l1 === 0 && entry.tv === 0) {
        const found = await provenAt(operator, target, exactly(entry.l2), x, '', pacer);
        expect(above(found.value, minimum)).toBeGreaterThanOrEqual(0);
        expect(above(found.value, minimum)).toBeLessThanOrEqual(found.gap);
        continue;
      }
      const weights = { l1: exactly(entry.l1), l2: exactly(entry.l2), tv: exactly(entry.tv) };
      for (const length of LENGTHS) {
        const p = Float64Array.from({ length: n - 1 }, () => length * entry.tv * next());
        const { value, least } = await proveSplitting(operator, target, weights, x, p, pacer);
        expectAround(value, least, minimum);
      }
    }
  });
});

describe('basis pursuit', () => {
  test.each(reference.pursuit)('of $name', async ({ matrix, b, minimum, minimiser }) => {
    const next = generator(13);
    const [rows, n] = [matrix.length, matrix[0].length];
    const operator = await denseOperator('matrix', hostFloat(matrix.flat(), [rows, n]), [n], pacer);
    const correction = await correctionOf(operator, pacer);
    const target = Float64Array.from(b);
    const size = Math.max(...minimiser.map(Math.abs));
    for (const off of DISTANCES) {
      for (const length of LENGTHS) {
        const x = Float64Array.from(minimiser, (v) => v + off * size * next());
        const y = Float64Array.from({ length: rows }, () => (length * next()) / operator.norm);
        const proof = await provePursuit(operator, correction, target, x, y, pacer);
        expectAround(proof.value, proof.least, minimum);
        // A point that is left short of Kx = b, where it looks better than optimal.
        const short = Float64Array.from(minimiser, (v) => (1 - off) * v);
        const still = { ...correction, step: () => Promise.resolve(zeroVector(n)) };
        const left = await provePursuit(operator, still, target, short, y, pacer);
        expectAround(left.value, left.least, minimum);
      }
    }
  });
});

describe('support vector machines', () => {
  test.each(reference.hinge)('with $name', async ({ x, signs, lambda, minimum }) => {
    const next = generator(17);
    const [n, d] = [x.length, x[0].length];
    const size = Math.max(...x.flat().map(Math.abs));
    const s = Float64Array.from(signs);
    const problem = { x: Float64Array.from(x.flat()), signs: s, n, d, lambda: exactly(lambda) };
    for (const off of DISTANCES) {
      const w = Float64Array.from({ length: d }, () => (off * next()) / size);
      const shares = Float64Array.from({ length: n }, () =>
        Math.min(1, Math.abs(2 * off * next())),
      );
      const beta = balanced(shares, s);
      let [up, down] = [0n, 0n];
      beta.forEach((v, i) => {
        expect(v).toBeGreaterThanOrEqual(0);
        expect(v).toBeLessThanOrEqual(1);
        // 2¹⁰⁰⁰ times a share is an integer.
        const whole = BigInt(v * 2 ** 600) << 400n;
        if (signs[i] > 0) up += whole;
        else down += whole;
      });
      expect(up).toBe(down);
      const { value, least } = await proveHinge(problem, w, off * next(), shares, pacer);
      expectAround(value, least, minimum);
    }
  });
});

const machines = [...reference.ridge, ...reference.logistic];
describe('kernel machines', () => {
  test.each(machines)('with points $name, $kernel, λ = $lambda', async (entry) => {
    const { x, lambda, kernel: kind, bandwidth, degree, offset, minimum } = entry;
    const next = generator(19);
    const n = x.length;
    const settings = { bandwidth, degree, offset };
    const { precisely, rounding } = KERNELS[kind];
    const points = x.map((p) => Float64Array.from(p));
    const k = (i: number, j: number): Ball => precisely(points[i], points[j], settings);
    const matrix = Float64Array.from(
      { length: n * n },
      (_, ij) => k(Math.floor(ij / n), ij % n).hi,
    );
    const y = Float64Array.from('labels' in entry ? entry.labels : entry.y);
    const start = 'labels' in entry ? new Float64Array(n) : Float64Array.from(entry.alpha);
    const size = Math.max(...start.map(Math.abs), 1);
    for (const preciseFlops of [1, Infinity]) {
      const kernel = {
        precisely: k,
        preciseFlops,
        rounding: rounding(x[0].length, settings),
      };
      const problem = { matrix: () => Promise.resolve(matrix), y, lambda, kernel };
      for (const off of DISTANCES) {
        const alpha = start.map((v) => v + off * size * next());
        const prove = 'labels' in entry ? proveKernelLogistic : proveKernelRidge;
        const { value, least } = await prove(problem, alpha, pacer);
        expectAround(value, least, minimum);
      }
    }
  });
});

test('a quadratic, of two unknowns with κ = 4', async () => {
  const next = generator(29);
  // A = [[2.5, 1.5], [1.5, 2.5]] has the eigenvalues 1 and 4 along (1, −1) and (1, 1).
  const a = Float64Array.of(2.5, 1.5, 1.5, 2.5);
  for (const direction of [
    [1, -1],
    [1, 1],
    [next(), next()],
  ]) {
    for (const off of DISTANCES) {
      const x = vectorFrom(Float64Array.from(direction, (v, i) => 3 - i + off * v));
      // x* = (3, 2) and f* = −½bᵀx*.
      const b = Float64Array.of(10.5, 9.5);
      const found = await gradient(a, b, x, pacer);
      const { bounds, error } = proveQuadratic(b, x, found, 1);
      expectAround(bounds.value, bounds.least, [-25.25, 0]);
      expect(Math.hypot(x.hi[0] - 3, x.hi[1] - 2)).toBeLessThanOrEqual(error * (1 + 1e-15));
    }
  }
});

test('a field of differences is no longer than 1 in exact arithmetic, at any length', () => {
  const next = generator(23);
  const field = { down: zeroVector(2000), right: zeroVector(2000) };
  for (let c = 0; c < 2000; c++) {
    field.down.hi[c] = 1 + 1e-15 * next();
    field.right.hi[c] = c % 2 === 0 ? 0 : 1e-8 * next();
  }
  intoUnitBall(field);
  for (let c = 0; c < 2000; c++) {
    const whole = (v: number): bigint => BigInt(Math.round(v * 2 ** 53)) * 2n ** 60n + BigInt(0);
    // |down| ≥ ½, so that it is a multiple of 2⁻⁵³; the other is rounded up.
    const [u, v] = [whole(field.down.hi[c]), whole(Math.abs(field.right.hi[c]) + 2 ** -53)];
    expect(u * u + (field.right.hi[c] === 0 ? 0n : v * v) <= 2n ** 226n).toBe(true);
  }
});
