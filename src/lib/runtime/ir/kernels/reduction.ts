import * as elementary from '../../../numerics/elementary/index.ts';
import { sizeOf, stridesOf, withoutAxes } from '../shape.ts';
import type { ArrayType } from '../types.ts';
import { allocate, type Buffer, type Kernel, type KernelFactory, type Numbers } from './kernel.ts';
import { stridedCopy } from './strided.ts';

/** Reduces the middle axis of [outer, length, inner]. */
type Reducer = (a: Numbers, o: Numbers, outer: number, length: number, inner: number) => void;

/** Brings the reduced axes together as one middle axis, by a copy if they are not neighbours. */
function over(reducer: Reducer, input: ArrayType, axes: readonly number[]): Kernel {
  const { shape } = input;
  const first = axes[0] ?? 0;
  const neighbours = axes.every((axis, index) => axis === first + index);
  const length = sizeOf(axes.map((axis) => shape[axis]));
  if (neighbours) {
    const outer = sizeOf(shape.slice(0, first));
    const inner = sizeOf(shape.slice(first + axes.length));
    return (inputs, outputs) =>
      reducer(inputs[0] as Numbers, outputs[0] as Numbers, outer, length, inner);
  }
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const strides = stridesOf(shape);
  const moved = order.map((axis) => shape[axis]);
  const copy = stridedCopy(
    moved,
    order.map((axis) => strides[axis]),
    0,
    stridesOf(moved),
    0,
  );
  const scratch = allocate(input.dtype, sizeOf(shape));
  const outer = sizeOf(withoutAxes(shape, axes));
  return (inputs, outputs) => {
    copy(inputs[0], scratch);
    reducer(scratch as Numbers, outputs[0] as Numbers, outer, length, 1);
  };
}

const sum: Reducer = (a, o, outer, length, inner) => {
  if (inner === 1) {
    for (let i = 0, at = 0; i < outer; i++) {
      // Four running sums: shorter dependency chains and smaller rounding errors.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      const end = at + length;
      for (; at + 3 < end; at += 4) {
        s0 += a[at];
        s1 += a[at + 1];
        s2 += a[at + 2];
        s3 += a[at + 3];
      }
      for (; at < end; at++) s0 += a[at];
      o[i] = s0 + s1 + (s2 + s3);
    }
    return;
  }
  o.fill(0);
  for (let i = 0, at = 0; i < outer; i++) {
    const row = i * inner;
    for (let k = 0; k < length; k++) {
      for (let j = 0; j < inner; j++) o[row + j] += a[at++];
    }
  }
};

/** A running double sum of ints would lose low bits past 2^53: wrap at every step. */
const intSum: Reducer = (a, o, outer, length, inner) => {
  o.fill(0);
  for (let i = 0, at = 0; i < outer; i++) {
    for (let k = 0; k < length; k++) {
      for (let j = i * inner; j < (i + 1) * inner; j++) o[j] += a[at++];
    }
  }
};

/** NaN wins, as in Math.max. */
const max: Reducer = (a, o, outer, length, inner) => {
  for (let i = 0; i < outer; i++) {
    const base = i * length * inner;
    for (let j = 0; j < inner; j++) {
      let best = a[base + j];
      for (let k = 1; k < length; k++) best = Math.max(best, a[base + k * inner + j]);
      o[i * inner + j] = best;
    }
  }
};

const argmax: Reducer = (a, o, outer, length, inner) => {
  for (let i = 0; i < outer; i++) {
    const base = i * length * inner;
    for (let j = 0; j < inner; j++) {
      let best = 0;
      for (let k = 1; k < length; k++) {
        if (a[base + k * inner + j] > a[base + best * inner + j]) best = k;
      }
      o[i * inner + j] = best;
    }
  }
};

const logsumexp: Reducer = (a, o, outer, length, inner) => {
  for (let i = 0; i < outer; i++) {
    const base = i * length * inner;
    for (let j = 0; j < inner; j++) {
      let top = -Infinity;
      for (let k = 0; k < length; k++) top = Math.max(top, a[base + k * inner + j]);
      // All −∞, or some +∞ or NaN: the shift would make NaN of an infinity.
      if (!Number.isFinite(top)) {
        o[i * inner + j] = top;
        continue;
      }
      let total = 0;
      for (let k = 0; k < length; k++) total += elementary.exp(a[base + k * inner + j] - top);
      o[i * inner + j] = top + elementary.log(total);
    }
  }
};

export const reductionKernels: {
  [P in 'sum' | 'max' | 'argmax' | 'logsumexp' | 'cumsum']: KernelFactory<P>;
} = {
  sum: ({ axes }, [input]) => over(input.dtype === 'int' ? intSum : sum, input, axes),
  max: ({ axes }, [input]) => over(max, input, axes),
  argmax: ({ axis }, [input]) => over(argmax, input, [axis]),
  logsumexp: ({ axes }, [input]) => over(logsumexp, input, axes),
  cumsum: ({ axis, reverse }, [{ shape }]) => {
    const outer = sizeOf(shape.slice(0, axis));
    const length = shape[axis];
    const inner = sizeOf(shape.slice(axis + 1));
    const step = reverse ? -inner : inner;
    return ([a], [o]: readonly Buffer[]) => {
      for (let i = 0; i < outer; i++) {
        for (let j = 0; j < inner; j++) {
          let at = i * length * inner + j + (reverse ? (length - 1) * inner : 0);
          let total = 0;
          for (let k = 0; k < length; k++, at += step) {
            total += a[at];
            o[at] = total;
            // Int storage wraps; continue from what was stored.
            total = o[at];
          }
        }
      }
    };
  },
};
