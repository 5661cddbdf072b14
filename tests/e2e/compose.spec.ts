import { Buffer } from 'node:buffer';
import { allEnded, atRest, card, drawWire, openLab, port, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';
import type { Locator, Page } from '@playwright/test';

/** y = 3 u − 2 v + 1 exactly, on a small lattice. */
const CSV = [
  'u,v,y',
  ...Array.from({ length: 36 }, (_, i) => {
    const [u, v] = [(i % 6) / 2, Math.floor(i / 6) / 3];
    return `${u},${v},${3 * u - 2 * v + 1}`;
  }),
].join('\n');

const PLANE = { name: 'plane.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) };

async function loadTable(page: Page): Promise<void> {
  const field = page.getByTestId('param-table');
  await field.locator('input[type=file]').setInputFiles(PLANE);
  await expect(field).toContainText('36 rows, 3 columns');
}

const PARTS = [
  'data/table',
  'model/linear',
  'loss/squared-error',
  'optimizer/gradient-descent',
  'optimizer/nesterov',
  'optimizer/adam',
  'view/loss-curves',
];

/** Final numbers of all three, in the table of runs and in the curves. */
async function showsResults(page: Page): Promise<void> {
  await allEnded(page, 3);
  await page.getByRole('tab', { name: 'Runs' }).click();
  const rows = page.getByTestId('panel').getByRole('row');
  await expect(rows).toHaveCount(4);
  for (let i = 1; i <= 3; i++)
    await expect(rows.nth(i).getByRole('cell').nth(2)).toContainText(/\d/);
  await page.getByRole('tab', { name: 'Loss curves' }).click();
  await expect(page.getByTestId('panel').getByRole('img')).toHaveAttribute(
    'aria-label',
    /Curves of 3 runs.*objective/,
  );
}

test('composes a race from scratch with the mouse: table, model, loss, three optimizers, curves', async ({
  page,
}) => {
  await openLab(page);
  for (const type of PARTS) {
    await page.getByTestId('palette-search').fill('');
    await page.getByTestId(`palette-${type}`).click();
  }
  await page.keyboard.press('Escape');
  // Arranged, every card can be seen and reached.
  await page
    .getByTestId('canvas')
    .getByRole('button', { name: /arrange/i })
    .click();
  await atRest(page);
  await card(page, 'data/table').getByRole('heading').click();
  await loadTable(page);
  const of = (type: string) => card(page, type);
  const wires: [string, string, string, string][] = [
    ['data/table', 'dataset', 'model/linear', 'data'],
    ['model/linear', 'model', 'loss/squared-error', 'model'],
    ['loss/squared-error', 'objective', 'optimizer/gradient-descent', 'objective'],
    ['loss/squared-error', 'objective', 'optimizer/nesterov', 'objective'],
    ['loss/squared-error', 'objective', 'optimizer/adam', 'objective'],
    ['optimizer/gradient-descent', 'run', 'view/loss-curves', 'runs'],
    ['optimizer/nesterov', 'run', 'view/loss-curves', 'runs'],
    ['optimizer/adam', 'run', 'view/loss-curves', 'runs'],
  ];
  for (const [i, [from, out, to, into]] of wires.entries()) {
    await drawWire(page, port(of(from), 'out', out), port(of(to), 'in', into));
    await expect(page.locator('.svelte-flow__edge')).toHaveCount(i + 1);
  }
  await run(page);
  await showsResults(page);
});

test('composes and runs the same race with the keyboard alone', async ({ page }) => {
  // Asked for this early, the dialog is intercepted by the time it opens.
  const chooser = page.waitForEvent('filechooser');
  await openLab(page);
  const keys = page.keyboard;
  const add = async (name: string): Promise<void> => {
    await keys.press('Shift+A');
    await expect(page.getByTestId('quick-add')).toBeVisible();
    await keys.type(name);
    await keys.press('Enter');
    await expect(page.getByTestId('quick-add')).toBeHidden();
  };
  // Each new card is selected. Its inputs are wired from the card before it.
  await add('table');
  // The inspector of the selected card is in the order of Tab; the file dialog itself is the system's.
  const upload = page.getByTestId('param-table').getByRole('button', { name: 'Load a file' });
  await tabTo(upload);
  await keys.press('Enter');
  await (await chooser).setFiles(PLANE);
  await expect(page.getByTestId('param-table')).toContainText('36 rows, 3 columns');
  await add('linear');
  await wireInput();
  await add('squared error');
  await wireInput();
  for (const name of ['gradient descent', 'nesterov', 'adam']) {
    await add(name);
    await wireInput();
  }
  await add('loss curves');
  for (let i = 0; i < 3; i++) await wireInput();
  await keys.press('Control+Enter');
  await showsResults(page);

  async function tabTo(target: Locator): Promise<void> {
    for (let i = 0; i < 100; i++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await keys.press('Tab');
    }
    throw new Error('expected to reach it with Tab within 100 presses.');
  }

  /** C on the selected card offers its ports; the first input takes the first source that is offered. */
  async function wireInput(): Promise<void> {
    const edges = await page.locator('.svelte-flow__edge').count();
    await keys.press('c');
    const dialog = page.getByRole('dialog', { name: /^Wire/ });
    await expect(dialog).toBeVisible();
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.closest('label')?.textContent?.trim() ?? '');
    for (let i = 0; i < 6 && (await focused()) === ''; i++) await keys.press('Tab');
    for (let i = 0; i < 6 && !(await focused()).startsWith('Input'); i++)
      await keys.press('ArrowDown');
    await tabTo(dialog.getByRole('listitem').getByRole('button').first());
    await keys.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.locator('.svelte-flow__edge')).toHaveCount(edges + 1);
  }
});
