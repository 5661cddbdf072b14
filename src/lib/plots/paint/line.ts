import type { LineView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, padDomain, padLogDomain } from '../axes.ts';
import { assignColors } from '../colors.ts';
import type { Theme } from '../theme.svelte.ts';
import { clipped, drawAxes, type Box } from './frame.ts';
import { paintPoints } from './scatter.ts';

/** Colour indices: lines first, in their order or their run's, then the groups of points. */
export function lineColors(
  view: LineView,
  runs: ReadonlyMap<string, number>,
): { lines: number[]; points: (number | null)[] } {
  const lines = assignColors(
    view.lines.map((l) => l.nodeId),
    runs,
  );
  const used = Math.max(-1, ...lines) + 1;
  // A single group of points beside lines is the data: drawn in the colour of text, not of a run.
  const points = view.points.map((_, i) =>
    view.points.length === 1 && view.lines.length > 0 ? null : used + i,
  );
  return { lines, points };
}

const positive = (value: number): number => (value > 0 ? value : NaN);

export function paintLine(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: LineView,
  runs: ReadonlyMap<string, number>,
): void {
  const x = extent([...view.points.map((p) => p.x), ...view.lines.map((l) => l.x)]);
  const log = view.yScale === 'log';
  const y = extent([...view.points.map((p) => p.y), ...view.lines.map((l) => l.y)], log);
  if (!x || !y) return;
  const frame = drawAxes(context, box, theme, {
    xDomain: padDomain(x),
    yDomain: log ? padLogDomain(y) : padDomain(y),
    yLog: log,
    xLabel: view.xLabel,
    yLabel: view.yLabel,
  });
  const colors = lineColors(view, runs);
  const color = (index: number): string => theme.series[index % theme.series.length];
  view.points.forEach((group, i) => {
    const index = colors.points[i];
    const series = [index === null ? theme.muted : color(index)];
    const y = log ? group.y.map(positive) : group.y;
    const points = { kind: 'scatter', x: group.x, y, xLabel: '', yLabel: '' } as const;
    paintPoints(context, frame, points, { ...theme, series }, box.compact);
  });
  clipped(context, frame, () => {
    view.lines.forEach((curve, i) => {
      context.strokeStyle = color(colors.lines[i]);
      context.lineWidth = box.compact ? 1.5 : 2;
      context.lineJoin = 'round';
      context.setLineDash(curve.dashed ? [6, 4] : []);
      context.beginPath();
      let open = false;
      for (let k = 0; k < Math.min(curve.x.length, curve.y.length); k++) {
        if (!drawable(curve.x[k]) || !drawable(log ? positive(curve.y[k]) : curve.y[k])) {
          open = false;
          continue;
        }
        if (open) context.lineTo(frame.x(curve.x[k]), frame.y(curve.y[k]));
        else context.moveTo(frame.x(curve.x[k]), frame.y(curve.y[k]));
        open = true;
      }
      context.stroke();
      context.setLineDash([]);
    });
  });
}
