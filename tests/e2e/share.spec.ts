import { Buffer } from 'node:buffer';
import { ARITHMETIC } from '../../src/lib/numerics/arithmetic.ts';
import { allEnded, card, linkTo, openLab, run, sketch, titles } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** A short race that ends at once. */
const race = sketch({
  title: 'A short race',
  explanation: [],
  device: 'cpu64',
  columns: [
    [{ id: 'data', type: 'data/sparse-regression' }],
    [{ id: 'model', type: 'model/linear' }],
    [{ id: 'loss', type: 'loss/squared-error' }],
    [
      { id: 'gd', type: 'optimizer/gradient-descent', params: { maxSteps: 50, tolerance: 0 } },
      { id: 'adam', type: 'optimizer/adam', params: { maxSteps: 50, tolerance: 0 } },
    ],
    [{ id: 'curves', type: 'view/loss-curves' }],
  ],
  wires: [
    'data.dataset > model.data',
    'model.model > loss.model',
    'loss.objective > gd.objective',
    'loss.objective > adam.objective',
    'gd.run > curves.runs',
    'adam.run > curves.runs',
  ],
});

test('a link opened in a fresh browser shows the same graph, runs it and says that it reproduced', async ({
  page,
  browser,
  watch,
}) => {
  await openLab(page, linkTo(race));
  await run(page);
  await allEnded(page, 2);
  await page.getByTestId('share').click();
  const link = page.getByTestId('share-link');
  await expect(link).toHaveValue(/#x1=/);
  const dialog = page.getByRole('dialog', { name: 'Share this experiment' });
  await expect(dialog).not.toContainText('carries no results');
  const url = await link.inputValue();

  const other = await browser.newContext();
  watch.add(other);
  const fresh = await other.newPage();
  await openLab(fresh, url);
  expect(await titles(fresh)).toEqual(await titles(page));
  // A link that carries numbers runs by itself.
  await allEnded(fresh, 2);
  await expect(fresh.getByTestId('banner-fingerprint')).toContainText(
    /^Reproduced: all \d+ numbers/,
  );
  await other.close();
});

test('a result that differs is told by how much', async ({ page }) => {
  const sent = {
    arithmetic: ARITHMETIC,
    device: 'cpu64',
    precision: 'float64',
    runs: { gd: { steps: 50, objective: 123 }, adam: { steps: 49, objective: 1 } },
    scalars: {},
  } as const;
  await openLab(page, linkTo(race, sent));
  await allEnded(page, 2);
  await expect(page.getByTestId('banner-fingerprint')).toContainText(/^Differs: .*instead of/);
});

test('opening a link puts nothing into the library until it is kept', async ({ page }) => {
  await openLab(page, linkTo(race));
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'unkept');
  await page.getByRole('button', { name: 'Keep a copy' }).click();
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'saved');
  await expect(page).toHaveURL(/[?&]id=/);
});

const good = linkTo(race).slice('lab/'.length);
const damaged: readonly (readonly [string, string])[] = [
  ['cut short', good.slice(0, good.length / 2)],
  ['with a changed letter', `${good.slice(0, 40)}${good[40] === 'A' ? 'B' : 'A'}${good.slice(41)}`],
  ['of a later version', good.replace('#x1=', '#x9=')],
  ['that is no base64', '#x1=!!!!'],
  ['that is empty', '#x1='],
  ['with a script in it', `#x1=${Buffer.from('<script>alert(1)</script>').toString('base64url')}`],
];

for (const [what, hash] of damaged)
  test(`a link ${what} shows an error page that offers an empty graph`, async ({ page }) => {
    await page.goto(`lab/${hash}`);
    await expect(page.getByRole('heading', { name: 'This link cannot be opened' })).toBeVisible();
    await page.getByRole('button', { name: 'Start an empty graph' }).click();
    await expect(page.getByTestId('canvas')).toBeVisible();
    await expect(page.getByText('An empty graph')).toBeVisible();
  });

test('notes, titles and formulas of a link cannot bring markup or scripts into the page', async ({
  page,
}) => {
  const attack =
    '<img src=x onerror="window.attacked=1"><script>window.attacked=2</script> $\\href{javascript:window.attacked=3}{x}$ [y](javascript:window.attacked=4)';
  await openLab(
    page,
    linkTo({
      ...race,
      title: attack,
      notes: attack,
      nodes: race.nodes.map((node) => ({ ...node, label: attack.slice(0, 90) })),
    }),
  );
  await expect(page.getByRole('heading', { name: 'Experiment' })).toBeVisible();
  await expect(card(page, 'model/linear').getByRole('heading')).toContainText('<img');
  expect(await page.locator('main img, aside img, aside script').count()).toBe(0);
  expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
  expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
});

test('the content security policy refuses inline scripts and eval', async ({ page, watch }) => {
  await openLab(page);
  // From a timer: what the debugger evaluates directly is exempt from the policy.
  const outcome = await page.evaluate(
    () =>
      new Promise((done) => {
        setTimeout(() => {
          const script = document.createElement('script');
          script.textContent = 'window.attacked = true';
          document.body.append(script);
          let evaluated: unknown = 'refused';
          try {
            evaluated = new Function('return 1')();
          } catch {
            // As it should be.
          }
          done({ inline: 'attacked' in window, evaluated });
        });
      }),
  );
  expect(outcome).toEqual({ inline: false, evaluated: 'refused' });
  // The browser reports both refusals; they are what this test asks for.
  const reported = watch.problems.filter((text) => /Content Security Policy/i.test(text));
  expect(reported.length).toBeGreaterThan(0);
  watch.problems.splice(0);
});
