import { feistelHalfBits, feistelKeys, fillRandomBits, permutePosition } from '../random-bits.ts';
import type { KernelFactory } from './kernel.ts';

export const randomKernels: { [P in 'randomBits' | 'randomPermutation']: KernelFactory<P> } = {
  randomBits:
    ({ bits }) =>
    ([key], [output]) =>
      fillRandomBits(key[0], key[1], bits, output as Int32Array),
  randomPermutation: ({ n }) => {
    const half = feistelHalfBits(n);
    return ([key, positions], [output]) => {
      const keys = feistelKeys(key[0], key[1]);
      for (let i = 0; i < positions.length; i++) {
        const position = positions[i];
        // Outside of the domain a walk along the cycles might not end.
        if (position < 0 || position >= n) {
          throw new RangeError(
            `randomPermutation(positions): expected 0 ≤ position < ${n}, got ${position}.`,
          );
        }
        output[i] = permutePosition(position, n, half, keys);
      }
    };
  },
};
