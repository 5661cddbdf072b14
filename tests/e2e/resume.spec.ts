import { linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';
import type { Page } from '@playwright/test';

async function steps(page: Page): Promise<number> {
  const text = await page.getByTestId('run-status').first().locator('.num').textContent();
  return Number((text ?? '').split('/')[0].replace(/\D/g, ''));
}

test('a reload in the middle of a run goes on from the last checkpoint', async ({ page }) => {
  await openLab(page, linkTo(longRace(2, 1_000_000)));
  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page).toHaveURL(/[?&]id=/);
  await run(page);
  await expect.poll(() => steps(page)).toBeGreaterThan(500);
  // Checkpoints are written a moment after they arrive.
  await page.waitForTimeout(4000);
  const before = await steps(page);
  await page.reload();
  await expect(page.getByTestId('run-status')).toHaveCount(2);
  await expect.poll(() => steps(page)).toBeGreaterThan(0);
  const resumed = await steps(page);
  // It goes on by itself, from near where it was and not from the start.
  expect(resumed).toBeGreaterThan(before / 4);
  await expect.poll(() => steps(page)).toBeGreaterThan(resumed);
  await page.getByTestId('pause').click();
});
