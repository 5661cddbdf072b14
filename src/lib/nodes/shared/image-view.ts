import type { ImagePanel, ImageView } from '../../runtime/graph/view-data.ts';

export interface Picture {
  /** float [height · width], row by row from the top. */
  readonly values: ArrayLike<number>;
  readonly caption: string;
  /** The run that made it. */
  readonly nodeId?: string;
}

/**
 * Images beside each other. The values of the first, usually the true one, span from black to white, so that noise in another does not
 * take its contrast away.
 */
export function imageView(
  pictures: readonly Picture[],
  height: number,
  width: number,
  precision: ImageView['precision'] = 'float64',
): ImageView {
  const panels = pictures.map(({ values, ...rest }): ImagePanel => ({
    ...rest,
    values: Float64Array.from(values),
  }));
  let [black, white] = [Infinity, -Infinity];
  for (const value of panels[0]?.values ?? []) {
    if (value < black) black = value;
    if (value > white) white = value;
  }
  return {
    kind: 'image',
    height,
    width,
    panels,
    range: black <= white ? [black, white] : [0, 1],
    precision,
  };
}
