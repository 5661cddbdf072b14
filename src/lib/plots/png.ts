/** A plot as a PNG picture: background, title, drawing, legend. */
import type { Theme } from './theme.svelte.ts';

export interface LegendItem {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
}

export interface PictureSpec {
  readonly title: string;
  readonly legend: readonly LegendItem[];
  /** A drawing in device pixels, `ratio` of them to a CSS pixel. */
  readonly drawing: HTMLCanvasElement;
  readonly ratio: number;
  readonly theme: Theme;
}

const PADDING = 16;
const LINE = 20;

/** Breaks legend entries into lines of a given width. */
export function legendLines(widths: readonly number[], available: number): number[][] {
  const lines: number[][] = [];
  let used = Infinity;
  widths.forEach((width, i) => {
    if (used + width > available) {
      lines.push([]);
      used = 0;
    }
    lines[lines.length - 1].push(i);
    used += width;
  });
  return lines;
}

/** Rejects when the browser refuses a canvas of this size. */
export async function picturePng(spec: PictureSpec): Promise<Blob> {
  const { drawing, ratio, theme, legend } = spec;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context)
    throw new Error('picturePng: expected a 2d canvas context, got none. Export CSV instead.');
  const width = drawing.width / ratio + 2 * PADDING;
  const font = `12px ${theme.font}`;
  context.font = font;
  const widths = legend.map((item) => context.measureText(item.label).width + 44);
  const lines = legendLines(widths, width - 2 * PADDING);
  const top = spec.title ? PADDING + 26 : PADDING;
  const height = top + drawing.height / ratio + lines.length * LINE + PADDING;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  context.fillStyle = theme.ink;
  context.font = `600 15px ${theme.font}`;
  context.textBaseline = 'top';
  context.fillText(spec.title, PADDING, PADDING, width - 2 * PADDING);
  context.drawImage(drawing, PADDING, top, drawing.width / ratio, drawing.height / ratio);
  context.font = font;
  context.textBaseline = 'middle';
  let y = top + drawing.height / ratio + LINE / 2 + 4;
  for (const line of lines) {
    let x = PADDING;
    for (const i of line) {
      context.strokeStyle = legend[i].color;
      context.lineWidth = 2.5;
      context.setLineDash(legend[i].dashed ? [5, 4] : []);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 20, y);
      context.stroke();
      context.fillStyle = theme.ink;
      context.fillText(legend[i].label, x + 26, y);
      x += widths[i];
    }
    y += LINE;
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) =>
        blob
          ? resolve(blob)
          : reject(
              new Error(
                `picturePng: expected a picture, got none at ${canvas.width} × ${canvas.height} pixels. Make the plot smaller.`,
              ),
            ),
      'image/png',
    );
  });
}
