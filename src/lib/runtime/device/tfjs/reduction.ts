/** Reductions on tfjs. Sums and maxima over no element are 0 and −∞. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './engine.ts';
import type { LoweringTable } from './lowering.ts';

type ReductionName = 'sum' | 'max' | 'argmax' | 'logsumexp' | 'cumsum';

const INT_MIN = -(2 ** 31);

function max(tf: Tf, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  if (x.size === 0) {
    const shape = x.shape
      .map((n, axis) => (axes.includes(axis) ? 1 : n))
      .filter((_, axis) => keepDims || !axes.includes(axis));
    return x.dtype === 'int32' ? tf.fill(shape, INT_MIN, 'int32') : tf.fill(shape, -Infinity);
  }
  return tf.max(x, [...axes], keepDims);
}

export const REDUCTION_LOWERINGS: Pick<LoweringTable, ReductionName> = {
  sum: ({ tf }, { axes }, [x], [output]) =>
    x.size === 0 ? [tf.zeros([...output.shape], x.dtype)] : [tf.sum(x, [...axes])],
  max: ({ tf }, { axes }, [x]) => [max(tf, x, axes, false)],
  argmax: ({ tf }, { axis }, [x], [output]) =>
    x.size === 0 ? [tf.zeros([...output.shape], 'int32')] : [tf.argMax(x, axis)],
  logsumexp: ({ tf }, { axes }, [x], [output]) => {
    if (x.size === 0) return [tf.fill([...output.shape], -Infinity)];
    // The shift is 0 where the maximum is infinite, so that ∞ − ∞ does not arise.
    const peak = max(tf, x, axes, true);
    const shift = tf.where(tf.less(tf.abs(peak), 3.4e38), peak, tf.zerosLike(peak));
    const total = tf.sum(tf.exp(tf.sub(x, shift)), [...axes]);
    return [tf.add(tf.log(total), tf.reshape(shift, [...output.shape]))];
  },
  cumsum: ({ tf }, { axis, reverse }, [x]) => [tf.cumsum(x, axis, false, reverse)],
};
