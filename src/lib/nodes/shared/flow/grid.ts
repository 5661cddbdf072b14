/** Grids over the plane. */
import type { HostArray } from '../../../runtime/ir/types.ts';

export interface Box {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** The range of points [N, 2], widened on each side by its width times the margin; never empty. */
export function planeBox({ data }: HostArray, margin: number): Box {
  const range = (column: number): [number, number] => {
    let low = Infinity;
    let high = -Infinity;
    for (let i = column; i < data.length; i += 2) {
      low = Math.min(low, data[i]);
      high = Math.max(high, data[i]);
    }
    const extra = high > low ? margin * (high - low) : 1;
    return [low - extra, high + extra];
  };
  return { x: range(0), y: range(1) };
}

/** side² points from corner to corner, x fastest, row-major [side², 2]. */
export function planeGrid({ x, y }: Box, side: number): Float64Array {
  const grid = new Float64Array(2 * side * side);
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      grid[2 * (r * side + c)] = x[0] + ((x[1] - x[0]) * c) / (side - 1);
      grid[2 * (r * side + c) + 1] = y[0] + ((y[1] - y[0]) * r) / (side - 1);
    }
  }
  return grid;
}
