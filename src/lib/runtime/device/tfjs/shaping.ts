/** Shape, indexing and matrix primitives on tfjs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, stridesOf } from '../../ir/shape.ts';
import type { Shape } from '../../ir/types.ts';
import type { LoweringTable } from './lowering.ts';

type ShapingName =
  | 'reshape'
  | 'transpose'
  | 'broadcast'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'reverse'
  | 'iota'
  | 'gather'
  | 'scatterAdd'
  | 'matmul';

/** The index along `axis` of every element, row-major. */
export function iotaData(shape: Shape, axis: number): Int32Array {
  const stride = stridesOf(shape)[axis];
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(i / stride) % shape[axis]);
}

export const SHAPING_LOWERINGS: Pick<LoweringTable, ShapingName> = {
  reshape: ({ tf }, { shape }, [x]) => [tf.reshape(x, [...shape])],
  transpose: ({ tf }, { permutation }, [x]) => [
    permutation.length < 2 ? x.clone() : tf.transpose(x, [...permutation]),
  ],
  broadcast: ({ tf }, { shape }, [x]) => [tf.broadcastTo(x, [...shape])],
  slice: ({ tf }, { start, size }, [x]) => [
    start.length === 0 ? x.clone() : tf.slice(x, [...start], [...size]),
  ],
  pad: ({ tf }, { before, after }, [x], [output]) => {
    if (before.length === 0) return [x.clone()];
    if (x.size === 0) return [tf.zeros([...output.shape], x.dtype)];
    return [
      tf.pad(
        x,
        before.map((n, axis): [number, number] => [n, after[axis]]),
      ),
    ];
  },
  concat: ({ tf }, { axis }, inputs) => {
    const full = inputs.filter((x) => x.size > 0);
    return [full.length === 1 ? full[0].clone() : tf.concat([...full], axis)];
  },
  reverse: ({ tf }, { axes }, [x]) => [axes.length === 0 ? x.clone() : tf.reverse(x, [...axes])],
  iota: ({ tf }, { shape, axis }) => [tf.tensor(iotaData(shape, axis), [...shape], 'int32')],
  gather: ({ tf }, _params, [x, indices]) => [tf.gather(x, indices as Tensor, 0)],
  scatterAdd: ({ tf }, { size }, [indices, updates], [output]) => {
    if (updates.size === 0) return [tf.zeros([...output.shape], updates.dtype)];
    const slice = output.shape.slice(1);
    const flat = tf.reshape(updates, [indices.size, ...slice]);
    return [tf.scatterND(tf.reshape(indices, [indices.size, 1]), flat, [size, ...slice])];
  },
  matmul: ({ tf }, { transposeA, transposeB }, [a, b], [output]) =>
    a.size === 0 || b.size === 0
      ? [tf.zeros([...output.shape])]
      : [tf.matMul(a, b, transposeA, transposeB)],
};
