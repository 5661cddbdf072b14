/**
 * Certificates of inverse problems, total variation, basis pursuit, support vector and kernel machines against minima to 60 digits
 * (tests/reference/convex_minima.py): whatever the numbers, the true minimum lies in [value − gap, value], and a minimiser is given only where it is
 * the only one.
 */
import { describe, expect, test } from 'vitest';
import { basisPursuitCertificate } from '../../src/lib/nodes/loss/certificates/basis-pursuit.ts';
import { inverseProblemCertificate } from '../../src/lib/nodes/loss/certificates/inverse-problem.ts';
import { denoisingCertificate } from '../../src/lib/nodes/loss/certificates/tv-denoising.ts';
import { denseOperator } from '../../src/lib/nodes/shared/operators/dense.ts';
import { gradientOperator } from '../../src/lib/nodes/shared/operators/gradient.ts';
import { maskOperator } from '../../src/lib/nodes/shared/operators/mask.ts';
import { fractionOf } from '../../src/lib/numerics/exact-dependence.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import type { Certificate, LinearOperator } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import reference from '../reference/convex_minima.json';
import {
  dataset,
  labels,
  liveOf,
  loss,
  model,
  quadratic,
  regularizer,
  values,
} from './support/problems.ts';

const { signal } = new AbortController();
const pacer = createPacer(signal);

/** value − f*, for an f* given as two numbers that sum to it; exact where the two are near. */
const above = (value: number, [high, low]: readonly number[]): number => value - high - low;

/** f* is in the interval, and the interval is of use: shorter than `share` of f*, or of `scale` where f* is near 0. */
function expectBracket(
  { value, gap }: Certificate,
  minimum: readonly number[],
  share: number,
  scale = 0,
): void {
  const excess = above(value, minimum);
  expect(excess).toBeGreaterThanOrEqual(0);
  expect(excess).toBeLessThanOrEqual(gap);
  expect(gap).toBeLessThanOrEqual(share * minimum[0] + scale);
}

/** Each entry of the minimiser is within its stated error, but for the rounding of the reference to float64. */
function expectMinimiser(found: Certificate, wanted: readonly number[]): void {
  if (!found.minimiser) return;
  const { minimiserError = NaN } = found;
  found.minimiser
    .flatMap(({ data }) => Array.from(data))
    .forEach((x, i) => {
      expect(Math.abs(x - wanted[i])).toBeLessThanOrEqual(
        minimiserError + Math.abs(wanted[i]) * 2 ** -52,
      );
    });
}

/** Both bounds are rounded outwards to float64, by less than 2⁻⁵¹ each; sums in double-double are off by less than 1e-25. */
const ROUNDED = 2 ** -50;

describe('total variation of a signal', () => {
  test.each(reference.signals)('$name', async ({ y, lambda, minimum, minimiser }) => {
    const found = await denoisingCertificate(y, [y.length], lambda, signal);
    const squares = y.reduce((sum, v) => sum + v * v, 0);
    expectBracket(found, minimum, ROUNDED, 1e-28 * squares);
    expect(found.minimiser).toBeDefined();
    expectMinimiser(found, minimiser);
    // In one dimension the levels are known to rounding.
    const largest = Math.max(...y.map(Math.abs));
    expect(found.minimiserError).toBeLessThan(1e-13 * largest);
  });
});

describe('total variation of an image', () => {
  test.each(reference.images)('$name', async ({ y, shape, lambda, minimum, minimiser }) => {
    const found = await denoisingCertificate(y, shape, lambda, signal);
    const squares = y.reduce((sum, v) => sum + v * v, 0);
    // The solver ends at 1e-7 of F.
    expectBracket(found, minimum, 1.1e-7, 1e-28 * squares);
    expectMinimiser(found, minimiser);
  });
});

async function operatorOf(name: string, matrix: readonly (readonly number[])[]) {
  const n = matrix[0].length;
  if (name === 'half a signal') {
    return maskOperator(hostFloat(matrix.map((row, i) => row[i])));
  }
  if (name === 'differences') return gradientOperator([n]);
  return denseOperator('matrix', hostFloat(matrix.flat(), [matrix.length, n]), [n], pacer);
}

const PENALTIES = [
  ['l1', 'regularizer/l1-norm'],
  ['l2', 'regularizer/squared-l2'],
  ['tv', 'regularizer/total-variation'],
] as const;

describe('inverse problems', () => {
  test.each(reference.inverse)('$name, ℓ1 $l1, ℓ2 $l2, TV $tv', async (entry) => {
    const { name, matrix, y, minimum } = entry;
    const operator: LinearOperator = await operatorOf(name, matrix);
    const terms = await Promise.all(
      PENALTIES.filter(([key]) => entry[key] > 0).map(([key, type]) =>
        regularizer(type, { lambda: 1 }, key),
      ),
    );
    const live = Object.fromEntries(PENALTIES.map(([key]) => [`${key}.lambda`, entry[key]]));
    const certify = inverseProblemCertificate(operator, hostFloat(y, operator.output), terms);
    const found = await certify?.(live, signal);
    if (!found) throw new Error('expected a certificate');
    const squares = y.reduce((sum, v) => sum + v * v, 0);
    // ADMM ends at 1e-9 of F, or after its last step where a weight is huge.
    expectBracket(found, minimum, 2e-7, 1e-12 * squares);
  });
});

describe('basis pursuit', () => {
  test.each(reference.pursuit)('$name', async ({ matrix, b, minimum, minimiser }) => {
    const operator = await operatorOf('', matrix);
    const inverse = await operator.pseudoInverse?.(signal, () => undefined);
    if (!inverse) throw new Error('expected a matrix of full row rank');
    const found = await basisPursuitCertificate(operator, inverse, hostFloat(b), signal);
    expectBracket(found, minimum, 1e-9);
    expectMinimiser(found, minimiser);
    if (matrix[0][0] === matrix[0][2]) expect(found.minimiser).toBeUndefined();
  });
});

describe('support vector machines', () => {
  test.each(reference.hinge)('$name', async ({ x, signs, lambda, minimum }) => {
    const data = dataset(
      hostFloat(x.flat(), [x.length, x[0].length]),
      labels(
        signs.map((s) => (s + 1) / 2),
        2,
      ),
    );
    const term = await regularizer('regularizer/squared-l2', { lambda }, 'l2');
    const objective = await loss('loss/hinge', await model('model/linear', data), [term]);
    const found = await objective.certify?.(liveOf(objective.live), signal);
    if (!found) throw new Error('expected a certificate');
    // The solver ends where margins violate optimality by 1e-13; the rounding of a share moves w by 2⁻⁵³|x|/λ.
    expectBracket(found, minimum, ROUNDED, 1e-13 + (lambda < 1e-6 ? 2 ** -50 / lambda : 0));
  });
});

const kernelData = (x: readonly (readonly number[])[]) =>
  hostFloat(x.flat(), [x.length, x[0].length]);

describe('kernel ridge regression', () => {
  test.each(reference.ridge)('$name, $kernel, λ = $lambda', async (entry) => {
    const { x, y, lambda, kernel, bandwidth, degree, offset, minimum, alpha } = entry;
    const machine = await model('model/kernel', dataset(kernelData(x), values(y)), {
      kernel,
      bandwidth,
      degree,
      offset,
      lambda,
    });
    const objective = await loss('loss/squared-error', machine);
    const found = await objective.certify?.({}, signal);
    if (!found) throw new Error('expected a certificate');
    expectBracket(found, minimum, Infinity);
    const repeated = new Set(x.map((p) => p.join())).size < x.length;
    const seen = objective.seen ?? ((parts: readonly Float64Array[]) => [...parts]);
    expect(objective.seen !== undefined).toBe(repeated);
    if (found.minimiser) {
      expect(['gaussian', 'laplace']).toContain(kernel);
      const [a] = seen([Float64Array.from(found.minimiser[0].data)]);
      const [b] = seen([Float64Array.from(alpha)]);
      const { minimiserError = NaN } = found;
      a.forEach((v, i) =>
        expect(Math.abs(v - b[i])).toBeLessThanOrEqual(minimiserError + Math.abs(b[i]) * 2 ** -52),
      );
    }
  });
});

describe('kernel logistic regression', () => {
  test.each(reference.logistic)('$name, $kernel, λ = $lambda', async (entry) => {
    const { x, lambda, kernel, bandwidth, degree, offset, minimum } = entry;
    const machine = await model('model/kernel', dataset(kernelData(x), labels(entry.labels, 2)), {
      kernel,
      bandwidth,
      degree,
      offset,
      lambda,
    });
    const objective = await loss('loss/logistic', machine);
    const found = await objective.certify?.({}, signal);
    if (!found) throw new Error('expected a certificate');
    expectBracket(found, minimum, Infinity);
  });
});

/** Integers over one power of two: a float64 number times 2^SHIFT. */
const SHIFT = 1100n;
function scaledInteger(x: number): bigint {
  const { numerator, denominator } = fractionOf(x);
  return (numerator << SHIFT) / denominator;
}

/** −½bᵀA⁻¹b and A⁻¹b by elimination without fractions (Bareiss 1968), in units of 2^−SHIFT rounded down. */
function exactly(a: ArrayLike<number>, b: ArrayLike<number>): { value: bigint; x: bigint[] } {
  const p = b.length;
  const rows = Array.from({ length: p }, (_, i) => [
    ...Array.from({ length: p }, (__, j) => scaledInteger(a[i * p + j])),
    scaledInteger(b[i]),
  ]);
  let before = 1n;
  for (let k = 0; k < p; k++) {
    for (let i = 0; i < p; i++) {
      if (i === k) continue;
      for (let j = p; j >= 0; j--) {
        if (j === k) continue;
        rows[i][j] = (rows[k][k] * rows[i][j] - rows[i][k] * rows[k][j]) / before;
      }
      rows[i][k] = 0n;
    }
    for (let i = 0; i < k; i++) rows[i][i] = rows[k][k];
    before = rows[k][k];
  }
  const x = rows.map((row) => (row[p] << SHIFT) / row[row.findIndex((v) => v !== 0n)]);
  const twice = x.reduce((sum, v, i) => sum + v * scaledInteger(b[i]), 0n);
  return { value: -(twice >> (SHIFT + 1n)), x };
}

describe('quadratics', () => {
  test.each([
    [1, 1, 'log', 'random'],
    [3, 100, 'linear', 'diagonal'],
    [5, 1e8, 'log', 'random'],
    [8, 1e8, 'log', 'diagonal'],
    [8, 1e5, 'linear', 'random'],
  ] as const)('of %d unknowns, κ = %d, %s, %s', async (dimension, condition, spacing, basis) => {
    for (let seed = 0; seed < 4; seed++) {
      const params = { dimension, condition, spacing, basis };
      const objective = await quadratic(params, seed);
      const [a, b] = objective.data;
      const wanted = exactly(a.data, b.data);
      const found = await objective.certify?.({}, signal);
      if (!found) throw new Error('expected a certificate');
      const top = scaledInteger(found.value);
      expect(top >= wanted.value).toBe(true);
      expect(top - scaledInteger(found.gap) <= wanted.value + 1n).toBe(true);
      expect(found.gap).toBeLessThan(ROUNDED * Math.abs(found.value) + 1e-20 * condition);
      const { minimiser, minimiserError = NaN } = found;
      minimiser?.[0].data.forEach((v, i) => {
        const off = scaledInteger(v) - wanted.x[i];
        expect((off < 0n ? -off : off) <= scaledInteger(minimiserError)).toBe(true);
      });
      expect(minimiser).toBeDefined();
    }
  });
});
