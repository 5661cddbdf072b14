/** Random primitives computed on the host, for backends whose tensors can be read synchronously. */
import {
  feistelHalfBits,
  feistelKeys,
  fillRandomBits,
  permutePosition,
} from '../../ir/random-bits.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { LoweringTable } from './lowering.ts';

export const HOST_RANDOM_LOWERINGS: Pick<LoweringTable, 'randomBits' | 'randomPermutation'> = {
  randomBits: ({ tf }, { shape, bits }, [key]) => {
    const [k0, k1] = key.dataSync();
    const out = new Int32Array(sizeOf(shape));
    fillRandomBits(k0, k1, bits, out);
    return [tf.tensor(out, [...shape], 'int32')];
  },
  randomPermutation: ({ tf }, { n }, [key, positions]) => {
    const [k0, k1] = key.dataSync();
    const half = feistelHalfBits(n);
    const keys = feistelKeys(k0, k1);
    const images = Int32Array.from(positions.dataSync(), (p) => permutePosition(p, n, half, keys));
    return [tf.tensor(images, positions.shape, 'int32')];
  },
};
