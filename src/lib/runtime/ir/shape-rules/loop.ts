import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import type { ArrayType, LoopParams } from '../types.ts';
import type { ShapeRule } from './rule.ts';

function expectTypes(what: string, got: readonly ArrayType[], want: readonly ArrayType[]): void {
  const list = (types: readonly ArrayType[]) => `(${types.map(formatType).join(', ')})`;
  const fits =
    got.length === want.length &&
    got.every((t, i) => t.dtype === want[i].dtype && sameShape(t.shape, want[i].shape));
  if (!fits) throw new ShapeError('loop', `${what} ${list(want)}`, list(got));
}

function expectCounts({ steps, checkpoint, constants, carry, body }: LoopParams): void {
  if (!Number.isInteger(steps) || steps < 0) {
    throw new ShapeError('loop', 'steps ≥ 0, a whole number', String(steps));
  }
  if (!Number.isInteger(checkpoint) || checkpoint < 1) {
    throw new ShapeError('loop', 'checkpoint ≥ 1, a whole number', String(checkpoint));
  }
  if (body.inputs.length < 1 + constants + carry || body.outputs.length < carry) {
    throw new ShapeError(
      'loop',
      `a body with at least ${1 + constants + carry} inputs and ${carry} outputs`,
      `${body.inputs.length} and ${body.outputs.length}`,
    );
  }
}

export const loopShape: ShapeRule<'loop'> = (params, inputs) => {
  expectCounts(params);
  const { steps, body, constants, carry } = params;
  const carryEnd = constants + carry;
  const sequences = inputs.slice(carryEnd);
  for (const sequence of sequences) {
    if (sequence.shape[0] !== steps) {
      throw new ShapeError(
        'loop',
        `sequences with ${steps} entries on axis 0`,
        formatType(sequence),
      );
    }
  }
  const slices = sequences.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
  expectTypes('a body with inputs', body.inputs, [
    { shape: [], dtype: 'int' },
    ...inputs.slice(0, carryEnd),
    ...slices,
  ]);
  const carried = inputs.slice(constants, carryEnd);
  expectTypes('a body that keeps the carry', body.outputs.slice(0, carry), carried);
  const stacked = body.outputs
    .slice(carry)
    .map(({ shape, dtype }): ArrayType => ({ shape: [steps, ...shape], dtype }));
  return [...carried.map(({ shape, dtype }): ArrayType => ({ shape, dtype })), ...stacked];
};
