import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { allEnded, linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

async function violations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations: found } = await (
    rules === 'all'
      ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      : axe.withRules(['color-contrast'])
  ).analyze();
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes
        .slice(0, 4)
        .map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`)
        .join('\n  ')}`,
  );
}

async function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

async function finishedLab(page: Page): Promise<void> {
  await openLab(page, linkTo(longRace(2, 30)));
  await run(page);
  await allEnded(page, 2);
}

const pages: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  ['the home page', async (page) => void (await page.goto('./'))],
  ['the reference of nodes', async (page) => void (await page.goto('nodes/'))],
  ['the lab', finishedLab],
];

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, open] of pages)
    test(`axe finds nothing on ${name} in ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await open(page);
      await expect(page.locator('h1, h2, h3').first()).toBeVisible();
      // Dark differs from light in its colours alone.
      expect(await violations(page, colorScheme === 'light' ? 'all' : 'colours')).toEqual([]);
    });

test('axe finds nothing in dialogs, menus and lists of the lab', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openLab(page, linkTo(longRace(1, 20)));
  const close = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  await page.locator('.svelte-flow__node').first().getByRole('heading').click();
  expect(await violations(page)).toEqual([]);
  for (const open of [
    () => page.keyboard.press('?'),
    () => page.keyboard.press('Control+k'),
    () => page.keyboard.press('Shift+A'),
    () => page.keyboard.press('c'),
    () => page.getByTestId('device').click(),
    () => page.getByTestId('share').click(),
    async () => {
      await page.getByRole('button', { name: 'Keep a copy' }).click();
      await page.getByLabel('Title of the experiment').fill('A changed title');
      await page.getByTestId('menu').click();
      await page.getByRole('menuitem', { name: 'Earlier versions' }).click();
      await expect(page.getByTestId('version')).toBeVisible();
    },
  ]) {
    await open();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await close();
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });
  for (const [name, open] of pages)
    test(`${name} does not scroll sideways at 390 × 844`, async ({ page }) => {
      if (name === 'the lab') await openLab(page, linkTo(longRace(2, 30)));
      else await open(page);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
      if (name !== 'the lab') return;
      for (const part of ['Add', 'Inspect', 'Plots']) {
        await page.getByRole('button', { name: part, exact: true }).click();
        await expect(page.getByTestId('sheet')).toBeVisible();
        expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
        await page.getByRole('button', { name: 'Graph', exact: true }).click();
      }
    });
});
