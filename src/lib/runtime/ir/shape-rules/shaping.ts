import { ShapeError } from '../errors.ts';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  formatType,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
} from '../shape.ts';
import { expectCount, type ShapeRule } from './rule.ts';

type Shaping =
  'reshape' | 'transpose' | 'broadcast' | 'slice' | 'pad' | 'concat' | 'reverse' | 'iota';

export const shapingShapes: { [P in Shaping]: ShapeRule<P> } = {
  reshape: ({ shape }, inputs) => {
    expectCount('reshape', inputs, 1);
    checkShape('reshape', shape);
    if (sizeOf(shape) !== sizeOf(inputs[0].shape)) {
      throw new ShapeError(
        'reshape',
        `${sizeOf(inputs[0].shape)} elements, as in ${formatShape(inputs[0].shape)}`,
        `${sizeOf(shape)} in ${formatShape(shape)}`,
      );
    }
    return [{ shape, dtype: inputs[0].dtype }];
  },
  transpose: ({ permutation }, inputs) => {
    expectCount('transpose', inputs, 1);
    const { shape, dtype } = inputs[0];
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== shape.length || sorted.some((axis, index) => axis !== index)) {
      throw new ShapeError(
        'transpose',
        `a permutation of the ${shape.length} axes of ${formatShape(shape)}`,
        formatShape(permutation),
      );
    }
    return [{ shape: permutation.map((axis) => shape[axis]), dtype }];
  },
  broadcast: ({ shape }, inputs) => {
    expectCount('broadcast', inputs, 1);
    checkShape('broadcast', shape);
    const common = broadcastShapes('broadcast', [inputs[0].shape, shape]);
    if (!sameShape(common, shape)) {
      throw new ShapeError(
        'broadcast',
        `a shape that ${formatShape(inputs[0].shape)} repeats to`,
        formatShape(shape),
      );
    }
    return [{ shape, dtype: inputs[0].dtype }];
  },
  slice: ({ start, size }, inputs) => {
    expectCount('slice', inputs, 1);
    const { shape, dtype } = inputs[0];
    checkShape('slice', start);
    checkShape('slice', size);
    const fits =
      start.length === shape.length &&
      size.length === shape.length &&
      shape.every((n, axis) => start[axis] + size[axis] <= n);
    if (!fits) {
      throw new ShapeError(
        'slice',
        `start + size within ${formatShape(shape)}`,
        `start ${formatShape(start)} and size ${formatShape(size)}`,
      );
    }
    return [{ shape: size, dtype }];
  },
  pad: ({ before, after }, inputs) => {
    expectCount('pad', inputs, 1);
    const { shape, dtype } = inputs[0];
    checkShape('pad', before);
    checkShape('pad', after);
    if (before.length !== shape.length || after.length !== shape.length) {
      throw new ShapeError(
        'pad',
        `${shape.length} counts before and after`,
        `${formatShape(before)} and ${formatShape(after)}`,
      );
    }
    return [{ shape: shape.map((n, axis) => before[axis] + n + after[axis]), dtype }];
  },
  concat: ({ axis }, inputs) => {
    if (inputs.length === 0) throw new ShapeError('concat', 'at least one operand', 'none');
    const [first] = inputs;
    normalizeAxis('concat', axis, first.shape.length);
    let length = 0;
    for (const input of inputs) {
      const fits =
        input.dtype === first.dtype &&
        input.shape.length === first.shape.length &&
        input.shape.every((n, a) => a === axis || n === first.shape[a]);
      if (!fits) {
        throw new ShapeError(
          'concat',
          `operands equal but for axis ${axis}`,
          inputs.map(formatType).join(' and '),
        );
      }
      length += input.shape[axis];
    }
    return [{ shape: first.shape.map((n, a) => (a === axis ? length : n)), dtype: first.dtype }];
  },
  reverse: ({ axes }, inputs) => {
    expectCount('reverse', inputs, 1);
    normalizeAxes('reverse', axes, inputs[0].shape.length);
    return [{ shape: inputs[0].shape, dtype: inputs[0].dtype }];
  },
  iota: ({ shape, axis }, inputs) => {
    expectCount('iota', inputs, 0);
    checkShape('iota', shape);
    normalizeAxis('iota', axis, shape.length);
    return [{ shape, dtype: 'int' }];
  },
};
