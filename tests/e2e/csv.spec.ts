import { Buffer } from 'node:buffer';
import { card, linkTo, openLab, sketch, titles } from './support/lab.ts';
import { expect, test } from './support/test.ts';

const document = sketch({
  title: 'A table',
  explanation: [],
  device: 'cpu64',
  columns: [
    [{ id: 'table', type: 'data/table', params: { table: { source: 'builtin', name: 'iris' } } }],
    [{ id: 'model', type: 'model/linear' }],
  ],
  wires: ['table.dataset > model.data'],
});

const malformed: readonly (readonly [string, string, RegExp])[] = [
  ['ragged rows', 'a,b,c\n1,2,3\n4,5\n', /(row|line) 3.*3 (cells|columns|fields|values).*2|2.*3/i],
  ['text among numbers', 'a,b\n1,2\n3,x\n5,6\n7,8\n', /(row|line) 3.*(column|b)/i],
  ['nothing', '', /empty|at least/i],
  ['only a header', 'a,b,c\n', /header|row/i],
  ['NaN', 'a,b\n1,2\nNaN,3\n4,5\n', /(row|line) 3.*(column|a)/i],
];

test('malformed tables name the row and column and leave the graph as it was', async ({ page }) => {
  await openLab(page, linkTo(document));
  const table = card(page, 'data/table');
  await expect(table).toHaveAttribute('data-state', 'ready');
  await table.getByRole('heading').click();
  const field = page.getByTestId('param-table');
  const chosen = await field.getByRole('combobox').inputValue();
  for (const [what, csv, message] of malformed) {
    await field
      .locator('input[type=file]')
      .setInputFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await expect(field.getByRole('alert'), what).toContainText(message);
    expect(await field.getByRole('combobox').inputValue()).toBe(chosen);
    await expect(table).toHaveAttribute('data-state', 'ready');
  }
  expect(await titles(page)).toEqual(['Table', 'Linear model'].map(() => expect.any(String)));
});

test('a table of 120 MB is refused before it is read', async ({ page }) => {
  await openLab(page, linkTo(document));
  await card(page, 'data/table').getByRole('heading').click();
  const field = page.getByTestId('param-table');
  // Made in the page: it never passes through the test's connection.
  await field.locator('input[type=file]').evaluate((input: HTMLInputElement) => {
    const part = new Uint8Array(1_000_000).fill(48);
    const file = new File(
      Array.from({ length: 120 }, () => part),
      'huge.csv',
    );
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await expect(field.getByRole('alert')).toContainText(
    /at most 100,000,000 bytes, got 120,000,000/,
  );
});
