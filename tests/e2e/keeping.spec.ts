import { allEnded, card, linkTo, longRace, openLab, run, titles } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('a second tab on the same experiment is told so and can go on with a copy', async ({
  page,
  context,
}) => {
  await openLab(page, linkTo(longRace(1, 20)));
  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page).toHaveURL(/[?&]id=/);
  const second = await context.newPage();
  await openLab(second, page.url());
  await expect(second.getByTestId('banner-tab')).toContainText('open in another tab');
  await expect(second.getByTestId('save-state')).toHaveAttribute('data-state', 'readonly');
  await second.getByRole('button', { name: 'Edit a copy' }).click();
  await expect(second.getByTestId('save-state')).toHaveAttribute('data-state', 'saved');
  expect(new URL(second.url()).search).not.toBe(new URL(page.url()).search);
});

test('a full disk is said plainly, and the work can be exported', async ({ page }) => {
  await page.addInitScript(() => {
    const refuse = (): never => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
    for (const method of ['put', 'add'] as const)
      Object.defineProperty(IDBObjectStore.prototype, method, { value: refuse });
  });
  await openLab(page, linkTo(longRace(1, 20)));
  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page.getByTestId('banner-storage')).toContainText(/space|quota|full/i);
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'failed');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  expect((await download).suggestedFilename()).toMatch(/\.adjoint$/);
});

test('an exported file opens in a fresh browser with the same graph', async ({
  page,
  browser,
  watch,
}, info) => {
  await openLab(page, linkTo(longRace(2, 20)));
  const download = page.waitForEvent('download');
  await page.keyboard.press('Control+s');
  const file = info.outputPath('race.adjoint');
  await (await download).saveAs(file);

  const context = await browser.newContext();
  watch.add(context);
  const fresh = await context.newPage();
  await openLab(fresh);
  await fresh.getByLabel('Open an exported experiment').setInputFiles(file);
  await expect(fresh).toHaveURL(/[?&]id=/);
  await expect(fresh.locator('.svelte-flow__node')).toHaveCount(6);
  expect(await titles(fresh)).toEqual(await titles(page));
  await context.close();
});

test('an edited template is saved by itself and found in the library', async ({ page }) => {
  await openLab(page, 'lab/?template=two-moons');
  await page.getByLabel('Title of the experiment').fill('My moons');
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'saved');
  await page.goto('./');
  await page.getByRole('link', { name: 'My moons' }).click();
  await expect(page.getByTestId('canvas')).toBeVisible();
  await expect(page.getByLabel('Title of the experiment')).toHaveValue('My moons');
});

test('a rewound run starts from the same weights and ends with the same numbers', async ({
  page,
}) => {
  await openLab(page, linkTo(longRace(1, 40)));
  await page.getByRole('tab', { name: 'Runs' }).click();
  const row = page.getByTestId('panel').getByRole('row').nth(1);
  const objective = row.getByRole('cell').nth(2);
  await run(page);
  await allEnded(page, 1);
  const first = await objective.textContent();
  expect(first).toMatch(/\d/);
  await page.getByTestId('rewind').click();
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'idle');
  await run(page);
  await allEnded(page, 1);
  expect(await objective.textContent()).toBe(first);
});

test('a live step size acts on the running run and marks it as edited', async ({ page }) => {
  await openLab(page, linkTo(longRace(1, 1_000_000)));
  await run(page);
  await card(page, 'optimizer/gradient-descent').getByRole('heading').click();
  const field = page.getByTestId('param-stepSize').getByRole('textbox');
  await field.fill('2e-6');
  await field.press('Enter');
  const status = page.getByTestId('run-status');
  await expect(status).toContainText(/Changed on the way: Step size \S+ → 0\.000002 at step \d+/);
  await expect(status).toHaveAttribute('data-status', 'running');
  await page.getByTestId('pause').click();
  await expect(status).toHaveAttribute('data-status', 'paused');
});

test('an earlier version is listed, restored by keyboard as one undoable change, and opened as a copy', async ({
  page,
}) => {
  await openLab(page, linkTo(longRace(1, 20)));
  const openHistory = async (): Promise<void> => {
    await page.getByTestId('menu').click();
    await page.getByRole('menuitem', { name: 'Earlier versions' }).click();
  };
  const dialog = page.getByRole('dialog', { name: 'Earlier versions' });
  await openHistory();
  await expect(dialog.getByTestId('history-empty')).toContainText('not in your library');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page).toHaveURL(/[?&]id=/);
  await card(page, 'view/loss-curves').getByRole('heading').click();
  await page.keyboard.press('Delete');
  await expect(page.locator('.svelte-flow__node')).toHaveCount(4);
  await openHistory();
  await expect(dialog.getByTestId('version')).toHaveCount(1);
  await expect(dialog).toContainText('Removed Loss curves; 1 wire removed');
  await dialog.getByRole('button', { name: /^Restore/ }).press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('.svelte-flow__node')).toHaveCount(5);
  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Control+z');
  await expect(page.locator('.svelte-flow__node')).toHaveCount(4);

  await openHistory();
  const versions = dialog.getByTestId('version');
  await expect(versions.first()).toContainText('4 nodes');
  await expect(versions.last()).toContainText('5 nodes');
  const before = page.url();
  await versions
    .last()
    .getByRole('button', { name: /^Open as a copy/ })
    .click();
  await expect(page).not.toHaveURL(before);
  await expect(page.getByLabel('Title of the experiment')).toHaveValue('A long race copy');
  await expect(page.locator('.svelte-flow__node')).toHaveCount(5);
});
