import { describe, expect, it } from 'vitest';
import image from '../../src/lib/nodes/data/image.ts';
import phantom from '../../src/lib/nodes/data/image-phantom.ts';
import { heatmapView } from '../../src/lib/nodes/shared/heatmap-view.ts';
import { areaAverage } from '../../src/lib/nodes/shared/area-average.ts';
import {
  luma,
  pictureCsv,
  pictureSize,
  pictureType,
} from '../../src/lib/editor/session/picture.ts';
import { hostKey, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { parseTable } from '../../src/lib/runtime/table/index.ts';
import { evaluateNode, output, shippedTable } from './support/evaluate-node.ts';

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const noise = (count: number, seed: number) => Float64Array.from(hostUniform(hostKey(seed), count));

describe('area averages', () => {
  it('are means of blocks where the sizes divide', () => {
    const values = Float64Array.from({ length: 6 * 4 }, (_, i) => i * i);
    const small = areaAverage(values, [6, 4], [3, 2]);
    const block = (i: number, j: number) =>
      [0, 1, 4, 5].reduce((sum, k) => sum + values[8 * i + 2 * j + k], 0) / 4;
    expect(Array.from(small)).toEqual([0, 1, 2].flatMap((i) => [block(i, 0), block(i, 1)]));
  });

  it('keep the mean of any image and the value of a constant, also where pixels are cut', () => {
    for (const [from, to] of [
      [
        [7, 11],
        [3, 5],
      ],
      [
        [100, 63],
        [64, 41],
      ],
      [
        [5, 5],
        [5, 5],
      ],
    ] as const) {
      const values = noise(from[0] * from[1], 7);
      // Some ten thousand additions of numbers below 1.
      expect(mean(areaAverage(values, from, to))).toBeCloseTo(mean(values), 12);
      for (const value of areaAverage(new Float64Array(values.length).fill(0.3), from, to))
        expect(value).toBeCloseTo(0.3, 14);
    }
  });

  it('agree with averaging a picture whose pixels were first repeated', () => {
    const values = noise(5 * 7, 3);
    const [rows, columns, height, width] = [5, 7, 3, 4];
    const repeated = Float64Array.from({ length: rows * height * columns * width }, (_, k) => {
      const [r, c] = [Math.floor(k / (columns * width)), k % (columns * width)];
      return values[Math.floor(r / height) * columns + Math.floor(c / width)];
    });
    const small = areaAverage(values, [rows, columns], [height, width]);
    small.forEach((value, k) => {
      const [i, j] = [Math.floor(k / width), k % width];
      let sum = 0;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          sum += repeated[(i * rows + r) * columns * width + j * columns + c];
      expect(value).toBeCloseTo(sum / (rows * columns), 12);
    });
  });
});

describe('the image node', () => {
  it('divides grey by 255 and keeps rows and columns in place', async () => {
    const { table } = await parseTable('0,51,102\n153,204,255\n', { name: 'ramp.png' });
    const evaluation = await evaluateNode(image, {
      params: { picture: { source: 'builtin', name: 'ramp' }, noise: 0 },
      table: async () => table,
    });
    const dataset = output(evaluation, 'dataset', 'dataset');
    expect(dataset.grid?.shape).toEqual([2, 3]);
    expect(Array.from(dataset.grid?.truth.data ?? [])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(Array.from(dataset.features.data)).toEqual([0, 0, 1, 0, 2, 0, 0, 1, 1, 1, 2, 1]);
  });

  it('reduces the longest side to the size asked for and says from what', async () => {
    const picture = { source: 'builtin', name: 'digits' } as const;
    const evaluation = await evaluateNode(image, { params: { picture, size: 128, noise: 0 } });
    const { rows, columns } = await shippedTable(picture);
    expect([rows, columns.length]).toEqual([1797, 65]);
    const dataset = output(evaluation, 'dataset', 'dataset');
    expect(dataset.grid?.shape).toEqual([128, 5]);
    expect(evaluation.status).toBe('128 × 5, σ = 0, reduced from 1797 × 65');
    const all = columns.flatMap((c) => (c.kind === 'numeric' ? Array.from(c.values) : []));
    expect(255 * mean(dataset.grid?.truth.data ?? [])).toBeCloseTo(mean(all), 10);
  });
});

describe('picture files', () => {
  it('become grey by the luma of Rec. 709, and text that reads back', async () => {
    const grey = luma([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255]);
    expect(Array.from(grey)).toEqual([54, 182, 18, 255]);
    const csv = pictureCsv({ width: 2, height: 2, grey });
    expect(csv).toBe('54,182\n18,255\n');
    const { table } = await parseTable(csv, { name: 'a.png' });
    expect([table.rows, table.columns.length]).toEqual([2, 2]);
  });

  it('tell their kind and size in their first bytes', () => {
    const bytes = (...parts: (string | readonly number[])[]) =>
      Uint8Array.from(
        parts.flatMap((p) => (typeof p === 'string' ? [...p].map((c) => c.charCodeAt(0)) : p)),
      );
    const png = bytes([0x89], 'PNG\r\n', [0x1a, 0x0a], [0, 0, 0, 13], 'IHDR', [
      ...[0, 0, 1, 44],
      ...[0, 0, 0, 200],
    ]);
    expect([pictureType(png), pictureSize(png)]).toEqual(['image/png', [300, 200]]);
    // A segment of 4 bytes before the frame header of 200 rows and 300 columns.
    const jpeg = bytes([
      0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 0, 200, 1, 44, 3,
    ]);
    expect([pictureType(jpeg), pictureSize(jpeg)]).toEqual(['image/jpeg', [300, 200]]);
    const lossy = bytes(
      'RIFF',
      [0, 0, 0, 0],
      'WEBPVP8 ',
      [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a],
      [...[44, 1], ...[200, 0]],
    );
    expect([pictureType(lossy), pictureSize(lossy)]).toEqual(['image/webp', [300, 200]]);
    const extended = bytes(
      'RIFF',
      [0, 0, 0, 0],
      'WEBPVP8X',
      [10, 0, 0, 0, 0, 0, 0, 0],
      [...[43, 1, 0], ...[199, 0, 0]],
    );
    expect(pictureSize(extended)).toEqual([300, 200]);
    expect(pictureType(bytes('GIF89a'))).toBeNull();
    expect(pictureSize(png.subarray(0, 20))).toBeNull();
  });
});

describe('the image phantom', () => {
  const drawn = async (name: string, size: number) => {
    const evaluation = await evaluateNode(phantom, { params: { image: name, size, noise: 0 } });
    return output(evaluation, 'dataset', 'dataset').grid?.truth.data ?? [];
  };

  it('draws a checkerboard of 8 × 4 fields above a ramp from dark to bright', async () => {
    const n = 64;
    const pixels = await drawn('texture', n);
    const at = (row: number, column: number) => pixels[row * n + column];
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < n; column++)
        expect(at(row, column)).toBe(
          (Math.floor(row / 8) + Math.floor(column / 8)) % 2 ? 0.2 : 0.9,
        );
    for (let column = 0; column < n; column++)
      expect(at(50, column)).toBeCloseTo((column + 0.5) / n, 14);
  });

  it('draws rows of 2, 4, 8 and 16 bars', async () => {
    const n = 256;
    const pixels = Array.from(await drawn('bars', n));
    const counts = [32, 96, 160, 224].map((row) => {
      const line = pixels.slice(row * n, (row + 1) * n);
      return line.filter((value, i) => value === 1 && line[i - 1] !== 1).length;
    });
    expect(counts).toEqual([2, 4, 8, 16]);
    expect(pixels.slice(0, 2 * n).every((value) => value === 0.1)).toBe(true);
  });
});

describe('a large matrix', () => {
  it('is drawn by rows and columns that are evenly spread, from the first on', () => {
    const labels = { rowLabel: 'row', columnLabel: 'column' };
    const [rows, columns] = [2000, 3];
    const matrix = Float64Array.from({ length: rows * columns }, (_, k) => k);
    const view = heatmapView(matrix, rows, columns, labels);
    expect([view.rows, view.columns, view.of]).toEqual([512, 3, [2000, 3]]);
    const first = Array.from({ length: 512 }, (_, i) => view.values[3 * i]);
    expect(first.slice(0, 3)).toEqual([0, 3 * 3, 3 * 7]);
    expect(first[511]).toBe(3 * 1996);
    expect(heatmapView(matrix, 3, 4, labels)).toMatchObject({ rows: 3, columns: 4 });
    expect(heatmapView(matrix, 3, 4, labels).of).toBeUndefined();
  });
});
