import { allEnded, card, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('λ 5 → 20 after the race makes its checks outdated; undo brings them back, a click runs again', async ({
  page,
}) => {
  await openLab(page, 'lab/?template=lasso-diabetes');
  await run(page);
  await allEnded(page, 3);
  const check = card(page, 'check/compare', 'FISTA reaches f*').locator('.check');
  const shown = card(page, 'check/compare', 'FISTA reaches f*');
  await expect(check).toHaveAttribute('data-status', 'pass');
  const measured = await check.getByRole('definition').first().textContent();

  await card(page, 'regularizer/l1-norm').getByRole('heading').click();
  const field = page.getByTestId('param-lambda').getByRole('textbox');
  await field.fill('20');
  await field.press('Enter');
  await expect(check).toHaveAttribute('data-status', 'outdated');
  await expect(shown).toContainText('measured with λ = 5. Run again with λ = 20.');
  // The number is still that of λ = 5.
  expect(await check.getByRole('definition').first().textContent()).toBe(measured);
  const fista = card(page, 'optimizer/fista');
  await expect(fista.getByTestId('run-standing')).toContainText('Outdated: measured with λ = 5.');
  await expect(fista.getByRole('button', { name: /^Run again with λ = 20, / })).toBeVisible();

  await page.getByTestId('canvas').focus();
  await page.keyboard.press('Control+z');
  await expect(check).toHaveAttribute('data-status', 'pass');
  await expect(page.getByTestId('outdated-runs')).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(check).toHaveAttribute('data-status', 'outdated');

  const beside = page.getByTestId('outdated-runs');
  await expect(beside).toContainText('ISTA, FISTA are of another value');
  await beside.getByRole('button', { name: 'Run again with λ = 20' }).click();
  await allEnded(page, 3);
  await expect(check).toHaveAttribute('data-status', 'pass');
  await expect(beside).toHaveCount(0);
  await expect(page.getByTestId('run-standing')).toHaveCount(0);
});

test('a change on the way is marked on the curves and said in the table of runs, which runs from the start', async ({
  page,
}) => {
  await openLab(page, 'lab/?template=lasso-diabetes');
  await page.getByRole('tab', { name: 'Runs' }).click();
  const table = page.getByTestId('panel').getByRole('table');
  // A step with λ = 5, the rest with 20.
  await table.getByRole('button', { name: /^One step of FISTA/ }).click();
  await expect(card(page, 'optimizer/fista').getByTestId('run-status')).toHaveAttribute(
    'data-status',
    'paused',
  );
  await card(page, 'regularizer/l1-norm').getByRole('heading').click();
  const field = page.getByTestId('param-lambda').getByRole('textbox');
  await field.fill('20');
  await field.press('Enter');
  await expect(table).toContainText('The next step takes λ = 20.');
  await run(page);
  await allEnded(page, 3);
  await expect(table).toContainText('Changed on the way: λ 5 → 20 at step 1.');
  const check = card(page, 'check/compare', 'FISTA reaches f*').locator('.check');
  await expect(check).toHaveAttribute('data-status', 'pass');
  await expect(card(page, 'check/compare', 'FISTA reaches f*')).toContainText(
    'changed on the way: λ 5 → 20 at step 1',
  );
  await page.getByRole('tab', { name: 'Loss curves' }).click();
  await expect(page.getByTestId('panel').getByRole('img')).toHaveAttribute(
    'aria-label',
    /changed on the way: λ 5 → 20/,
  );
  await page.getByRole('tab', { name: 'Runs' }).click();
  await table.getByRole('button', { name: /^Run from the start, FISTA/ }).click();
  await expect(table).not.toContainText('Changed on the way');
  await allEnded(page, 3);
});
