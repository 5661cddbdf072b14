/**
 * The primitive fixtures on a float32 device against the float64 reference.
 *
 * Tolerance: inputs are rounded to float32 first, so only the device's own arithmetic differs. A primitive rounds a handful of times, each by
 * 2⁻²⁴ ≈ 6e−8 of its operands, which are of size about 1; a reduction of n terms rounds like a random walk of √n such errors. Hence
 * 1e−6 · float32Slack · (1 + max|expected|) · max(1, √n / 8). Ints and bools must be equal.
 */
import { expect } from 'vitest';
import { executeSync } from '../../../src/lib/runtime/device/cpu64/index.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import type { HostArray, PrimitiveName, Program } from '../../../src/lib/runtime/ir/types.ts';
import { primitiveFixtures } from '../primitive-fixtures.ts';
import type { Fixture } from '../primitive-fixtures.ts';

/** Empty, one, odd, around a workgroup of 64, and several workgroups. */
export const SIZES = [0, 1, 7, 63, 64, 65, 1000] as const;

export const PRIMITIVES = Object.keys(primitiveFixtures) as PrimitiveName[];

export function toFloat32(host: HostArray): HostArray {
  return host.dtype === 'float' ? { ...host, data: host.data.map(Math.fround) } : host;
}

export function tolerance(expected: HostArray, slack: number, terms: number): number {
  if (expected.dtype !== 'float') return 0;
  let largest = 0;
  for (const x of expected.data) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  return 1e-6 * slack * (1 + largest) * Math.max(1, Math.sqrt(terms) / 8);
}

/** Fails with the place of the first element outside of the tolerance. */
export function expectClose(
  got: HostArray,
  expected: HostArray,
  allowed: number,
  where: string,
): void {
  expect(got.dtype, where).toBe(expected.dtype);
  expect(got.shape, where).toEqual(expected.shape);
  for (let i = 0; i < expected.data.length; i += 1) {
    const [a, b] = [got.data[i], expected.data[i]];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (!(Math.abs(a - b) <= allowed))
      expect.fail(`${where}, element ${i}: expected ${b} ± ${allowed}, got ${a}`);
  }
}

/** One program for all fixtures of a primitive at a size, so that a device is asked once. */
function combined(fixtures: readonly Fixture[]): {
  program: Program;
  inputs: HostArray[];
  counts: number[];
} {
  const inputs = fixtures.flatMap((fixture) => fixture.inputs.map(toFloat32));
  const counts: number[] = [];
  const program = trace((...values) => {
    let next = 0;
    return fixtures.flatMap((fixture) => {
      const own = values.slice(next, next + fixture.inputs.length);
      next += fixture.inputs.length;
      const outputs = fixture.apply(own);
      counts.push(outputs.length);
      return outputs;
    });
  }, inputs);
  return { program, inputs, counts };
}

export type Execute = (program: Program, inputs: readonly HostArray[]) => Promise<HostArray[]>;

export async function checkPrimitive(
  primitive: PrimitiveName,
  size: number,
  execute: Execute,
): Promise<void> {
  const fixtures = primitiveFixtures[primitive](size);
  const { program, inputs, counts } = combined(fixtures);
  const expected = executeSync(program, inputs);
  const got = await execute(program, inputs);
  let next = 0;
  fixtures.forEach((fixture, f) => {
    for (let k = 0; k < counts[f]; k += 1) {
      const want = expected[next];
      const allowed = tolerance(want, fixture.float32Slack ?? 1, size);
      expectClose(
        got[next],
        want,
        allowed,
        `${primitive} of ${fixture.name} at ${size}, output ${k}`,
      );
      next += 1;
    }
  });
}
