import { ShapeError } from '../errors.ts';
import { checkShape, formatType, sameShape } from '../shape.ts';
import type { ArrayType } from '../types.ts';
import { expectCount, expectDtype, type ShapeRule } from './rule.ts';

function expectKey(where: string, key: ArrayType): void {
  if (key.dtype !== 'int' || !sameShape(key.shape, [2])) {
    throw new ShapeError(where, 'a key int [2]', formatType(key));
  }
}

export const randomShapes: { [P in 'randomBits' | 'randomPermutation']: ShapeRule<P> } = {
  randomBits: ({ shape, bits }, inputs) => {
    expectCount('randomBits', inputs, 1);
    expectKey('randomBits', inputs[0]);
    checkShape('randomBits', shape);
    if (!Number.isInteger(bits) || bits < 1 || bits > 31) {
      throw new ShapeError('randomBits', '1 ≤ bits ≤ 31', String(bits));
    }
    return [{ shape, dtype: 'int' }];
  },
  randomPermutation: ({ n }, inputs) => {
    expectCount('randomPermutation', inputs, 2);
    expectKey('randomPermutation', inputs[0]);
    expectDtype('randomPermutation', inputs[1], ['int']);
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 30) {
      throw new ShapeError('randomPermutation', '1 ≤ n ≤ 2^30', String(n));
    }
    return [{ shape: inputs[1].shape, dtype: 'int' }];
  },
};
