import type { ScatterView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, padDomain } from '../axes.ts';
import type { Theme } from '../theme.svelte.ts';
import { clipped, drawAxes, markerPath, type Box, type Frame } from './frame.ts';

/** More points than this are thinned with a constant stride; a plot of this size is full anyway. */
export const MOST_POINTS = 20_000;

/** Number of points with both coordinates finite. */
export function drawablePoints(view: ScatterView): number {
  let count = 0;
  const n = Math.min(view.x.length, view.y.length);
  for (let i = 0; i < n; i++) if (drawable(view.x[i]) && drawable(view.y[i])) count++;
  return count;
}

/** Points over a given frame, class by class so that each colour is set once. */
export function paintPoints(
  context: CanvasRenderingContext2D,
  frame: Frame,
  view: ScatterView,
  theme: Theme,
  compact: boolean,
  outlined = false,
): void {
  const n = Math.min(view.x.length, view.y.length);
  const stride = Math.max(1, Math.ceil(n / MOST_POINTS));
  const radius = (n > 2000 ? 1.4 : n > 400 ? 2.1 : 3) * (compact ? 0.8 : 1);
  const groups = view.labels ? Math.max(1, view.classes?.length ?? 1) : 1;
  clipped(context, frame, () => {
    for (let g = 0; g < groups; g++) {
      context.beginPath();
      for (let i = 0; i < n; i += stride) {
        if (view.labels && view.labels[i] !== g) continue;
        if (!drawable(view.x[i]) || !drawable(view.y[i])) continue;
        markerPath(context, view.labels ? g : 0, frame.x(view.x[i]), frame.y(view.y[i]), radius);
      }
      context.fillStyle = theme.series[g % theme.series.length];
      if (outlined) {
        context.globalAlpha = 1;
        context.lineWidth = compact ? 1 : 1.5;
        context.strokeStyle = theme.background;
        context.stroke();
      } else context.globalAlpha = n > 400 ? 0.7 : 0.85;
      context.fill();
      context.globalAlpha = 1;
    }
  });
}

export function paintScatter(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: ScatterView,
): void {
  const x = extent([view.x]);
  const y = extent([view.y]);
  if (!x || !y) return;
  const frame = drawAxes(context, box, theme, {
    xDomain: padDomain(x),
    yDomain: padDomain(y),
    xLabel: view.xLabel,
    yLabel: view.yLabel,
  });
  paintPoints(context, frame, view, theme, box.compact);
}
