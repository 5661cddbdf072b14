import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { PrimitiveName } from '../../src/lib/runtime/ir/types.ts';
import { simplify } from '../../src/lib/runtime/transform/index.ts';
import { runNaively, toPlain } from './naive-primitives.ts';
import { primitiveFixtures } from './primitive-fixtures.ts';

const names = Object.keys(primitiveFixtures) as PrimitiveName[];

/** The oracle orders sums and composes functions differently; both round to 1e-16 at each operation. */
const TOLERANCE = 1e-12;

describe.each(names)('%s', (name) => {
  it.each([0, 1, 5, 33])('on cpu64 equals its definition element by element at size %i', (n) => {
    for (const { name: fixture, inputs, apply } of primitiveFixtures[name](n)) {
      const program = trace((...values) => apply(values), inputs);
      const want = runNaively(program, inputs.map(toPlain));
      for (const variant of [program, simplify(program)]) {
        const got = executeSync(variant, inputs);
        got.forEach((x, k) => {
          const label = `${name}, ${fixture}, output ${k}`;
          expect(x.shape, label).toEqual(want[k].shape);
          expect(x.dtype, label).toBe(want[k].dtype);
          expect(x.data.length, label).toBe(want[k].data.length);
          x.data.forEach((value, i) => {
            const expected = want[k].data[i];
            const allowed = x.dtype === 'float' ? TOLERANCE * (1 + Math.abs(expected)) : 0;
            const close = Math.abs(value - expected) <= allowed;
            if (!close) expect.fail(`${label}, element ${i}: ${value}, expected ${expected}`);
          });
        });
      }
    }
  });
});
