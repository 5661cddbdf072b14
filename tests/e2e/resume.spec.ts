import { decodeLink } from '../../src/lib/experiments/link.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { allEnded, linkTo, longRace, openLab, run } from './support/lab.ts';
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

test('an interrupted run ends with the same numbers as one that was not', async ({
  page,
  browser,
  watch,
}) => {
  // Long enough to be paused on a fast machine, short enough to end on a slow one.
  const race = longRace(1, 100_000);
  const context = await browser.newContext();
  watch.add(context);
  const straight = await context.newPage();
  await openLab(straight, linkTo(race));
  await run(straight);
  await allEnded(straight, 1, 60_000);

  await openLab(page, linkTo(race));
  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page).toHaveURL(/[?&]id=/);
  await run(page);
  await expect.poll(() => steps(page), { intervals: [50] }).toBeGreaterThan(500);
  await page.getByTestId('pause').click();
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'paused');
  // Checkpoints are written a moment after they arrive.
  await page.waitForTimeout(2500);
  await page.reload();
  await expect.poll(() => steps(page)).toBeGreaterThan(500);
  await run(page);
  await allEnded(page, 1, 60_000);
  expect(await results(page)).toEqual(await results(straight));
  await context.close();
});

/** The numbers that a link would carry, digit for digit. */
async function results(page: Page): Promise<unknown> {
  await page.getByTestId('share').click();
  const field = page.getByTestId('share-link');
  await expect(field).toHaveValue(/#x1=/);
  const { hash } = new URL(await field.inputValue());
  await page.keyboard.press('Escape');
  const { fingerprint } = decodeLink(hash, registry);
  expect(fingerprint).not.toBeNull();
  return fingerprint?.runs;
}
