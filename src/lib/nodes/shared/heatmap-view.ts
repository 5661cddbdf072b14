import type { HeatmapView } from '../../runtime/graph/view-data.ts';

/** Rows and columns that are drawn at most; more are finer than the pixels of a panel. */
const MOST = 512;

/** Indices 0 … count − 1, or as many of them as may be drawn, evenly spread. */
export function spread(count: number, most: number): Int32Array {
  const drawn = Math.min(count, most);
  return Int32Array.from({ length: drawn }, (_, k) => Math.floor((k * count) / drawn));
}

/** A matrix [rows, columns] as coloured cells; of a large one only some rows and columns, evenly spread. */
export function heatmapView(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  labels: { readonly rowLabel: string; readonly columnLabel: string },
): HeatmapView {
  const [i, j] = [spread(rows, MOST), spread(columns, MOST)];
  return {
    kind: 'heatmap',
    rows: i.length,
    columns: j.length,
    values: Float64Array.from(
      { length: i.length * j.length },
      (_, k) => matrix[i[Math.floor(k / j.length)] * columns + j[k % j.length]],
    ),
    ...labels,
    ...((i.length < rows || j.length < columns) && { of: [rows, columns] as const }),
    precision: 'float64',
  };
}
