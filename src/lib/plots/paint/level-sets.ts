/** Level sets of an objective and the paths of runs over them. */
import { contours } from 'd3-contour';
import type { LevelSetsView, PlanePath } from '../../runtime/graph/view-data.ts';
import { drawable, extent } from '../axes.ts';
import { assignColors } from '../colors.ts';
import type { Theme } from '../theme.svelte.ts';
import { mix, rgbOf, strokeRings } from './field.ts';
import { clipped, drawAxes, equalScaleBox, markerPath, type Box, type Frame } from './frame.ts';

export function isDrawableLevelSets(view: LevelSetsView): boolean {
  const { columns, rows, heights, xRange, yRange } = view;
  return (
    columns >= 2 &&
    rows >= 2 &&
    heights.length >= columns * rows &&
    [...xRange, ...yRange].every(drawable) &&
    xRange[0] < xRange[1] &&
    yRange[0] < yRange[1] &&
    extent([heights]) !== null
  );
}

/** Colour index of each path. */
export function pathColors(view: LevelSetsView, runs: ReadonlyMap<string, number>): number[] {
  return assignColors(
    view.paths.map(({ nodeId }) => nodeId),
    runs,
  );
}

/** Shades of the lowest and the highest ground, as shares of the colour of text. */
const SHADES = [0, 0.14] as const;

/** Pixels of the grid, top row first: the higher in the logarithm, the darker; transparent without a value. */
export function groundPixels(
  view: LevelSetsView,
  background: string,
  ink: string,
): Uint8ClampedArray<ArrayBuffer> {
  const { columns, rows, heights, levels } = view;
  const [from, to] = [rgbOf(background), rgbOf(ink)];
  const low = levels[0] ?? 1;
  const high = levels.at(-1) ?? 1;
  const pixels = new Uint8ClampedArray(4 * columns * rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const height = heights[r * columns + c];
      if (Number.isNaN(height)) continue;
      const place = high > low ? Math.log(Math.max(height, low) / low) / Math.log(high / low) : 0;
      const shade = SHADES[0] + Math.min(1, place) * (SHADES[1] - SHADES[0]);
      pixels.set([...mix(from, to, shade), 255], 4 * ((rows - 1 - r) * columns + c));
    }
  return pixels;
}

/** Where a drawing lies on its canvas, for reading values back. */
export interface Placed {
  /** The value at a position in pixels, or null outside the frame. */
  at(px: number, py: number): { readonly x: number; readonly y: number } | null;
  /** Distance in pixels between a position and a value. */
  distance(px: number, py: number, x: number, y: number): number;
}

export function paintLevelSets(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: LevelSetsView,
  runs: ReadonlyMap<string, number>,
): Placed | null {
  if (!isDrawableLevelSets(view)) return null;
  const { columns, rows, xRange, yRange, heights, levels } = view;
  const drawn = view.equalScale ? equalScaleBox(box, xRange, yRange) : box;
  const [dx, dy] = [(box.width - drawn.width) / 2, (box.height - drawn.height) / 2];
  context.translate(dx, dy);
  const frame = drawAxes(context, drawn, theme, {
    xDomain: xRange,
    yDomain: yRange,
    xLabel: view.xLabel,
    yLabel: view.yLabel,
  });
  const image = new OffscreenCanvas(columns, rows);
  const pixels = groundPixels(view, theme.background, theme.ink);
  image.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  const cellWidth = (frame.right - frame.left) / (columns - 1);
  const cellHeight = (frame.bottom - frame.top) / (rows - 1);
  clipped(context, frame, () => {
    context.imageSmoothingEnabled = true;
    context.drawImage(
      image,
      frame.left - cellWidth / 2,
      frame.top - cellHeight / 2,
      cellWidth * columns,
      cellHeight * rows,
    );
    // Near a minimum heights grow as squares, and roots are linear, as the interpolation between grid points is.
    const roots = Array.from(heights, (h) => Math.sqrt(Math.max(h, 0)));
    const generator = contours().size([columns, rows]);
    context.strokeStyle = theme.muted;
    context.lineWidth = box.compact ? 0.5 : 0.8;
    context.globalAlpha = 0.75;
    for (const level of levels) {
      const rings = generator.contour(roots, Math.sqrt(level)).coordinates.flat();
      strokeRings(context, view, frame, rings, (c, r) => !Number.isNaN(heights[r * columns + c]));
    }
    context.globalAlpha = 1;
    const colors = pathColors(view, runs);
    view.paths.forEach((path, p) => {
      paintPath(context, frame, path, theme.series[colors[p] % theme.series.length], theme, box);
    });
    paintPlaces(context, frame, view, theme, box.compact);
  });
  const span = [xRange[1] - xRange[0], yRange[1] - yRange[0]];
  return {
    at(px, py) {
      const u = (px - dx - frame.left) / (frame.right - frame.left);
      const v = (frame.bottom - (py - dy)) / (frame.bottom - frame.top);
      if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return null;
      return { x: xRange[0] + u * span[0], y: yRange[0] + v * span[1] };
    },
    distance: (px, py, x, y) => Math.hypot(px - dx - frame.x(x), py - dy - frame.y(y)),
  };
}

/** More iterates than this are drawn as a line alone. */
const MOST_DOTS = 200;

function paintPath(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { x, y }: PlanePath,
  color: string,
  theme: Theme,
  { compact }: Box,
): void {
  const trace = (): void => {
    context.beginPath();
    let down = false;
    for (let i = 0; i < x.length; i++) {
      if (!drawable(x[i]) || !drawable(y[i])) {
        down = false;
        continue;
      }
      if (down) context.lineTo(frame.x(x[i]), frame.y(y[i]));
      else context.moveTo(frame.x(x[i]), frame.y(y[i]));
      down = true;
    }
    context.stroke();
  };
  context.lineJoin = 'round';
  context.lineCap = 'round';
  // Light around the line keeps it apart from level sets and other paths.
  context.strokeStyle = theme.background;
  context.globalAlpha = 0.6;
  context.lineWidth = compact ? 2.5 : 4;
  trace();
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.lineWidth = compact ? 1.2 : 1.8;
  trace();
  const last = x.length - 1;
  const dots = x.length <= MOST_DOTS && !compact;
  context.fillStyle = color;
  context.beginPath();
  for (let i = dots ? 1 : last; i <= last; i++) {
    if (i === 0 || !drawable(x[i]) || !drawable(y[i])) continue;
    const radius = i === last ? (compact ? 2.6 : 4) : 2;
    markerPath(context, 0, frame.x(x[i]), frame.y(y[i]), radius);
  }
  context.fill();
}

/** The common start, and the minimiser. */
function paintPlaces(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { paths, minimiser }: LevelSetsView,
  theme: Theme,
  compact: boolean,
): void {
  const size = compact ? 3 : 5;
  context.strokeStyle = theme.ink;
  context.fillStyle = theme.background;
  context.lineWidth = compact ? 1 : 1.5;
  for (const { x, y } of paths) {
    if (!drawable(x[0]) || !drawable(y[0])) continue;
    context.beginPath();
    markerPath(context, 1, frame.x(x[0]), frame.y(y[0]), size);
    context.fill();
    context.stroke();
  }
  if (!minimiser || !drawable(minimiser.x) || !drawable(minimiser.y)) return;
  const [px, py] = [frame.x(minimiser.x), frame.y(minimiser.y)];
  const arms = (): void => {
    context.beginPath();
    for (const [a, b] of [
      [1, 1],
      [1, -1],
    ]) {
      context.moveTo(px - a * size, py - b * size);
      context.lineTo(px + a * size, py + b * size);
    }
    context.stroke();
  };
  context.lineWidth = compact ? 3 : 4.5;
  context.strokeStyle = theme.background;
  arms();
  context.lineWidth = compact ? 1.2 : 2;
  context.strokeStyle = theme.ink;
  arms();
}
