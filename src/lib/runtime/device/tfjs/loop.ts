import type { Tensor } from '@tensorflow/tfjs-core';
import type { ArrayType } from '../../ir/types.ts';
import type { LowerContext, Lowering } from './lowering.ts';

/** Row `i` of an array, without its leading axis. */
function row(context: LowerContext, x: Tensor, type: ArrayType, i: number): Tensor {
  const rest = type.shape.slice(1);
  const start = [i, ...rest.map(() => 0)];
  const size = [1, ...rest];
  const part = context.apply(
    'slice',
    { start, size },
    [x],
    [{ shape: size, dtype: type.dtype }],
  )[0];
  return context.apply('reshape', { shape: rest }, [part], [{ shape: rest, dtype: type.dtype }])[0];
}

/** Runs the body `steps` times; tensors of a finished step are disposed before the next. */
export const loopLowering: Lowering<'loop'> = (context, params, inputs, outputs) => {
  const { tf } = context;
  const { steps, body, reverse } = params;
  const run = context.body(body);
  const constants = inputs.slice(0, params.constants);
  const sequences = inputs.slice(params.constants + params.carry);
  // Body inputs: [i, ...constants, ...carry, ...slices]; a slice has the sequence's dtype and rest shape.
  const sliceTypes = body.inputs.slice(1 + params.constants + params.carry);
  let carry = inputs.slice(params.constants, params.constants + params.carry).map((x) => x.clone());
  const stacked = new Array<Tensor[]>(steps);

  for (let count = 0; count < steps; count += 1) {
    const i = reverse ? steps - 1 - count : count;
    const results = tf.tidy(() => {
      const index = tf.scalar(i, 'int32');
      const slices = sequences.map((x, k) => {
        const { shape, dtype } = sliceTypes[k];
        return row(context, x, { shape: [steps, ...shape], dtype }, i);
      });
      return run([index, ...constants, ...carry, ...slices]);
    });
    tf.dispose(carry);
    carry = results.slice(0, params.carry);
    stacked[i] = results.slice(params.carry);
  }

  const stackedTypes = outputs.slice(params.carry);
  const columns = stackedTypes.map((type, k) => {
    if (steps === 0)
      return tf.zeros(
        [...type.shape],
        type.dtype === 'float' ? 'float32' : type.dtype === 'int' ? 'int32' : 'bool',
      );
    const shape = [1, ...type.shape.slice(1)];
    const rows = stacked.map(
      (values) =>
        context.apply('reshape', { shape }, [values[k]], [{ shape, dtype: type.dtype }])[0],
    );
    return context.apply('concat', { axis: 0 }, rows, [type])[0];
  });
  return [...carry, ...columns];
};
