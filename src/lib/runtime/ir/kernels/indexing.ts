import { sizeOf } from '../shape.ts';
import type { KernelFactory } from './kernel.ts';

function outOfRange(where: string, index: number, size: number): RangeError {
  return new RangeError(`${where}(indices): expected 0 ≤ index < ${size}, got ${index}.`);
}

export const indexingKernels: { [P in 'gather' | 'scatterAdd']: KernelFactory<P> } = {
  gather: (_params, [operand]) => {
    const row = sizeOf(operand.shape.slice(1));
    const count = operand.shape[0];
    return ([a, indices], [o]) => {
      for (let m = 0, at = 0; m < indices.length; m++) {
        const index = indices[m];
        if (index < 0 || index >= count) throw outOfRange('gather', index, count);
        // Ends at the end of the row.
        for (let from = index * row, end = from + row; from < end;) o[at++] = a[from++];
      }
    };
  },
  scatterAdd: ({ size }, [, updates], [output]) => {
    const row = sizeOf(output.shape.slice(1));
    const empty = sizeOf(updates.shape) === 0;
    return ([indices, u], [o]) => {
      o.fill(0);
      if (empty) return;
      for (let m = 0, at = 0; m < indices.length; m++) {
        const index = indices[m];
        if (index < 0 || index >= size) throw outOfRange('scatterAdd', index, size);
        // Ends at the end of the row.
        for (let to = index * row, end = to + row; to < end;) o[to++] += u[at++];
      }
    };
  },
};
