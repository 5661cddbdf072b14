import { templates, topics } from '../../src/lib/gallery/index.ts';
import { allEnded, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('the gallery has at least six templates; the lasso race ends with three curves and passing checks', async ({
  page,
}) => {
  await page.goto('./');
  const gallery = page.getByRole('region', { name: 'Gallery' });
  await expect.poll(() => gallery.getByRole('listitem').count()).toBeGreaterThanOrEqual(6);
  await gallery
    .getByRole('listitem')
    .filter({ hasText: 'Lasso on the diabetes table' })
    .getByRole('button')
    .or(gallery.getByRole('link', { name: /Lasso on the diabetes table/ }))
    .first()
    .click();
  await expect(page.getByTestId('canvas')).toBeVisible();
  await run(page);
  await allEnded(page, 3);
  const checks = page.locator('[data-testid="node-check/compare"] .check');
  await expect(checks).toHaveCount(3);
  for (const check of await checks.all())
    await expect(check).toHaveAttribute('data-status', 'pass');

  await page.getByRole('tab', { name: 'Loss curves' }).click();
  const chart = page.getByTestId('panel').getByRole('img');
  await expect(chart).toHaveAttribute('aria-label', /Curves of 3 runs/);
  // The certificate of f* is named with its method and gap.
  await expect(page.getByTestId('panel')).toContainText(/f\* = [\d.]+.*gap ≤/);
});

test('the gallery is ordered by topic, and a search keeps what mentions every word', async ({
  page,
}) => {
  await page.goto('./');
  const gallery = page.getByRole('region', { name: 'Gallery', exact: true });
  const cards = gallery.getByRole('article');
  await expect(cards).toHaveCount(templates.length);
  await gallery.getByRole('searchbox', { name: 'Search experiments' }).fill('SINKHORN generator');
  await expect(gallery.getByRole('link', { name: /Sinkhorn divergence/ })).toBeVisible();
  await expect(gallery.getByRole('link', { name: /Lasso on the diabetes/ })).toHaveCount(0);
  await expect(gallery.getByRole('heading', { level: 3 })).toHaveText(['Optimal transport']);
  // The lecture and the systems of a card are found as well.
  await gallery.getByRole('searchbox', { name: 'Search experiments' }).fill('methods lecture 9');
  await expect(cards).toHaveText([/Discrete against continuous adjoint/]);
  await gallery.getByRole('searchbox', { name: 'Search experiments' }).fill('quux');
  await expect(gallery).toContainText('Try another word, or clear the search.');
});

/** All of them take minutes: `npm run test:long` opens every one, `npm test` the first of each topic. */
const opened = process.env.EVERY_TEMPLATE ? templates : topics.map((topic) => topic.templates[0]);

test('templates open with all their nodes evaluated', async ({ page }) => {
  test.setTimeout(20_000 + 5_000 * opened.length);
  for (const { id, document, refusals = {} } of opened) {
    await openLab(page, `lab/?template=${id}`);
    await expect(page.getByLabel('Title of the experiment')).toHaveValue(document.title);
    await expect(page.locator('.svelte-flow__node')).toHaveCount(document.nodes.length);
    // Only what is meant to be refused shows a fault, with its reason.
    await expect(page.locator('[data-testid^="node-"][data-state="error"]')).toHaveCount(
      Object.keys(refusals).length,
    );
    await expect(
      page.locator('[data-testid^="node-data/"]:not([data-state="ready"])'),
      id,
    ).toHaveCount(0);
  }
});
