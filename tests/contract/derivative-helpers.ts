import { expect } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { sum } from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../src/lib/runtime/ir/types.ts';
import { grad } from '../../src/lib/runtime/transform/index.ts';

export type Scalar = (x: Value) => Value;

export function run(f: (...xs: Value[]) => Value[], ...inputs: HostArray[]): number[][] {
  return executeSync(trace(f, inputs), inputs).map((x) => [...x.data]);
}

export const derivative =
  (f: Scalar): Scalar =>
  (x) =>
    grad(([y]) => sum(f(y)))([x])[0];

export function expectClose(
  got: readonly number[],
  want: readonly number[],
  tolerance = 1e-12,
): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    const deviation = Math.abs(x - want[i]);
    if (!(deviation <= tolerance * (1 + Math.abs(want[i])))) {
      expect.fail(`element ${i}: ${x}, expected ${want[i]}`);
    }
  });
}
