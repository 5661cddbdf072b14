import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPacer } from './pacer.ts';
import { supportVectorMachine } from './support-vectors.ts';

interface Case {
  readonly n: number;
  readonly d: number;
  readonly shift: number;
  readonly lambda: number;
  readonly value: number;
  readonly gap: number;
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../tests/reference/support_vectors.json', import.meta.url), 'utf8'),
) as { cases: Case[] };
const pacer = () => createPacer(new AbortController().signal);

/** The points of the reference, to the last bit. */
function points({ n, d, shift }: Case) {
  const roots = [2, 3, 5].map(Math.sqrt);
  const s = Float64Array.from({ length: n }, (_, i) => ((i + 1) % 3 === 0 ? 1 : -1));
  const x = Float64Array.from({ length: n * d }, (_, k) => {
    const i = Math.floor(k / d);
    return (((i + 1) * roots[k % d]) % 1) + (s[i] > 0 ? shift : 0);
  });
  return { x, s };
}

describe('the support vector machine', () => {
  test.each(cases)('meets scikit-learn on $n points, λ = $lambda', async (problem) => {
    const { x, s } = points(problem);
    const { n, d, lambda, value, gap: known } = problem;
    const found = await supportVectorMachine(x, s, n, d, lambda, pacer());
    expect(found.gap).toBeLessThan(1e-12);
    // libsvm has its own gap.
    expect(Math.abs(found.value - value)).toBeLessThan(known + 1e-12);
    expect(found.value - found.gap).toBeLessThanOrEqual(value);
  });

  test('separates two points by the line halfway between', async () => {
    const { weights, bias, value, gap } = await supportVectorMachine(
      Float64Array.of(-1, 3),
      [-1, 1],
      2,
      1,
      1e-3,
      pacer(),
    );
    expect(weights[0]).toBeCloseTo(0.5, 14);
    expect(bias).toBeCloseTo(-0.5, 14);
    expect(value).toBeCloseTo(0.5e-3 * 0.25, 16);
    expect(gap).toBeLessThan(1e-16);
  });

  test('ends where points of both classes coincide', async () => {
    const { value, gap } = await supportVectorMachine(
      Float64Array.of(1, 1, 1),
      [-1, 1, -1],
      3,
      1,
      0.1,
      pacer(),
    );
    // b = −1 costs nothing but the positive one, 2/3.
    expect(value).toBeCloseTo(2 / 3, 14);
    expect(gap).toBeLessThan(1e-14);
  });
});
