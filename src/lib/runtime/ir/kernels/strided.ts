import type { Shape } from '../types.ts';
import type { Buffer } from './kernel.ts';

/**
 * Copies an n-dimensional block: for every index, `to[toOffset + Σ iₐ·toStrideₐ] = from[fromOffset + Σ iₐ·fromStrideₐ]`.
 * Neighbouring axes that are contiguous on both sides are merged beforehand, so that the inner loop is long.
 */
export function stridedCopy(
  shape: Shape,
  fromStrides: readonly number[],
  fromOffset: number,
  toStrides: readonly number[],
  toOffset: number,
): (from: Buffer, to: Buffer) => void {
  const size: number[] = [];
  const fs: number[] = [];
  const ts: number[] = [];
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = size.length - 1;
    if (last >= 0 && fs[last] === n * fromStrides[axis] && ts[last] === n * toStrides[axis]) {
      size[last] *= n;
      fs[last] = fromStrides[axis];
      ts[last] = toStrides[axis];
    } else {
      size.push(n);
      fs.push(fromStrides[axis]);
      ts.push(toStrides[axis]);
    }
  });
  if (size.some((n) => n === 0)) return () => {};
  // Ends after two turns.
  while (size.length < 2) {
    size.unshift(1);
    fs.unshift(0);
    ts.unshift(0);
  }
  const inner = size.length - 1;
  const outer = inner - 1;
  const [rows, columns] = [size[outer], size[inner]];
  const [fRow, fColumn, tRow, tColumn] = [fs[outer], fs[inner], ts[outer], ts[inner]];
  const blocks = size.slice(0, outer).reduce((a, b) => a * b, 1);
  const index = new Int32Array(outer);
  const contiguous = fColumn === 1 && tColumn === 1;
  const repeated = fColumn === 0 && tColumn === 1;

  return (from, to) => {
    index.fill(0);
    let f = fromOffset;
    let t = toOffset;
    for (let block = 0; block < blocks; block++) {
      for (let row = 0; row < rows; row++) {
        let fi = f + row * fRow;
        let ti = t + row * tRow;
        if (contiguous) {
          // Ends after columns turns.
          for (const end = fi + columns; fi < end;) to[ti++] = from[fi++];
        } else if (repeated) {
          to.fill(from[fi], ti, ti + columns);
        } else {
          for (let column = 0; column < columns; column++) {
            to[ti] = from[fi];
            fi += fColumn;
            ti += tColumn;
          }
        }
      }
      for (let axis = outer - 1; axis >= 0; axis--) {
        f += fs[axis];
        t += ts[axis];
        if (++index[axis] < size[axis]) break;
        f -= fs[axis] * size[axis];
        t -= ts[axis] * size[axis];
        index[axis] = 0;
      }
    }
  };
}
