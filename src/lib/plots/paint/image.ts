/** Grey images beside each other with captions, or two of them in one frame on both sides of a line. */
import type { ImageView } from '../../runtime/graph/view-data.ts';
import { drawable } from '../axes.ts';
import { formatNumber, precisionLabel } from '../format.ts';
import type { Theme } from '../theme.svelte.ts';
import { fitText, fontOf, type Box } from './frame.ts';
import { paintPixels, type Rectangle } from './pixels.ts';

const GAP = 8;
const LARGE = { text: 12, line: 16, scale: 22 } as const;
const COMPACT = { text: 9, line: 11, scale: 13 } as const;
const MOST_LINES = 2;
/** Room for the colour of a run beside its caption. */
const MARK = 10;

export function isDrawableImage(view: ImageView): boolean {
  const count = view.height * view.width;
  return (
    count > 0 &&
    view.range.every(drawable) &&
    view.panels.some(({ values }) => values.length >= count && values.some(drawable))
  );
}

/** RGBA pixels from black to white, without tint in either theme; a value that is not finite stays transparent. */
export function grayPixels(
  values: ArrayLike<number>,
  [black, white]: readonly [number, number],
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let i = 0; i < values.length; i++) {
    if (!drawable(values[i])) continue;
    const share = white > black ? (values[i] - black) / (white - black) : 0.5;
    // Clamped and rounded by the array.
    pixels.fill(255 * share, 4 * i, 4 * i + 3);
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** How many values of a view are darker than black or brighter than white. */
export function beyondRange({ panels, range: [black, white] }: ImageView): number {
  let count = 0;
  for (const { values } of panels)
    for (const value of values) if (value < black || value > white) count++;
  return count;
}

/** Black, white and what is drawn beyond them, in words. */
export function scaleText(view: ImageView): string {
  const [black, white] = view.range.map((value) => formatNumber(value));
  const beyond = beyondRange(view) > 0 ? ', values beyond are drawn black or white' : '';
  return `black ${black}, white ${white}${beyond}`;
}

export interface ImageLayout {
  readonly columns: number;
  readonly rows: number;
  /** Of a cell: an image with its caption. */
  readonly cellWidth: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly captionHeight: number;
}

/**
 * The arrangement in rows that makes the images largest and, in a panel, cuts no caption, if there is one. `linesIn` says how many lines the longest
 * caption takes in a width.
 */
export function imageLayout(
  box: Box,
  count: number,
  aspect: number,
  linesIn: (width: number) => number,
): ImageLayout {
  const { line, scale } = box.compact ? COMPACT : LARGE;
  let best: (ImageLayout & { readonly cut: boolean }) | null = null;
  for (let columns = count; columns >= 1; columns--) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (box.width - (columns + 1) * GAP) / columns;
    const lines = linesIn(cellWidth);
    const captionHeight = Math.min(MOST_LINES, lines) * line + 3;
    const room = (box.height - scale - (rows - 1) * GAP) / rows - captionHeight;
    const imageWidth = Math.max(1, Math.min(cellWidth, room * aspect));
    const cut = lines > MOST_LINES && !box.compact;
    if (!best || (best.cut && !cut) || (best.cut === cut && imageWidth > best.imageWidth))
      best = {
        cut,
        columns,
        rows,
        cellWidth,
        imageWidth,
        imageHeight: imageWidth / aspect,
        captionHeight,
      };
  }
  if (!best) throw new Error(`internal: expected images to arrange, got ${count}.`);
  return best;
}

/** A text in as many lines of a width as it takes, broken at spaces. */
function captionLines(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const joined = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && context.measureText(joined).width <= width)
      lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

/** Infinite where a word is longer than a line. */
function linesNeeded(context: CanvasRenderingContext2D, text: string, width: number): number {
  const lines = captionLines(context, text, width);
  return lines.every((line) => context.measureText(line).width <= width) ? lines.length : Infinity;
}

/** The lines that are drawn: the last takes what is left, and ends in an ellipsis where that is too long. */
function shownLines(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines = captionLines(context, text, width);
  const shown = lines.slice(0, MOST_LINES - 1);
  shown.push(lines.slice(MOST_LINES - 1).join(' '));
  return shown.filter(Boolean).map((line) => fitText(context, line, width));
}

export function paintImages(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: ImageView,
  runs: ReadonlyMap<string, number>,
): void {
  const { text, line } = box.compact ? COMPACT : LARGE;
  context.font = fontOf(theme, text);
  const layout = imageLayout(box, view.panels.length, view.width / view.height, (width) =>
    Math.max(...view.panels.map((p) => linesNeeded(context, p.caption, width - MARK))),
  );
  const { columns, rows, cellWidth, imageWidth, imageHeight, captionHeight } = layout;
  const stride = imageHeight + captionHeight + GAP;
  const scale = (box.compact ? COMPACT : LARGE).scale;
  const top = Math.max(0, (box.height - scale - (rows * stride - GAP)) / 2);
  // Cells move together where neither images nor captions need their width.
  const widest = Math.max(...view.panels.map((p) => context.measureText(p.caption).width));
  const pitch = Math.min(cellWidth, Math.max(imageWidth, widest + MARK)) + GAP;
  view.panels.forEach((panel, k) => {
    const row = Math.floor(k / columns);
    const inRow = Math.min(columns, view.panels.length - row * columns);
    const center = box.width / 2 + ((k % columns) - (inRow - 1) / 2) * pitch;
    const y = top + row * stride;
    const frame = { x: center - imageWidth / 2, y, width: imageWidth, height: imageHeight };
    paintPanel(context, theme, view, k, frame);
    context.font = fontOf(theme, text);
    context.textBaseline = 'top';
    context.textAlign = 'center';
    shownLines(context, panel.caption, pitch - GAP - MARK).forEach((part, i) => {
      const at = y + imageHeight + 3 + i * line;
      const mark = i === 0 ? runColor(theme, panel.nodeId, runs) : null;
      const half = context.measureText(part).width / 2;
      if (mark) {
        context.fillStyle = mark;
        context.fillRect(center - half - 5, at + 1, 6, text - 1);
      }
      context.fillStyle = theme.muted;
      context.fillText(part, mark ? center + 5 : center, at);
    });
  });
  paintScale(context, box, theme, view);
}

function runColor(
  theme: Theme,
  nodeId: string | undefined,
  runs: ReadonlyMap<string, number>,
): string | null {
  const index = nodeId === undefined ? undefined : runs.get(nodeId);
  return index === undefined ? null : theme.series[index % theme.series.length];
}

function paintPanel(
  context: CanvasRenderingContext2D,
  theme: Theme,
  view: ImageView,
  k: number,
  frame: Rectangle,
): void {
  const pixels = grayPixels(
    view.panels[k].values.subarray(0, view.height * view.width),
    view.range,
  );
  paintPixels(context, pixels, view.width, view.height, frame);
  // Black ends somewhere on a dark page too.
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.strokeRect(frame.x - 0.5, frame.y - 0.5, frame.width + 1, frame.height + 1);
}

/** A bar from black to white with their values, centred below. */
function paintScale(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: ImageView,
): void {
  const { text, scale } = box.compact ? COMPACT : LARGE;
  const size = text - 1;
  context.font = fontOf(theme, size);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const length = box.compact ? 40 : 90;
  const [low, high] = view.range.map((value) => formatNumber(value, 3));
  const beyond = beyondRange(view) > 0 && !box.compact ? ' (beyond: black or white)' : '';
  const after = `${high}${beyond} · ${precisionLabel(view.precision)}`;
  const widths = [low, after].map((part) => context.measureText(part).width);
  let x = Math.max(0, (box.width - widths[0] - widths[1] - length - 12) / 2);
  const y = box.height - scale / 2 + 1;
  context.fillStyle = theme.muted;
  context.fillText(low, x, y);
  x += widths[0] + 6;
  const ramp = context.createLinearGradient(x, 0, x + length, 0);
  ramp.addColorStop(0, '#000');
  ramp.addColorStop(1, '#fff');
  context.fillStyle = ramp;
  context.fillRect(x, y - size / 2, length, size);
  context.strokeStyle = theme.grid;
  context.strokeRect(x - 0.5, Math.round(y - size / 2) - 0.5, length + 1, size + 1);
  context.fillStyle = theme.muted;
  context.fillText(after, x + length + 6, y);
}

/** Where two compared images lie in a box: one upon the other. */
export function comparisonFrame(box: Box, view: ImageView): Rectangle {
  const aspect = view.width / view.height;
  const room = box.height - LARGE.scale - LARGE.line - 6;
  const width = Math.max(1, Math.min(box.width - 2 * GAP, room * aspect));
  return { x: (box.width - width) / 2, y: LARGE.line + 4, width, height: width / aspect };
}

/** @param split share of the width that shows the left image */
export function paintComparison(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: ImageView,
  [left, right]: readonly [number, number],
  split: number,
): void {
  const frame = comparisonFrame(box, view);
  const at = frame.x + split * frame.width;
  paintPanel(context, theme, view, right, frame);
  context.save();
  context.beginPath();
  context.rect(frame.x, frame.y, split * frame.width, frame.height);
  context.clip();
  paintPanel(context, theme, view, left, frame);
  context.restore();
  context.font = fontOf(theme, LARGE.text);
  context.textBaseline = 'top';
  context.fillStyle = theme.muted;
  const side = Math.min(at, box.width - at, frame.width);
  const room = Math.max(side, box.width / 2 - 12) - 8;
  context.textAlign = 'right';
  context.fillText(fitText(context, view.panels[left].caption, room), box.width / 2 - 10, 0);
  context.textAlign = 'left';
  context.fillText(fitText(context, view.panels[right].caption, room), box.width / 2 + 10, 0);
  context.textAlign = 'center';
  context.fillText('|', box.width / 2, 0);
  // A light line between dark ones is seen on every image.
  context.strokeStyle = theme.background;
  context.lineWidth = 4;
  upright(context, at, frame);
  context.strokeStyle = theme.ink;
  context.lineWidth = 2;
  upright(context, at, frame);
  context.fillStyle = theme.ink;
  context.strokeStyle = theme.background;
  context.beginPath();
  context.arc(at, frame.y + frame.height / 2, 7, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  paintScale(context, box, theme, view);
}

function upright(context: CanvasRenderingContext2D, x: number, frame: Rectangle): void {
  context.beginPath();
  context.moveTo(x, frame.y);
  context.lineTo(x, frame.y + frame.height);
  context.stroke();
}
