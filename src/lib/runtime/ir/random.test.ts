import { describe, expect, it } from 'vitest';
import { executeSync } from '../device/cpu64/index.ts';
import { hostInt } from './host.ts';
import { iota } from './ops.ts';
import { threefry2x32 } from './random-bits.ts';
import {
  foldIn,
  hostBits,
  hostFoldIn,
  hostKey,
  hostNormal,
  hostPermutation,
  hostUniform,
  normal,
  randomBits,
  randomPermutation,
  uniform,
} from './random.ts';
import { trace } from './trace.ts';
import type { Value } from './types.ts';

const key = hostKey(42);

function run(f: (key: Value) => Value[]): number[][] {
  const input = hostInt([...key]);
  return executeSync(trace(f, [input]), [input]).map((x) => [...x.data]);
}

describe('threefry2x32', () => {
  // Known answers of Random123 (kat_vectors, threefry2x32 with 20 rounds).
  it.each([
    [[0, 0], [0, 0], '6b200159 99ba4efe'],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '1cb996fc bb002be7'],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], 'c4923a9c 483df7a0'],
  ])('of key %j and counter %j is the published block', ([k0, k1], [c0, c1], want) => {
    const out = new Uint32Array(2);
    threefry2x32(k0, k1, c0, c1, out);
    expect([...out].map((x) => x.toString(16).padStart(8, '0')).join(' ')).toBe(want);
  });
});

describe('draws', () => {
  it('are the same bits traced and on the host', () => {
    const [bits, u, z, folded, image] = run((k) => [
      randomBits(k, [7], 31),
      uniform(k, [7]),
      normal(k, [7]),
      foldIn(k, -3),
      randomPermutation(k, iota([100]), 100),
    ]);
    expect(bits).toEqual([...hostBits(key, 7, 31)]);
    expect(u).toEqual([...hostUniform(key, 7)]);
    expect(z).toEqual([...hostNormal(key, 7)]);
    expect(folded).toEqual([...hostFoldIn(key, -3)]);
    expect(image).toEqual([...hostPermutation(key, 100)]);
  });

  it('do not depend on how many are drawn', () => {
    expect([...hostBits(key, 3, 31)]).toEqual([...hostBits(key, 100, 31).slice(0, 3)]);
  });

  // Fixed seeds: the bounds are 4 standard errors of n independent draws.
  const n = 100_000;
  it('of uniform lie inside of (0, 1) with mean 1/2, variance 1/12 and no serial correlation', () => {
    const u = hostUniform(key, n);
    expect(Math.min(...u.subarray(0, 1000))).toBeGreaterThan(0);
    expect(u.every((x) => x > 0 && x < 1)).toBe(true);
    const centred = u.map((x) => x - 0.5);
    const moment = (f: (x: number, i: number) => number) =>
      centred.reduce((t, x, i) => t + f(x, i), 0) / n;
    expect(Math.abs(moment((x) => x))).toBeLessThan(4 / Math.sqrt(12 * n));
    expect(Math.abs(moment((x) => x * x) - 1 / 12)).toBeLessThan(4 / Math.sqrt(180 * n));
    for (const lag of [1, 2, 3]) {
      const covariance = moment((x, i) => (i >= lag ? x * centred[i - lag] : 0));
      expect(Math.abs(covariance)).toBeLessThan(4 / (12 * Math.sqrt(n)));
    }
  });

  it('of normal have moments 0, 1, 0, 3', () => {
    const z = hostNormal(key, n);
    const moment = (p: number) => z.reduce((t, x) => t + x ** p, 0) / n;
    const errors: [number, number, number][] = [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ];
    for (const [p, mean, variance] of errors) {
      expect(Math.abs(moment(p) - mean)).toBeLessThan(4 * Math.sqrt(variance / n));
    }
  });

  it('under different keys are uncorrelated', () => {
    const streams = [key, hostFoldIn(key, 0), hostFoldIn(key, 1), hostKey(43)].map((k) =>
      hostNormal(k, n),
    );
    streams.forEach((a, i) =>
      streams.slice(0, i).forEach((b) => {
        const correlation = a.reduce((t, x, j) => t + x * b[j], 0) / n;
        expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(n));
      }),
    );
  });
});

describe('keys', () => {
  it('of many seeds and of many foldings are distinct', () => {
    const seeds = Array.from({ length: 2000 }, (_, s) => hostKey(s).join());
    const folds = Array.from({ length: 2000 }, (_, d) => hostFoldIn(key, d).join());
    expect(new Set([...seeds, ...folds]).size).toBe(4000);
  });

  it('refuse seeds that are not whole numbers from 0 to 2^53', () => {
    for (const seed of [-1, 0.5, 2 ** 53, NaN]) {
      expect(() => hostKey(seed)).toThrow(`got ${seed}`);
    }
  });

  it('see the high word of a seed', () => {
    expect(hostKey(1)).not.toEqual(hostKey(1 + 2 ** 32));
  });
});

describe('randomPermutation', () => {
  it.each([1, 2, 3, 4, 5, 17, 64, 65, 1000, 4097])('is a bijection of [0, %i)', (n) => {
    const sorted = [...hostPermutation(key, n)].sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it('sends each position everywhere, equally often', () => {
    const n = 6;
    const trials = 6000;
    const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (let t = 0; t < trials; t++) {
      hostPermutation(hostFoldIn(key, t), n).forEach((image, i) => counts[i][image]++);
    }
    // Each count is binomial with mean 1000 and deviation 29; 36 of them within 4.5 deviations.
    for (const count of counts.flat()) expect(Math.abs(count - trials / n)).toBeLessThan(130);
  });

  it('has the cycle statistics of a random permutation', () => {
    // Fixed points of a uniform permutation have mean 1 and variance 1.
    const trials = 2000;
    let fixed = 0;
    for (let t = 0; t < trials; t++) {
      hostPermutation(hostFoldIn(key, t), 50).forEach((image, i) => (fixed += image === i ? 1 : 0));
    }
    expect(Math.abs(fixed / trials - 1)).toBeLessThan(4 / Math.sqrt(trials));
  });

  it('refuses a position outside of its domain', () => {
    const program = trace(
      (k, p) => [randomPermutation(k, p, 5)],
      [
        { shape: [2], dtype: 'int' },
        { shape: [1], dtype: 'int' },
      ],
    );
    expect(() => executeSync(program, [hostInt([...key]), hostInt([5])])).toThrow(
      'expected 0 ≤ position < 5, got 5',
    );
  });
});
