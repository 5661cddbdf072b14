import { expect, test } from 'vitest';
import { decodePicture, pictureSize, pictureType } from './picture.ts';

/** A picture of 300 × 200 pixels: its left half red, its right half half-transparent black. */
async function drawing(type: string, width = 300, height = 200): Promise<File> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = '#f00';
  context.fillRect(0, 0, width / 2, height);
  context.fillStyle = 'rgb(0 0 0 / 50%)';
  context.fillRect(width / 2, 0, width / 2, height);
  return new File([await canvas.convertToBlob({ type, quality: 1 })], `drawing.${type.slice(6)}`);
}

const refusal = async (file: File): Promise<string> => {
  try {
    await decodePicture(file);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
};

test.for(['image/png', 'image/jpeg', 'image/webp'])('decodes %s into grey', async (type) => {
  const file = await drawing(type);
  const { width, height, grey } = await decodePicture(file);
  expect([width, height]).toEqual([300, 200]);
  const head = new Uint8Array(await file.arrayBuffer());
  expect([pictureType(head), pictureSize(head)]).toEqual([type, [300, 200]]);
  // 0.2126 · 255 = 54.2. JPEG has no transparency: the browser lays it on black. Lossy files round.
  const close = type === 'image/png' ? 0 : 3;
  expect(Math.abs(grey[0] - 54)).toBeLessThanOrEqual(close);
  const right = type === 'image/jpeg' ? 0 : 127;
  expect(Math.abs(grey[299] - right)).toBeLessThanOrEqual(Math.max(1, close));
});

test('says what it refuses and why', async () => {
  expect(await refusal(new File(['a,b\n1,2\n'], 'own.png', { type: 'text/csv' }))).toBe(
    'own.png: expected a PNG, JPEG or WebP picture, got text/csv. Save it as one of these.',
  );
  // The browser takes the type from the name.
  expect(await refusal(new File(['no picture'], 'own.png', { type: 'image/png' }))).toBe(
    'own.png: expected a PNG, JPEG or WebP picture, got a file of this name with other contents. Save it as one of these.',
  );
  expect(await refusal(new File([], 'nothing.png', { type: 'image/png' }))).toContain(
    'got an empty file',
  );
  const whole = await drawing('image/png');
  const damaged = new File([whole.slice(0, 120)], 'cut.png', { type: 'image/png' });
  expect(await refusal(damaged)).toMatch(/^cut\.png: .*got a damaged file/);
  expect(await refusal(await drawing('image/png', 2049, 4))).toBe(
    'drawing.png: expected at most 2048 pixels a side and 4 million in all, got 2049 × 4. Scale it down.',
  );
  expect(await refusal(await drawing('image/png', 2048, 2000))).toContain('got 2048 × 2000');
  expect(await refusal(await drawing('image/png', 1, 40))).toMatch(/at least 2 × 2 .* got 1 × 40/);
});

test('refuses a small file of very many pixels before it is decoded', async () => {
  const bomb = new Uint8Array(await (await drawing('image/png')).arrayBuffer());
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  expect(await refusal(new File([bomb], 'bomb.png'))).toContain('got 60000 × 60000. Scale it down');
});
