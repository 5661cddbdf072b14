/** Grids of pixels whose edges stay visible when they are enlarged. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Beyond this a side of the enlarged grid is not made larger, which keeps it within every browser's limits. */
const LARGEST_SIDE = 4096;

/**
 * Draws RGBA pixels, row by row from the top. They are enlarged by a whole factor with hard edges first and then reduced smoothly, so
 * that all come out equally large whatever the size; a grid finer than the screen is averaged.
 */
export function paintPixels(
  context: CanvasRenderingContext2D,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  columns: number,
  rows: number,
  { x, y, width, height }: Rectangle,
): void {
  const grid = new OffscreenCanvas(columns, rows);
  grid.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  const ratio = context.getTransform().a;
  const wanted = Math.ceil(Math.max((width * ratio) / columns, (height * ratio) / rows));
  const most = Math.floor(LARGEST_SIDE / Math.max(columns, rows));
  const factor = Math.max(1, Math.min(wanted, most));
  let source = grid;
  if (factor > 1) {
    source = new OffscreenCanvas(columns * factor, rows * factor);
    const enlarged = source.getContext('2d');
    if (!enlarged) return;
    enlarged.imageSmoothingEnabled = false;
    enlarged.drawImage(grid, 0, 0, source.width, source.height);
  }
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, x, y, width, height);
}
