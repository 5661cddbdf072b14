import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import { expectCount, expectDtype, type ShapeRule } from './rule.ts';

export const indexingShapes: { [P in 'gather' | 'scatterAdd']: ShapeRule<P> } = {
  gather: (_params, inputs) => {
    expectCount('gather', inputs, 2);
    const [operand, indices] = inputs;
    expectDtype('gather', indices, ['int']);
    if (operand.shape.length === 0) {
      throw new ShapeError('gather', 'an operand with at least one axis', formatType(operand));
    }
    return [{ shape: [...indices.shape, ...operand.shape.slice(1)], dtype: operand.dtype }];
  },
  scatterAdd: ({ size }, inputs) => {
    expectCount('scatterAdd', inputs, 2);
    const [indices, updates] = inputs;
    expectDtype('scatterAdd', indices, ['int']);
    expectDtype('scatterAdd', updates, ['float', 'int']);
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError('scatterAdd', 'a size that is a whole number ≥ 0', String(size));
    }
    const rank = indices.shape.length;
    if (!sameShape(updates.shape.slice(0, rank), indices.shape)) {
      throw new ShapeError(
        'scatterAdd',
        `updates whose first axes are ${formatType(indices)}`,
        formatType(updates),
      );
    }
    return [{ shape: [size, ...updates.shape.slice(rank)], dtype: updates.dtype }];
  },
};
