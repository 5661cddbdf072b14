import { allEnded, linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('without IndexedDB the page says so, works, and lets the work be exported', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
  });
  await openLab(page, linkTo(longRace(1, 20)));
  await expect(page.getByTestId('banner-library')).toContainText(
    /expected storage in this browser, got none.*Export/,
  );
  await run(page);
  await allEnded(page, 1);
  await page.getByTestId('menu').click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Export to a file' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.adjoint$/);
});

test('without WebGPU the page says why another device is used, and runs on it', async ({
  page,
}) => {
  // The engine looks for it in its worker, where no init script reaches.
  await page.route(/engine-worker.*\.js/, async (route) => {
    const response = await route.fetch();
    const body = `Object.defineProperty(WorkerNavigator.prototype, 'gpu', { get: () => undefined });\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  await openLab(page, linkTo({ ...longRace(1, 20), device: 'auto' }));
  await page.getByTestId('device').click();
  const menu = page.getByRole('dialog', { name: /Device/ });
  await expect(menu).toContainText(/WebGPU/);
  await expect(menu.getByRole('radio', { name: /WebGPU/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  await run(page);
  await allEnded(page, 1);
});

test('an engine that cannot start is told, and the graph can still be exported', async ({
  page,
  watch,
}) => {
  await page.route(/engine-worker.*\.js/, (route) => route.abort());
  await page.goto(linkTo(longRace(1, 20)));
  await expect(page.getByTestId('canvas')).toBeVisible();
  await expect(page.getByTestId('banner-engine')).toBeVisible();
  await expect(page.getByTestId('run')).toBeDisabled();
  const download = page.waitForEvent('download');
  await page.keyboard.press('Control+s');
  expect((await download).suggestedFilename()).toMatch(/\.adjoint$/);
  // The browser reports the request that this test refused.
  const others = watch.problems.filter((text) => !/net::ERR_FAILED/.test(text));
  watch.problems.splice(0, Infinity, ...others);
});

test('a shipped table that cannot be fetched is told on its card', async ({ page, watch }) => {
  await page.context().route(/data\/iris\.csv/, (route) => route.abort());
  await openLab(page, 'lab/?template=iris-softmax');
  const table = page.getByTestId('node-data/table').first();
  await expect(table).toHaveAttribute('data-state', 'error');
  await expect(table).toContainText(/iris/);
  const others = watch.problems.filter((text) => !/net::ERR_FAILED/.test(text));
  watch.problems.splice(0, Infinity, ...others);
});
