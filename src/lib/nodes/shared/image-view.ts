import type { FieldView } from '../../runtime/graph/view-data.ts';

/** Columns left free between images. */
const SPACE = 2;

/** Images [height, width], row by row from the top, side by side on one scale of brightness. */
export function imageView(
  images: readonly ArrayLike<number>[],
  height: number,
  width: number,
  precision: FieldView['precision'] = 'float64',
): FieldView {
  const columns = images.length * (width + SPACE) - SPACE;
  const values = new Float32Array(columns * height).fill(NaN);
  images.forEach((image, k) => {
    for (let i = 0; i < height; i++) {
      // Row 0 of a field is the lowest.
      const start = (height - 1 - i) * columns + k * (width + SPACE);
      for (let j = 0; j < width; j++) values[start + j] = image[i * width + j];
    }
  });
  const none = new Float64Array(0);
  return {
    kind: 'field',
    columns,
    rows: height,
    xRange: [0, columns - 1],
    yRange: [0, height - 1],
    values,
    equalScale: true,
    classes: [],
    points: { kind: 'scatter', x: none, y: none, xLabel: 'column', yLabel: 'row' },
    precision,
  };
}
