import { ShapeError } from './errors.ts';
import { checkShape, formatShape, sizeOf } from './shape.ts';
import type { ArrayType, Dtype, HostArray, Shape } from './types.ts';

type FloatHost = Extract<HostArray, { dtype: 'float' }>;
type IntHost = Extract<HostArray, { dtype: 'int' }>;
type BoolHost = Extract<HostArray, { dtype: 'bool' }>;

function checkLength(where: string, length: number, shape: Shape): void {
  checkShape(where, shape);
  if (length !== sizeOf(shape)) {
    throw new ShapeError(where, `${sizeOf(shape)} elements for ${formatShape(shape)}`, `${length}`);
  }
}

/** A float array on the host. A `Float64Array` is kept, anything else is copied. Without `shape`, a vector. */
export function hostFloat(data: ArrayLike<number>, shape: Shape = [data.length]): FloatHost {
  checkLength('hostFloat', data.length, shape);
  const values = data instanceof Float64Array ? data : Float64Array.from(data);
  return { shape, dtype: 'float', data: values };
}

/**
 * An int array on the host. An `Int32Array` is kept; other data must be whole numbers of 32 bits, and are copied.
 * Without `shape`, a vector.
 */
export function hostInt(data: ArrayLike<number>, shape: Shape = [data.length]): IntHost {
  checkLength('hostInt', data.length, shape);
  if (data instanceof Int32Array) return { shape, dtype: 'int', data };
  const values = Int32Array.from(data);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== data[i]) {
      throw new ShapeError('hostInt', 'whole numbers of 32 bits', `${data[i]} at ${i}`);
    }
  }
  return { shape, dtype: 'int', data: values };
}

/** A bool array on the host, stored as 0 and 1. Without `shape`, a vector. */
export function hostBool(
  data: ArrayLike<number> | ArrayLike<boolean>,
  shape: Shape = [data.length],
): BoolHost {
  checkLength('hostBool', data.length, shape);
  return {
    shape,
    dtype: 'bool',
    data: Uint8Array.from(data as ArrayLike<number>, (x) => (x ? 1 : 0)),
  };
}

/** A float scalar. */
export function hostScalar(x: number): FloatHost {
  return { shape: [], dtype: 'float', data: Float64Array.of(x) };
}

/** Zeros (false for bool). */
export function zerosHost(shape: Shape, dtype: Dtype = 'float'): HostArray {
  checkShape('zerosHost', shape);
  const size = sizeOf(shape);
  if (dtype === 'float') return { shape, dtype, data: new Float64Array(size) };
  if (dtype === 'int') return { shape, dtype, data: new Int32Array(size) };
  return { shape, dtype, data: new Uint8Array(size) };
}

/** An array of the type over existing storage of the matching kind. */
export function hostOf(type: ArrayType, data: HostArray['data']): HostArray {
  const { shape, dtype } = type;
  checkLength('hostOf', data.length, shape);
  if (dtype === 'float' && data instanceof Float64Array) return { shape, dtype, data };
  if (dtype === 'int' && data instanceof Int32Array) return { shape, dtype, data };
  if (dtype === 'bool' && data instanceof Uint8Array) return { shape, dtype, data };
  throw new ShapeError('hostOf', `storage of dtype ${dtype}`, data.constructor.name);
}
