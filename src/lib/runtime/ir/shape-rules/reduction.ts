import { ShapeError } from '../errors.ts';
import { formatType, normalizeAxes, normalizeAxis, withoutAxes } from '../shape.ts';
import type { ArrayType, Dtype, Shape } from '../types.ts';
import { expectCount, expectDtype, type ShapeRule } from './rule.ts';

function reduced(
  where: string,
  inputs: readonly ArrayType[],
  axes: readonly number[],
  allowed: readonly Dtype[],
): Shape {
  expectCount(where, inputs, 1);
  expectDtype(where, inputs[0], allowed);
  const sorted = normalizeAxes(where, axes, inputs[0].shape.length);
  if (sorted.some((axis, index) => axis !== axes[index])) {
    throw new ShapeError(where, 'sorted axes ≥ 0', `[${axes.join(', ')}]`);
  }
  return withoutAxes(inputs[0].shape, axes);
}

/** A maximum over nothing has no value. */
function expectNonEmpty(where: string, input: ArrayType, axes: readonly number[]): void {
  if (axes.some((axis) => input.shape[axis] === 0)) {
    throw new ShapeError(where, 'at least one element to reduce', formatType(input));
  }
}

export const reductionShapes: {
  [P in 'sum' | 'max' | 'argmax' | 'logsumexp' | 'cumsum']: ShapeRule<P>;
} = {
  sum: ({ axes }, inputs) => [
    { shape: reduced('sum', inputs, axes, ['float', 'int']), dtype: inputs[0].dtype },
  ],
  max: ({ axes }, inputs) => {
    const shape = reduced('max', inputs, axes, ['float', 'int']);
    expectNonEmpty('max', inputs[0], axes);
    return [{ shape, dtype: inputs[0].dtype }];
  },
  argmax: ({ axis }, inputs) => {
    const shape = reduced('argmax', inputs, [axis], ['float', 'int']);
    expectNonEmpty('argmax', inputs[0], [axis]);
    return [{ shape, dtype: 'int' }];
  },
  logsumexp: ({ axes }, inputs) => {
    const shape = reduced('logsumexp', inputs, axes, ['float']);
    expectNonEmpty('logsumexp', inputs[0], axes);
    return [{ shape, dtype: 'float' }];
  },
  cumsum: ({ axis }, inputs) => {
    expectCount('cumsum', inputs, 1);
    expectDtype('cumsum', inputs[0], ['float', 'int']);
    normalizeAxis('cumsum', axis, inputs[0].shape.length);
    return [{ shape: inputs[0].shape, dtype: inputs[0].dtype }];
  },
};
