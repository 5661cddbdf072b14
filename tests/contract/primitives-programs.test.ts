import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { add, dot, flatten, sum, zeros } from '../../src/lib/runtime/ir/ops.ts';
import { call, trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Program, Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, hvp, simplify } from '../../src/lib/runtime/transform/index.ts';
import { runNaively, toPlain } from './naive-primitives.ts';
import { PROGRAM_INPUTS, programInputs, programs } from './random-programs.ts';

const SETTINGS = { seed: 20, numRuns: 150 };
/** The oracle orders sums differently. */
const ROUNDING = 1e-9;

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) {
    const close = Math.abs(got[i] - want[i]) <= tolerance * (1 + Math.abs(want[i]));
    if (!close) expect.fail(`element ${i}: ${got[i]}, expected ${want[i]}`);
  }
}

describe('random programs', () => {
  it('give on cpu64, with its shared buffers, what equation by equation evaluation gives', () => {
    fc.assert(
      fc.property(programs, programInputs, programInputs, (program, first, second) => {
        // Twice, so that stale buffers of the first call would show.
        for (const inputs of [first, second]) {
          const want = runNaively(program, inputs.map(toPlain));
          executeSync(program, inputs).forEach((x, k) =>
            expectClose(x.data, want[k].data, ROUNDING),
          );
        }
      }),
      SETTINGS,
    );
  });

  it('keep their results to the bit when simplified, and do not grow', () => {
    fc.assert(
      fc.property(programs, programInputs, (program, inputs) => {
        const simple = simplify(program);
        expect(simple.equations.length).toBeLessThanOrEqual(program.equations.length);
        const want = executeSync(program, inputs);
        executeSync(simple, inputs).forEach((x, k) => expectClose(x.data, want[k].data, 0));
      }),
      SETTINGS,
    );
  });

  it('have one Hessian product, forward over reverse, reverse over reverse, simplified or not', () => {
    const scalar = (program: Program) => (xs: readonly Value[]) =>
      call(program, xs).reduce((total, y) => add(total, sum(y)), zeros([]));
    fc.assert(
      fc.property(programs, programInputs, programInputs, (program, xs, vs) => {
        const n = xs.length;
        const f = scalar(program);
        const types = [...PROGRAM_INPUTS, ...PROGRAM_INPUTS];
        const forward = trace((...all) => hvp(f, all.slice(0, n), all.slice(n)), types);
        const reverse = trace(
          (...all) =>
            grad((inputs) =>
              grad(f)(inputs).reduce(
                (total, g, k) => add(total, dot(flatten(g), flatten(all[n + k]))),
                zeros([]),
              ),
            )(all.slice(0, n)),
          types,
        );
        const want = executeSync(forward, [...xs, ...vs]);
        for (const other of [reverse, simplify(forward), simplify(reverse)]) {
          executeSync(other, [...xs, ...vs]).forEach((x, k) =>
            expectClose(x.data, want[k].data, ROUNDING),
          );
        }
      }),
      { ...SETTINGS, numRuns: 60 },
    );
  });
});
