import { sizeOf, stridesOf } from '../shape.ts';
import type { Buffer, KernelFactory } from './kernel.ts';
import { stridedCopy } from './strided.ts';

type Shaping =
  'reshape' | 'transpose' | 'broadcast' | 'slice' | 'pad' | 'concat' | 'reverse' | 'iota';

function dotStrides(strides: readonly number[], index: readonly number[]): number {
  return strides.reduce((total, stride, axis) => total + stride * index[axis], 0);
}

export const shapingKernels: { [P in Shaping]: KernelFactory<P> } = {
  reshape: () => (inputs, outputs) => outputs[0].set(inputs[0]),
  transpose: ({ permutation }, [input], [output]) => {
    const strides = stridesOf(input.shape);
    const from = permutation.map((axis) => strides[axis]);
    const copy = stridedCopy(output.shape, from, 0, stridesOf(output.shape), 0);
    return (inputs, outputs) => copy(inputs[0], outputs[0]);
  },
  broadcast: ({ shape }, [input], [output]) => {
    const strides = stridesOf(input.shape);
    const offset = shape.length - input.shape.length;
    const from = shape.map((_, axis) =>
      axis < offset || input.shape[axis - offset] === 1 ? 0 : strides[axis - offset],
    );
    const copy = stridedCopy(shape, from, 0, stridesOf(output.shape), 0);
    return (inputs, outputs) => copy(inputs[0], outputs[0]);
  },
  slice: ({ start, size }, [input], [output]) => {
    const strides = stridesOf(input.shape);
    const copy = stridedCopy(size, strides, dotStrides(strides, start), stridesOf(output.shape), 0);
    return (inputs, outputs) => copy(inputs[0], outputs[0]);
  },
  pad: ({ before }, [input], [output]) => {
    const strides = stridesOf(output.shape);
    const copy = stridedCopy(
      input.shape,
      stridesOf(input.shape),
      0,
      strides,
      dotStrides(strides, before),
    );
    return (inputs, outputs) => {
      outputs[0].fill(0);
      copy(inputs[0], outputs[0]);
    };
  },
  concat: ({ axis }, inputTypes, [output]) => {
    const strides = stridesOf(output.shape);
    let offset = 0;
    const copies = inputTypes.map(({ shape }) => {
      const at = offset;
      offset += shape[axis] * strides[axis];
      return stridedCopy(shape, stridesOf(shape), 0, strides, at);
    });
    return (inputs, outputs) => {
      for (let k = 0; k < copies.length; k++) copies[k](inputs[k], outputs[0]);
    };
  },
  reverse: ({ axes }, [input], [output]) => {
    const strides = stridesOf(input.shape);
    const from = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    const offset = axes.reduce((at, axis) => at + strides[axis] * (input.shape[axis] - 1), 0);
    const copy = stridedCopy(input.shape, from, offset, stridesOf(output.shape), 0);
    return (inputs, outputs) => copy(inputs[0], outputs[0]);
  },
  iota: ({ shape, axis }) => {
    const inner = sizeOf(shape.slice(axis + 1));
    const length = shape[axis];
    return (_inputs, [output]: readonly Buffer[]) => {
      // Ends with the output: one that is not empty has at least one place in each row.
      for (let i = 0; i < output.length;) {
        for (let k = 0; k < length; k++) {
          output.fill(k, i, i + inner);
          i += inner;
        }
      }
    };
  },
};
