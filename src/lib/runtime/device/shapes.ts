import type { Dtype, HostArray, Shape } from '../ir/types.ts';

/** Number of elements of an array of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** A float32, int32 or boolean readback (any number array) as a host array; floats are widened, never rounded. */
export function toHost(data: ArrayLike<number>, shape: Shape, dtype: Dtype): HostArray {
  switch (dtype) {
    case 'float':
      return { shape, dtype, data: Float64Array.from(data) };
    case 'int':
      return { shape, dtype, data: Int32Array.from(data) };
    case 'bool':
      return { shape, dtype, data: Uint8Array.from(data, (x) => (x === 0 ? 0 : 1)) };
  }
}
