import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { add, constant, dot, flatten, mul, sum, zeros } from '../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { formatType, sizeOf } from '../../src/lib/runtime/ir/shape.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { ArrayType, HostArray, PrimitiveName, Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, hvp, jvp, simplify, vjp } from '../../src/lib/runtime/transform/index.ts';
import { type Fixture, primitiveFixtures } from './primitive-fixtures.ts';

const names = Object.keys(primitiveFixtures) as PrimitiveName[];

/** Step of the five-point difference: its error is about h⁴·f⁽⁵⁾/30 + 1e-16/h, near 1e-11 here. */
const STEP = 1e-3;
/** Relative to 1 + |value|: two orders above the error of the differences. */
const DIFFERENCE_TOLERANCE = 2e-9;
/** Two ways to the same derivative differ by rounding only. */
const ROUNDING_TOLERANCE = 1e-11;

const isFloat = (x: { dtype: string }) => x.dtype === 'float';

function direction(seed: number, like: ArrayType): HostArray {
  return hostFloat(
    hostUniform(hostKey(seed), sizeOf(like.shape)).map((u) => 2 * u - 1),
    like.shape,
  );
}

/** The fixture as a function of its float inputs alone, to its float outputs alone. */
function restricted(fixture: Fixture): (xs: readonly Value[]) => Value[] {
  return (xs) => {
    let next = 0;
    const inputs = fixture.inputs.map((host) => (isFloat(host) ? xs[next++] : constant(host)));
    return fixture.apply(inputs).filter(isFloat);
  };
}

/** Σ wᵢ yᵢ + ½ Σ yᵢ² over all float outputs: its second derivative uses every rule twice. */
function scalarOf(f: (xs: readonly Value[]) => Value[]): (xs: readonly Value[]) => Value {
  return (xs) =>
    f(xs).reduce((total, y, k) => {
      const w = constant(direction(90 + k, y));
      return add(total, add(sum(mul(w, y)), mul(0.5, sum(mul(y, y)))));
    }, zeros([]));
}

function moved(xs: readonly HostArray[], vs: readonly HostArray[], t: number): HostArray[] {
  return xs.map((x, k) =>
    hostFloat(
      Float64Array.from(x.data, (value, i) => value + t * vs[k].data[i]),
      x.shape,
    ),
  );
}

/** d/dt g(x + t v) at t = 0 by five points. */
function difference(
  g: (xs: HostArray[]) => number[],
  xs: readonly HostArray[],
  vs: readonly HostArray[],
): number[] {
  const at = (t: number) => g(moved(xs, vs, t));
  const [a, b, c, d] = [at(-2 * STEP), at(-STEP), at(STEP), at(2 * STEP)];
  return a.map((_, i) => (a[i] - 8 * b[i] + 8 * c[i] - d[i]) / (12 * STEP));
}

const numbers = (arrays: readonly HostArray[]): number[] => arrays.flatMap((x) => [...x.data]);

function expectClose(got: readonly number[], want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    const deviation = Math.abs(x - want[i]) / (1 + Math.abs(want[i]));
    expect(deviation, `element ${i}: ${x}, expected ${want[i]}`).toBeLessThanOrEqual(tolerance);
  });
}

function checkFixture(fixture: Fixture): void {
  const xs = fixture.inputs.filter(isFloat);
  const f = restricted(fixture);
  const primal = trace((...inputs) => f(inputs), xs);
  if (xs.length === 0 || primal.outputs.length === 0) return;
  const vs = xs.map((x, k) => direction(80 + k, x));
  const us = primal.outputs.map((y, k) => direction(85 + k, y));
  const n = xs.length;

  const forward = trace(
    (...all) => jvp((inputs) => f(inputs), all.slice(0, n), all.slice(n))[1],
    [...xs, ...vs],
  );
  const reverse = trace(
    (...all) => vjp((inputs) => f(inputs), all.slice(0, n))[1](all.slice(n)),
    [...xs, ...us],
  );
  const jv = numbers(executeSync(forward, [...xs, ...vs]));
  const ju = numbers(executeSync(reverse, [...xs, ...us]));
  if (fixture.derivative === 'zero') {
    expectClose(
      jv,
      jv.map(() => 0),
      0,
    );
    expectClose(
      ju,
      ju.map(() => 0),
      0,
    );
    return;
  }
  expectClose(
    jv,
    difference((at) => numbers(executeSync(primal, at)), xs, vs),
    DIFFERENCE_TOLERANCE,
  );
  const inner = (a: number[], b: number[]) => a.reduce((total, x, i) => total + x * b[i], 0);
  expectClose([inner(ju, numbers(vs))], [inner(jv, numbers(us))], ROUNDING_TOLERANCE);

  const s = scalarOf(f);
  const gradient = trace((...inputs) => grad(s)(inputs), xs);
  const types = [...xs, ...vs];
  const forwardOverReverse = trace((...all) => hvp(s, all.slice(0, n), all.slice(n)), types);
  const reverseOverReverse = trace(
    (...all) =>
      grad((inputs) =>
        grad(s)(inputs).reduce(
          (total, g, k) => add(total, dot(flatten(g), flatten(all[n + k]))),
          zeros([]),
        ),
      )(all.slice(0, n)),
    types,
  );
  const first = numbers(executeSync(forwardOverReverse, types));
  expectClose(numbers(executeSync(reverseOverReverse, types)), first, ROUNDING_TOLERANCE);
  expectClose(
    first,
    difference((at) => numbers(executeSync(gradient, at)), xs, vs),
    10 * DIFFERENCE_TOLERANCE,
  );
  expectClose(numbers(executeSync(simplify(forwardOverReverse), types)), first, ROUNDING_TOLERANCE);
}

describe.each(names)('%s', (name) => {
  it.each([0, 1, 3])('has fixtures that use it at size %i', (n) => {
    const fixtures = primitiveFixtures[name](n);
    expect(fixtures.length).toBeGreaterThan(0);
    for (const fixture of fixtures) {
      const program = trace((...inputs) => fixture.apply(inputs), fixture.inputs);
      const used = program.equations.some((equation) => equation.primitive === name);
      expect(used, `${fixture.name}: ${program.inputs.map(formatType).join(', ')}`).toBe(true);
    }
  });

  it.each([0, 1, 3])(
    'has a jvp and a vjp that match central differences to second order at size %i',
    (n) => {
      for (const fixture of primitiveFixtures[name](n)) {
        try {
          checkFixture(fixture);
        } catch (error) {
          throw new Error(`${name}, ${fixture.name}: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
    },
  );
});
