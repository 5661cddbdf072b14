/** Linear operators: adjoints, norms, composition, and their values against SciPy. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blurOperator } from '../../src/lib/nodes/shared/operators/blur.ts';
import type { Boundary } from '../../src/lib/nodes/shared/operators/blur.ts';
import { cosineOperator } from '../../src/lib/nodes/shared/operators/cosine.ts';
import { denseOperator } from '../../src/lib/nodes/shared/operators/dense.ts';
import { gradientOperator } from '../../src/lib/nodes/shared/operators/gradient.ts';
import { hostOperator } from '../../src/lib/nodes/shared/operators/host.ts';
import { identityOperator } from '../../src/lib/nodes/shared/operators/identity.ts';
import { maskOperator } from '../../src/lib/nodes/shared/operators/mask.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import type { LinearOperator } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { sizeOf } from '../../src/lib/runtime/ir/shape.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Shape } from '../../src/lib/runtime/ir/types.ts';
import { largestDifference } from './support/problems.ts';

interface Reference {
  readonly cases: readonly {
    readonly shape: number[];
    readonly x: number[];
    readonly dct: number[];
    readonly blurs: readonly { sigma: number; boundary: Boundary; values: number[] }[];
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/operators.json', import.meta.url), 'utf8'),
) as Reference;

const SHAPES: readonly Shape[] = [[1], [2], [7], [40], [1, 1], [1, 6], [5, 9], [13, 1], [16, 17]];
/** For singular values, which take many sweeps. */
const SMALL = SHAPES.filter((shape) => sizeOf(shape) <= 45);
const inner = (a: Float64Array, b: Float64Array) => a.reduce((s, v, i) => s + v * b[i], 0);
const length = (a: Float64Array) => Math.sqrt(inner(a, a));
const draw = (seed: number, shape: Shape) => hostNormal(hostKey(seed), sizeOf(shape));

function randomMask(shape: Shape, seed: number) {
  const mask = hostUniform(hostKey(seed), sizeOf(shape)).map((u) => (u < 0.6 ? 1 : 0));
  mask[0] = 1;
  return hostFloat(mask, shape);
}

const dense = (rows: number, shape: Shape) => {
  const columns = sizeOf(shape);
  const entries = hostFloat(hostNormal(hostKey(8), rows * columns), [rows, columns]);
  return denseOperator('matrix', entries, shape, createPacer(new AbortController().signal));
};

const OPERATORS: Readonly<
  Record<string, (shape: Shape) => LinearOperator | Promise<LinearOperator>>
> = {
  gradient: gradientOperator,
  identity: identityOperator,
  mask: (shape) => maskOperator(randomMask(shape, 5)),
  'blur, reflecting': (shape) => blurOperator(shape, 1.3, 'reflecting'),
  'blur, circular': (shape) => blurOperator(shape, 0.6, 'circular'),
  'cosine transform': (shape) =>
    cosineOperator(shape, hostFloat(new Float64Array(sizeOf(shape)).fill(1), shape)),
  'part of the cosine transform': (shape) => cosineOperator(shape, randomMask(shape, 6)),
  'wide matrix': (shape) => dense(Math.max(1, Math.floor(sizeOf(shape) / 2)), shape),
  'tall matrix': (shape) => dense(sizeOf(shape) + 3, shape),
};

describe.each(Object.entries(OPERATORS))('%s', (_, make) => {
  test.each(SHAPES.map((shape) => [shape]))('of %j has the adjoint it states', async (shape) => {
    const operator = await make(shape);
    const K = hostOperator(operator);
    for (const seed of [1, 2, 3]) {
      const x = draw(seed, operator.input);
      const y = draw(seed + 10, operator.output);
      const difference = Math.abs(inner(K.apply(x), y) - inner(x, K.adjoint(y)));
      // Two sums of the same products in another order, relative to ‖K‖ ‖x‖ ‖y‖.
      expect(difference).toBeLessThanOrEqual(1e-12 * operator.norm * length(x) * length(y));
    }
  });

  test.each(SMALL.map((shape) => [shape]))(
    'of %j has singular values within its bounds, the upper one attained',
    async (shape) => {
      const operator = await make(shape);
      const K = hostOperator(operator);
      const n = sizeOf(shape);
      const values = singularValues(
        Array.from({ length: n }, (_, j) => {
          const e = new Float64Array(n);
          e[j] = 1;
          return K.apply(e);
        }),
      );
      const [most, least] = [Math.max(...values), Math.min(...values)];
      // Jacobi rotations find singular values to a few units in the last place of the largest.
      const rounding = 1e-12 * Math.max(1, most);
      expect(most).toBeLessThanOrEqual(operator.norm + rounding);
      expect(least).toBeGreaterThanOrEqual((operator.lowerBound ?? 0) - rounding);
      // The bound of a matrix is proven with a slack of 1e-6 of its square; the others are exact.
      expect(operator.norm).toBeLessThanOrEqual(most * (1 + 1e-6) + rounding);
    },
  );

  test('has a pseudoinverse, where it has one, with K K⁺ K = K', async () => {
    for (const shape of SHAPES) {
      const operator = await make(shape);
      const inverse = await operator.pseudoInverse?.(new AbortController().signal, () => undefined);
      if (!inverse) continue;
      const x = hostFloat(draw(4, shape), shape);
      const program = trace(
        (v) => {
          const y = operator.apply(v);
          return [y, operator.apply(inverse(y))];
        },
        [x],
      );
      const [y, again] = executeSync(program, [x]);
      // The normal equations square the condition number, here about 1e2.
      expect(largestDifference(y.data, again.data)).toBeLessThan(1e-10);
    }
  });

  test('is zero where it says that nothing is observed', async () => {
    const operator = await make([5, 9]);
    const y = hostOperator(operator).apply(draw(1, [5, 9]));
    operator.support?.data.forEach((kept, i) => {
      if (kept === 0) expect(Math.abs(y[i])).toBe(0);
    });
  });
});

describe('against SciPy', () => {
  const cases = reference.cases.map((entry) => [entry.shape, entry] as const);
  test.each(cases)('the cosine transform of %j is dctn', (shape, { x, dct }) => {
    const ones = hostFloat(new Float64Array(x.length).fill(1), shape);
    const K = hostOperator(cosineOperator(shape, ones));
    expect(largestDifference(K.apply(Float64Array.from(x)), dct)).toBeLessThan(1e-13);
    expect(largestDifference(K.adjoint(Float64Array.from(dct)), x)).toBeLessThan(1e-13);
  });

  test.each(cases)('the blur of %j is gaussian_filter', (shape, { x, blurs }) => {
    for (const { sigma, boundary, values } of blurs) {
      const K = hostOperator(blurOperator(shape, sigma, boundary));
      // Sums of at most 27² products of weights that sum to 1.
      expect(largestDifference(K.apply(Float64Array.from(x)), values)).toBeLessThan(1e-14);
    }
  });
});

describe('composition', () => {
  let wasm: Device;
  beforeAll(async () => {
    wasm = await createWasm();
  });
  afterAll(() => wasm.dispose());

  const shape: Shape = [9, 12];
  const blur = blurOperator(shape, 1.1, 'circular');
  const mask = maskOperator(randomMask(shape, 2));
  const gradient = gradientOperator(shape);
  const x = hostFloat(draw(1, shape), shape);
  const program = trace((v) => [gradient.apply(mask.apply(blur.apply(v)))], [x]);

  test('of traced operators is that of their values one after the other', () => {
    const steps = [blur, mask, gradient].reduce(
      (v, operator) => hostOperator(operator).apply(v),
      x.data as Float64Array,
    );
    const [whole] = executeSync(program, [x]);
    expect(largestDifference(whole.data, steps)).toBeLessThan(1e-15);
  });

  test('agrees in float32 (WebAssembly) to rounding', async () => {
    const [want] = executeSync(program, [x]);
    const [got] = await wasm.execute(program, [x]);
    // Sums of 12 and 9 products of size at most 3, each rounded to 2⁻²⁴.
    expect(largestDifference(got.data, want.data)).toBeLessThan(2e-6);
  });
});

/** Singular values of a matrix given by columns, by one-sided Jacobi rotations (Golub & Van Loan, section 8.6.3). */
function singularValues(columns: readonly Float64Array[]): number[] {
  const a = columns.map((column) => Float64Array.from(column));
  for (let sweep = 0; sweep < 60; sweep++) {
    let worst = 0;
    for (let p = 0; p < a.length; p++) {
      for (let q = p + 1; q < a.length; q++) {
        const [alpha, beta, gamma] = [inner(a[p], a[p]), inner(a[q], a[q]), inner(a[p], a[q])];
        const size = Math.sqrt(alpha * beta);
        if (size === 0 || Math.abs(gamma) <= 1e-15 * size) continue;
        worst = Math.max(worst, Math.abs(gamma) / size);
        const zeta = (beta - alpha) / (2 * gamma);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        for (let i = 0; i < a[p].length; i++) {
          const [u, v] = [a[p][i], a[q][i]];
          a[p][i] = c * (u - t * v);
          a[q][i] = c * (t * u + v);
        }
      }
    }
    if (worst < 1e-13) break;
  }
  return a.map(length);
}
