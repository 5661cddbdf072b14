/** The host solvers against POT and SciPy (tests/reference/transport.py), and what every plan and certificate satisfies. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostKey, hostNormal } from '../../../runtime/ir/random.ts';
import { marginalError } from '../../../runtime/ir/transport/measures.ts';
import { networkSimplex } from '../../../runtime/ir/transport/network-simplex.ts';
import { transportOnLine } from './one-dimensional.ts';
import { asymptoticRate, measuredRate } from './contraction.ts';
import { sinkhorn } from './sinkhorn.ts';

interface Reference {
  readonly exact: readonly {
    readonly x: number[][];
    readonly y: number[][];
    readonly a: number[];
    readonly b: number[];
    readonly p: number;
    readonly cost: number;
    readonly nonzeros: number;
    readonly assignment?: number;
  }[];
  readonly entropic: readonly {
    readonly case: number;
    readonly share: number;
    readonly cost: number;
    readonly value: number;
  }[];
  readonly line: readonly {
    readonly u: number[];
    readonly v: number[];
    readonly a: number[];
    readonly b: number[];
    readonly p: number;
    readonly cost: number;
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../../../../tests/reference/transport.json', import.meta.url), 'utf8'),
) as Reference;

const floats = (values: readonly number[]) => Float64Array.from(values);
const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

function problem(index: number) {
  const { x, y, a, b, p } = reference.exact[index];
  const cost = Float64Array.from({ length: x.length * y.length }, (_, k) => {
    const from = x[Math.floor(k / y.length)];
    const to = y[k % y.length];
    return Math.hypot(...from.map((value, d) => value - to[d])) ** p;
  });
  return { a: floats(a), b: floats(b), cost };
}

/** Rounding of some hundred float64 terms of size 1. */
const ROUNDING = 1e-12;

describe('network simplex', () => {
  test.each(reference.exact.map((expected, index) => [index, expected] as const))(
    'reaches the cost of POT in case %i, with a plan, a certificate and at most n + m − 1 nonzeros',
    (index, expected) => {
      const { a, b, cost } = problem(index);
      const result = networkSimplex(a, b, cost);
      expect(Math.abs(result.cost - expected.cost)).toBeLessThan(1e-8);
      expect(result.marginalError).toBeLessThan(ROUNDING);
      expect(Math.abs(result.dualityGap)).toBeLessThan(ROUNDING);
      expect(result.plan.every((mass) => mass >= 0)).toBe(true);
      const nonzeros = result.plan.filter((mass) => mass > 0).length;
      expect(nonzeros).toBeLessThanOrEqual(a.length + b.length - 1);
      if (expected.assignment !== undefined)
        expect(Math.abs(result.cost - expected.assignment)).toBeLessThan(1e-8);
    },
  );

  test('uses exactly 139 pairs for 60 against 80 points of equal weight, as POT does', () => {
    const { a, b, cost } = problem(0);
    expect(reference.exact[0].nonzeros).toBe(139);
    expect(networkSimplex(a, b, cost).plan.filter((mass) => mass > 0).length).toBe(139);
  });

  test('refuses weights that are negative or sum to something else, and costs that are not finite', () => {
    const cost = floats([0, 1, 1, 0]);
    const half = floats([0.5, 0.5]);
    expect(() => networkSimplex(half, floats([0.5, 0.6]), cost)).toThrow(
      /equal total masses, got 1 and 1\.1/,
    );
    expect(() => networkSimplex(half, floats([-0.5, 1.5]), cost)).toThrow(/got -0\.5 at index 0/);
    expect(() => networkSimplex(half, half, floats([0, NaN, 1, 0]))).toThrow(
      /got NaN between point 0 and point 1/,
    );
  });
});

describe('sinkhorn', () => {
  test.each(reference.entropic.map((expected, index) => [index, expected] as const))(
    'reaches cost and value of POT in case %i',
    (_, expected) => {
      const { a, b, cost } = problem(expected.case);
      const result = sinkhorn(a, b, cost, expected.share * mean(cost), {
        tolerance: 1e-11,
        maxIterations: 100_000,
      });
      expect(result.converged).toBe(true);
      expect(Math.abs(result.cost - expected.cost)).toBeLessThan(1e-8);
      expect(Math.abs(result.value - expected.value)).toBeLessThan(1e-8);
      expect(result.dualityGap).toBeLessThan(1e-8);
    },
  );

  test.each([1e-1, 1e-2, 1e-3, 1e-4])(
    'is finite at ε = %d of the largest cost, with a feasible plan and a gap that covers its error',
    (share) => {
      const { a, b, cost } = problem(5);
      const exact = networkSimplex(a, b, cost).cost;
      const entropicReg = share * cost.reduce((most, c) => Math.max(most, c), 0);
      const result = sinkhorn(a, b, cost, entropicReg, { maxIterations: 300 });
      const { plan, potentialA, potentialB } = result;
      for (const list of [plan, potentialA, potentialB])
        expect(list.every((value) => Number.isFinite(value))).toBe(true);
      expect(marginalError(plan, a, b)).toBeLessThan(ROUNDING);
      expect(result.cost).toBeGreaterThan(exact - ROUNDING);
      // value ≤ OT_ε ≤ ⟨P, C⟩ + ε KL for every feasible P; OT_ε is at least the exact cost.
      expect(result.value + result.dualityGap).toBeGreaterThan(exact - ROUNDING);
    },
  );

  test('has the potentials as derivatives of its value with respect to the weights', () => {
    const { a, b, cost } = problem(3);
    const entropicReg = 0.2 * mean(cost);
    const value = (shift: number) => {
      const moved = a.slice();
      moved[0] += shift;
      moved[1] -= shift;
      return sinkhorn(moved, b, cost, entropicReg, { tolerance: 1e-13, maxIterations: 50_000 });
    };
    const h = 1e-5;
    const slope = (value(h).value - value(-h).value) / (2 * h);
    const { potentialA: f } = value(0);
    // Central differences: h² times a third derivative of order ε/a² = 1e3.
    expect(Math.abs(slope - (f[0] - f[1]))).toBeLessThan(1e-6);
  });

  test.each([0.3, 0.1, 0.05])(
    'has a marginal error that falls linearly, at the rate of the plan’s second singular value: ε = %d',
    (share) => {
      const { a, b, cost } = problem(5);
      const options = { tolerance: 1e-12, maxIterations: 100_000 };
      const { plan, errors } = sinkhorn(a, b, cost, share * mean(cost), options);
      const work = asymptoticRate(plan, a, b);
      let next = work.next();
      while (!next.done) next = work.next();
      const rate = next.value;
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThan(1);
      // The other singular values die out, and rounding of errors of 1e-12 is 1e-16.
      expect(Math.abs(measuredRate(errors) / rate - 1)).toBeLessThan(1e-3);
    },
  );

  test('refuses ε that is not positive', () => {
    const { a, b, cost } = problem(2);
    expect(() => sinkhorn(a, b, cost, 0)).toThrow(/expected > 0, got 0\. Use exact transport/);
  });
});

describe('transport on the line', () => {
  test.each(reference.line.map((expected) => [expected.p, expected] as const))(
    'equals POT and the network simplex for p = %i',
    (p, { u, v, a, b, cost }) => {
      const [x, y, wa, wb] = [u, v, a, b].map(floats);
      const { cost: value, pairs, dualityGap } = transportOnLine(x, y, wa, wb, p);
      expect(pairs).toBe(u.length + v.length - 1);
      expect(Math.abs(dualityGap)).toBeLessThan(ROUNDING);
      expect(Math.abs(value - cost)).toBeLessThan(1e-8);
      const costs = Float64Array.from(
        { length: u.length * v.length },
        (_, k) => Math.abs(u[Math.floor(k / v.length)] - v[k % v.length]) ** p,
      );
      expect(Math.abs(value - networkSimplex(wa, wb, costs).cost)).toBeLessThan(ROUNDING);
    },
  );

  test('pairs ties in any order at the same cost', () => {
    const draws = hostNormal(hostKey(1), 20).map((z) => Math.round(z));
    const uniform = new Float64Array(20).fill(1 / 20);
    const { cost } = transportOnLine(draws, draws.slice().reverse(), uniform, uniform, 2);
    expect(cost).toBe(0);
  });
});
