/** A matrix as coloured cells, with indices beside it and a bar of its colours. */
import type { HeatmapView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, linearTicks, positioner, tickLabel, type Domain } from '../axes.ts';
import { precisionLabel } from '../format.ts';
import type { Theme } from '../theme.svelte.ts';
import { mix, rgbOf, type Rgb } from './field.ts';
import { fitText, fontOf, line, type Box } from './frame.ts';
import { paintPixels, type Rectangle } from './pixels.ts';

export function isDrawableHeatmap({ rows, columns, values }: HeatmapView): boolean {
  return rows > 0 && columns > 0 && values.length >= rows * columns && extent([values]) !== null;
}

export interface Scale {
  /** Ends of the bar. */
  readonly domain: Domain;
  color(value: number): Rgb;
}

/**
 * From the background to one colour, starting at 0 where no value is negative; with both signs two colours that meet in the background at
 * 0, equally strong at equal distance.
 */
export function heatScale([low, high]: Domain, background: Rgb, colors: readonly Rgb[]): Scale {
  if (low < 0 && high > 0) {
    const size = Math.max(-low, high);
    return {
      domain: [-size, size],
      color: (value) => mix(background, colors[value < 0 ? 1 : 0], Math.abs(value) / size),
    };
  }
  const least = low > 0 ? 0 : low;
  const most = high > least ? high : least + 1;
  return {
    domain: [least, most],
    color: (value) => mix(background, colors[0], (value - least) / (most - least)),
  };
}

/** RGBA pixels, top row first; a value that is not finite stays transparent. */
export function heatPixels(
  values: ArrayLike<number>,
  { color }: Scale,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let i = 0; i < values.length; i++) {
    if (!drawable(values[i])) continue;
    const [red, green, blue] = color(values[i]);
    pixels.set([red, green, blue, 255], 4 * i);
  }
  return pixels;
}

/** Where the cells lie: square ones, where the shape of the matrix leaves them large enough. */
export function heatFrame(box: Box, { rows, columns }: HeatmapView, beside: number): Rectangle {
  const [left, right] = box.compact ? [beside + 6, 44] : [beside + 26, 78];
  const [top, bottom] = box.compact ? [4, 16] : [6, 38];
  const room = { width: box.width - left - right, height: box.height - top - bottom };
  const aspect = columns / rows;
  const square = aspect > 0.2 && aspect < 5;
  const width = Math.max(1, square ? Math.min(room.width, room.height * aspect) : room.width);
  const height = Math.max(1, square ? width / aspect : room.height);
  // Cells, indices and bar stand together in the middle.
  return { x: left + (room.width - width) / 2, y: top + (room.height - height) / 2, width, height };
}

export function paintHeatmap(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: HeatmapView,
): void {
  const { rows, columns } = view;
  const range = extent([view.values]);
  if (!range) return;
  const size = box.compact ? 9 : 11;
  context.font = fontOf(theme, size);
  const [allRows, allColumns] = view.of ?? [rows, columns];
  const rowTicks = indexTicks(allRows, Math.max(2, box.height / 44));
  const beside = Math.max(...rowTicks.map((t) => context.measureText(String(t)).width));
  const frame = heatFrame(box, view, beside);
  const widest = context.measureText(String(allColumns)).width;
  const columnTicks = columnIndices(allColumns, frame.width, widest);
  const scale = heatScale(range, rgbOf(theme.background), theme.series.map(rgbOf));
  const cells = view.values.subarray(0, rows * columns);
  paintPixels(context, heatPixels(cells, scale), columns, rows, frame);
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.strokeRect(frame.x - 0.5, frame.y - 0.5, frame.width + 1, frame.height + 1);

  context.fillStyle = theme.muted;
  context.strokeStyle = theme.muted;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of rowTicks) {
    const y = frame.y + ((tick - 0.5) / allRows) * frame.height;
    line(context, frame.x - 4, y, frame.x - 1, y);
    context.fillText(String(tick), frame.x - 6, y);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const below = frame.y + frame.height;
  for (const tick of columnTicks) {
    const x = frame.x + ((tick - 0.5) / allColumns) * frame.width;
    line(context, x, below + 1, x, below + 4);
    context.fillText(String(tick), x, below + 5);
  }
  if (!box.compact) {
    const middle = frame.x + frame.width / 2;
    const room = Math.max(frame.width, 120);
    context.fillText(fitText(context, view.columnLabel, room), middle, below + 20);
    context.save();
    context.translate(frame.x - beside - 12, frame.y + frame.height / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = 'bottom';
    context.fillText(fitText(context, view.rowLabel, Math.max(frame.height, 120)), 0, 0);
    context.restore();
  }
  paintBar(context, box, theme, view, scale, frame);
}

/** Numbers below the columns, thinned until the widest leaves room between neighbours. */
export function columnIndices(count: number, width: number, widest: number): number[] {
  const gap = 8;
  for (let most = Math.max(2, Math.floor(width / (widest + gap))); most >= 1; most--) {
    const ticks = indexTicks(count, most);
    const apart = ticks.length > 1 ? ((ticks[1] - ticks[0]) / count) * width : Infinity;
    if (apart >= widest + gap) return ticks;
  }
  return [];
}

/** Numbers of rows or columns, counted from 1. */
function indexTicks(count: number, most: number): number[] {
  return linearTicks([1, count], most).filter(Number.isInteger);
}

function paintBar(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: HeatmapView,
  { domain, color }: Scale,
  frame: Rectangle,
): void {
  const width = box.compact ? 7 : 12;
  const x = frame.x + frame.width + (box.compact ? 6 : 14);
  const steps = 64;
  const at = positioner(domain, frame.y + frame.height, frame.y);
  const share = (domain[1] - domain[0]) / steps;
  for (let i = 0; i < steps; i++) {
    const [red, green, blue] = color(domain[0] + (i + 0.5) * share);
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    const upper = at(domain[0] + (i + 1) * share);
    context.fillRect(x, upper, width, at(domain[0] + i * share) - upper + 0.5);
  }
  context.strokeStyle = theme.grid;
  context.strokeRect(x - 0.5, frame.y - 0.5, width + 1, frame.height + 1);
  context.fillStyle = theme.muted;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const ticks = linearTicks(domain, Math.max(2, frame.height / 50));
  for (const tick of ticks) context.fillText(tickLabel(tick, ticks), x + width + 4, at(tick));
  if (box.compact) return;
  context.textBaseline = 'top';
  context.fillText(precisionLabel(view.precision), x, frame.y + frame.height + 6);
}
