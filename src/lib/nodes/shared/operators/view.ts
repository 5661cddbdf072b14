import type { ViewData } from '../../../runtime/graph/view-data.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { imageView } from '../image-view.ts';

/** Points that a drawn signal has at most; a picture inside a node has no room for more. */
const MOST_POINTS = 2000;

export interface Shown {
  readonly values: ArrayLike<number>;
  readonly label: string;
  /** A reference behind the others; only signals. */
  readonly dashed?: boolean;
}

/** Signals over their places, or images side by side. */
export function signalsView(shape: Shape, shown: readonly Shown[], yLabel = 'value'): ViewData {
  if (shape.length === 2) {
    return imageView(
      shown.map(({ values, label }) => ({ values, caption: label })),
      shape[0],
      shape[1],
    );
  }
  const stride = Math.max(1, Math.ceil(shape[0] / MOST_POINTS));
  return {
    kind: 'line',
    xLabel: 'i',
    yLabel,
    points: [],
    lines: shown.map(({ values, label, dashed }) => {
      const count = Math.ceil(values.length / stride);
      return {
        x: Float64Array.from({ length: count }, (_, i) => i * stride),
        y: Float64Array.from({ length: count }, (_, i) => values[i * stride]),
        label,
        ...(dashed && { dashed }),
      };
    }),
  };
}
