/** Control flow. */
import { ShapeError } from '../errors.ts';
import { emit, traceClosure } from '../trace.ts';
import type { ArrayType, Program, Value } from '../types.ts';

export interface LoopOptions {
  steps: number;
  /** Read by every step. Values that the body captures are added to them. */
  constants?: readonly Value[];
  /** Changed by every step; shapes and dtypes stay. */
  carry: readonly Value[];
  /** Leading axis `steps`; step i reads entry i. */
  sequences?: readonly Value[];
  body: (
    i: Value,
    constants: Value[],
    carry: Value[],
    slices: Value[],
  ) => { carry: readonly Value[]; stacked?: readonly Value[] };
  /**
   * Runs i from steps − 1 down to 0.
   * @default false
   */
  reverse?: boolean;
  /**
   * Reverse mode keeps the carry every `checkpoint` steps and recomputes between.
   * @default 1
   */
  checkpoint?: number;
}

/** Runs the body a fixed number of times; `stacked` outputs gain a leading axis of length `steps`. */
export function loop(options: LoopOptions): { carry: Value[]; stacked: Value[] } {
  const { steps, constants = [], carry, sequences = [], body } = options;
  const { reverse = false, checkpoint = 1 } = options;
  for (const sequence of sequences) {
    if (sequence.shape[0] !== steps) {
      throw new ShapeError(
        'loop',
        `sequences with ${steps} entries on axis 0`,
        `[${sequence.shape.join(', ')}]`,
      );
    }
  }
  const slices = sequences.map(({ shape, dtype }): ArrayType => ({ shape: shape.slice(1), dtype }));
  const index: ArrayType = { shape: [], dtype: 'int' };
  const closure = traceClosure(
    (i, ...rest) => {
      const carryEnd = constants.length + carry.length;
      const result = body(
        i,
        rest.slice(0, constants.length),
        rest.slice(constants.length, carryEnd),
        rest.slice(carryEnd),
      );
      if (result.carry.length !== carry.length) {
        throw new ShapeError(
          'loop',
          `a body that returns ${carry.length} carried values`,
          String(result.carry.length),
        );
      }
      return [...result.carry, ...(result.stacked ?? [])];
    },
    [index, ...constants, ...carry, ...slices],
  );
  // Captured values come last in the closure; they belong with the constants.
  const { inputs } = closure.program;
  const declared = inputs.length - closure.captured.length;
  const firstCarry = 1 + constants.length;
  const program: Program = {
    ...closure.program,
    inputs: [
      ...inputs.slice(0, firstCarry),
      ...inputs.slice(declared),
      ...inputs.slice(firstCarry, declared),
    ],
  };
  const outputs = emit(
    'loop',
    {
      steps,
      body: program,
      constants: constants.length + closure.captured.length,
      carry: carry.length,
      reverse,
      checkpoint,
    },
    [...constants, ...closure.captured, ...carry, ...sequences],
  );
  return { carry: outputs.slice(0, carry.length), stacked: outputs.slice(carry.length) };
}
