import type { Dtype, HostArray, Shape } from '../ir/types.ts';

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
