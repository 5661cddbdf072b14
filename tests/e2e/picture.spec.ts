import { Buffer } from 'node:buffer';
import type { Locator, Page } from '@playwright/test';
import { decodeLink } from '../../src/lib/experiments/link.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { card, openLab } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** A picture made in the page: grey 16 · column + row, and one pixel in pure green at the top left. */
async function dropPicture(target: Locator, width: number, height: number): Promise<void> {
  await target.evaluate(
    async (element, [columns, rows]) => {
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const grey = 16 * j + i;
          context.fillStyle = i + j === 0 ? '#0f0' : `rgb(${grey} ${grey} ${grey})`;
          context.fillRect(j, i, 1, 1);
        }
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      const transfer = new DataTransfer();
      transfer.items.add(new File([blob], 'ramp.png', { type: 'image/png' }));
      const box = element.getBoundingClientRect();
      const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
      for (const type of ['dragover', 'drop'])
        element.dispatchEvent(
          new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer, ...at }),
        );
    },
    [width, height] as const,
  );
}

const pane = (page: Page) => page.locator('.svelte-flow__pane');

test('a dropped picture becomes a node with its size and values, which travel in a link', async ({
  page,
  browser,
  watch,
}) => {
  await openLab(page);
  await dropPicture(pane(page), 14, 10);
  const image = card(page, 'data/image');
  await expect(image).toHaveAttribute('data-state', 'ready');
  await expect(image).toContainText('10 × 14, σ = 0.1');
  await expect(image.getByRole('img')).toHaveAccessibleName(
    /^2 grey images of 10 × 14 pixels .*: true; noisy, σ = 0.1\.$/,
  );

  await page.getByTestId('share').click();
  const link = page.getByTestId('share-link');
  await expect(link).toHaveValue(/#x1=/);
  const url = await link.inputValue();
  const { tables } = decodeLink(new URL(url).hash, registry);
  const rows = [...tables.values()][0].csv.trim().split('\n');
  // 0.7152 · 255 = 182.4.
  expect(rows[0]).toBe(['182', ...Array.from({ length: 13 }, (_, j) => 16 * (j + 1))].join());
  expect(rows[9]).toBe(Array.from({ length: 14 }, (_, j) => 16 * j + 9).join());

  const other = await browser.newContext();
  watch.add(other);
  const fresh = await other.newPage();
  await openLab(fresh, url);
  await expect(card(fresh, 'data/image')).toHaveAttribute('data-state', 'ready');
  await expect(card(fresh, 'data/image')).toContainText('10 × 14');
  await other.close();
});

test('an empty image node asks for a picture, and takes one that is dropped on it', async ({
  page,
}) => {
  await openLab(page);
  await page.getByTestId('palette-data/image').click();
  const image = card(page, 'data/image');
  await expect(image).toHaveAttribute('data-state', 'blocked');
  await expect(image).toContainText('Choose a PNG, JPEG or WebP picture');
  await dropPicture(image, 8, 6);
  await expect(image).toHaveCount(1);
  await expect(image).toHaveAttribute('data-state', 'ready');
  await expect(image).toContainText('6 × 8');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(image).toContainText('Choose a PNG, JPEG or WebP picture');
});

test('what is no picture is refused at its field and leaves the graph as it was', async ({
  page,
}) => {
  await openLab(page);
  await page.getByTestId('palette-data/image').click();
  const field = page.getByTestId('param-picture');
  await field.locator('input[type=file]').setInputFiles({
    name: 'own.png',
    mimeType: 'image/png',
    buffer: Buffer.from('not a picture'),
  });
  await expect(field.getByRole('alert')).toContainText(
    /own\.png: expected a PNG, JPEG or WebP picture/,
  );
  await expect(card(page, 'data/image')).toHaveAttribute('data-state', 'blocked');
});
