import { contours } from 'd3-contour';
import type { FieldView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, linearTicks } from '../axes.ts';
import type { Theme } from '../theme.svelte.ts';
import { clipped, drawAxes, equalScaleBox, type Box, type Frame } from './frame.ts';
import { paintPoints } from './scatter.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Parses a colour as style sheets and canvases give it: "#rgb", "#rrggbb" or "rgb(r, g, b)". */
export function rgbOf(color: string): Rgb {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  if (short)
    return rgbOf(
      `#${short
        .slice(1)
        .map((digit) => digit + digit)
        .join('')}`,
    );
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (hex) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)];
  const parts = color.match(/-?\d+(\.\d+)?/g);
  return parts && parts.length >= 3
    ? [Number(parts[0]), Number(parts[1]), Number(parts[2])]
    : [128, 128, 128];
}

export function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** How far from mere chance a probability is, in [0, 1]. */
function certainty(confidence: number, classes: number): number {
  const chance = 1 / Math.max(2, classes);
  return Math.min(1, Math.max(0, (confidence - chance) / (1 - chance)));
}

/**
 * Pixels of the grid, one per cell, top row first: the colour of the class, paler towards the background the less
 * certain the class is. Cells without a finite value stay transparent.
 */
export function fieldPixels(
  view: FieldView,
  colors: readonly Rgb[],
  background: Rgb,
): Uint8ClampedArray<ArrayBuffer> {
  const { columns, rows } = view;
  const pixels = new Uint8ClampedArray(4 * columns * rows);
  const domain = view.values && extent([view.values]);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const from = r * columns + c;
      const to = 4 * ((rows - 1 - r) * columns + c);
      let rgb: Rgb;
      if (view.classIndex) {
        const confidence = view.confidence?.[from] ?? 1;
        if (!drawable(confidence)) continue;
        const strength = 0.1 + 0.45 * certainty(confidence, view.classes.length);
        rgb = mix(background, colors[view.classIndex[from] % colors.length], strength);
      } else {
        const value = view.values?.[from];
        if (!drawable(value) || !domain) continue;
        const t = domain[1] > domain[0] ? (value - domain[0]) / (domain[1] - domain[0]) : 0.5;
        rgb = mix(background, colors[0], 0.05 + 0.75 * t);
      }
      pixels[to] = rgb[0];
      pixels[to + 1] = rgb[1];
      pixels[to + 2] = rgb[2];
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/**
 * Signed margin of class k: positive where the class wins. Where two classes meet, the other has about 1 − p, so p − ½
 * goes to zero there and linear interpolation finds the boundary between cells; with two classes this is exact. Where
 * three meet and no class reaches ½, a small margin stands in, and the margins are smoothed by a cell.
 */
export function classMargin(view: FieldView, k: number): number[] {
  const exact = view.classes.length === 2;
  const least = exact ? 1e-9 : 0.02;
  const margin = Array.from(view.classIndex ?? [], (index, i) => {
    const confidence = view.confidence?.[i] ?? 1;
    const size = drawable(confidence) ? Math.max(confidence - 0.5, least) : 0;
    return index === k ? size : -size;
  });
  return exact ? margin : blurred(margin, view.columns, view.rows);
}

/** Weights ¼ ½ ¼ along both axes, so that a boundary known only by cells has no stairs. */
function blurred(values: readonly number[], columns: number, rows: number): number[] {
  const pass = (from: readonly number[], stride: number, size: number): number[] =>
    from.map((v, i) => {
      const at = Math.floor(i / stride) % size;
      const before = at > 0 ? from[i - stride] : v;
      const after = at < size - 1 ? from[i + stride] : v;
      return (before + 2 * v + after) / 4;
    });
  return pass(pass(values, 1, columns), columns, rows);
}

function contourLines(view: FieldView): { level: number; rings: number[][][] }[] {
  const generator = contours().size([view.columns, view.rows]);
  if (view.classIndex) {
    // With two classes one boundary is enough; with K the boundaries of K − 1 of them cover all.
    const wanted = view.classes.length === 2 ? [1] : view.classes.map((_, k) => k).slice(1);
    const present = new Set(view.classIndex);
    return wanted
      .filter((k) => present.has(k) && present.size > 1)
      .map((k) => ({
        level: 0,
        rings: generator.contour(classMargin(view, k), 0).coordinates.flat(),
      }));
  }
  const values = Array.from(view.values ?? []);
  const domain = extent([values]);
  if (!domain || !values.every(drawable)) return [];
  return linearTicks(domain, 8).map((level) => ({
    level,
    rings: generator.contour(values, level).coordinates.flat(),
  }));
}

/** A grid whose outermost points lie on the ends of the ranges. */
export type Grid = Pick<FieldView, 'columns' | 'rows' | 'xRange' | 'yRange'>;

/**
 * Contours are known between the centres of the outermost cells; beyond, rings only close themselves along the border, and
 * that is no boundary. Nor is the edge of a region without values.
 *
 * @param known whether a grid point has a value. @default all have
 */
export function strokeRings(
  context: CanvasRenderingContext2D,
  view: Grid,
  frame: Frame,
  rings: readonly number[][][],
  known: (column: number, row: number) => boolean = () => true,
): void {
  const { columns, rows, xRange, yRange } = view;
  const px = (u: number): number =>
    frame.x(xRange[0] + ((u - 0.5) / (columns - 1)) * (xRange[1] - xRange[0]));
  const py = (v: number): number =>
    frame.y(yRange[0] + ((v - 0.5) / (rows - 1)) * (yRange[1] - yRange[0]));
  const inside = ([u, v]: number[]): boolean =>
    u >= 0.5 && u <= columns - 0.5 && v >= 0.5 && v <= rows - 0.5;
  const along = ([u, v]: number[], [s, t]: number[]): boolean =>
    (u === s && (u === 0.5 || u === columns - 0.5)) || (v === t && (v === 0.5 || v === rows - 0.5));
  context.beginPath();
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      const [a, b] = [ring[i - 1], ring[i]];
      if (!inside(a) || !inside(b) || along(a, b)) continue;
      const [u, v] = [(a[0] + b[0]) / 2 - 0.5, (a[1] + b[1]) / 2 - 0.5];
      const corners = [Math.floor(u), Math.ceil(u)].flatMap((c) => [
        [c, Math.floor(v)],
        [c, Math.ceil(v)],
      ]);
      if (!corners.every(([c, r]) => known(c, r))) continue;
      context.moveTo(px(a[0]), py(a[1]));
      context.lineTo(px(b[0]), py(b[1]));
    }
  context.stroke();
}

export function paintField(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: FieldView,
): void {
  if (!isDrawableField(view)) return;
  const drawn = view.equalScale ? equalScaleBox(box, view.xRange, view.yRange) : box;
  context.translate((box.width - drawn.width) / 2, (box.height - drawn.height) / 2);
  const frame = drawAxes(context, drawn, theme, {
    xDomain: view.xRange,
    yDomain: view.yRange,
    xLabel: view.points.xLabel,
    yLabel: view.points.yLabel,
  });
  const pixels = fieldPixels(view, theme.series.map(rgbOf), rgbOf(theme.background));
  const image = new OffscreenCanvas(view.columns, view.rows);
  image.getContext('2d')?.putImageData(new ImageData(pixels, view.columns, view.rows), 0, 0);
  // Values belong to the ends of the ranges and evenly between, so the outermost cells lie half outside.
  const cellWidth = (frame.right - frame.left) / (view.columns - 1);
  const cellHeight = (frame.bottom - frame.top) / (view.rows - 1);
  clipped(context, frame, () => {
    context.imageSmoothingEnabled = true;
    context.drawImage(
      image,
      frame.left - cellWidth / 2,
      frame.top - cellHeight / 2,
      cellWidth * view.columns,
      cellHeight * view.rows,
    );
    context.strokeStyle = theme.ink;
    // Boundaries of classes stand out; level lines of a scalar field may lie close together.
    context.lineWidth = (box.compact ? 1 : 1.5) * (view.classIndex ? 1 : 0.6);
    context.lineCap = 'round';
    for (const { rings } of contourLines(view)) strokeRings(context, view, frame, rings);
  });
  paintPoints(context, frame, view.points, theme, box.compact, true);
}

export function isDrawableField(view: FieldView): boolean {
  const cells = view.columns * view.rows;
  const ranges = [...view.xRange, ...view.yRange];
  return (
    view.columns >= 2 &&
    view.rows >= 2 &&
    ranges.every(drawable) &&
    view.xRange[0] < view.xRange[1] &&
    view.yRange[0] < view.yRange[1] &&
    ((view.classIndex?.length ?? 0) >= cells ||
      ((view.values?.length ?? 0) >= cells && extent([view.values ?? []]) !== null))
  );
}
