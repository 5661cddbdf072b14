import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPacer } from './pacer.ts';
import { supportVectorMachine } from './support-vectors.ts';
import type { SupportVectorMachine } from './support-vectors.ts';

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

function primal(
  x: Float64Array,
  s: ArrayLike<number>,
  n: number,
  d: number,
  lambda: number,
  { weights, bias }: SupportVectorMachine,
): number {
  let value = (lambda / 2) * weights.reduce((sum, w) => sum + w * w, 0);
  for (let i = 0; i < n; i++) {
    const score = weights.reduce((sum, w, j) => sum + w * x[i * d + j], bias);
    value += Math.max(0, 1 - s[i] * score) / n;
  }
  return value;
}

describe('the support vector machine', () => {
  test.each(cases)('meets scikit-learn on $n points, λ = $lambda', async (problem) => {
    const { x, s } = points(problem);
    const { n, d, lambda, value, gap: known } = problem;
    const found = await supportVectorMachine(x, s, n, d, lambda, pacer());
    const reached = primal(x, s, n, d, lambda, found);
    // libsvm has its own gap.
    expect(Math.abs(reached - value)).toBeLessThan(known + 1e-12);
  });

  test('separates two points by the line halfway between', async () => {
    const [x, s] = [Float64Array.of(-1, 3), [-1, 1]];
    const { weights, bias } = await supportVectorMachine(x, s, 2, 1, 1e-3, pacer());
    expect(weights[0]).toBeCloseTo(0.5, 14);
    expect(bias).toBeCloseTo(-0.5, 14);
  });

  test('ends where points of both classes coincide', async () => {
    const [x, s] = [Float64Array.of(1, 1, 1), [-1, 1, -1]];
    const found = await supportVectorMachine(x, s, 3, 1, 0.1, pacer());
    // b = −1 costs nothing but the positive one, 2/3.
    expect(primal(x, s, 3, 1, 0.1, found)).toBeCloseTo(2 / 3, 14);
  });
});
