import type { Page } from '@playwright/test';
import type { GraphDocument } from '../../src/lib/runtime/graph/document.ts';
import { inWorker, undo } from './support/in-worker.ts';
import { card, linkTo, openLab, run, sketch } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** The worker of the page does not come back from computing a table with this correlation, as fast as the machine may be. */
const STUCK = 0.43;
const trap = (page: Page) =>
  inWorker(
    page,
    `const sqrt = Math.sqrt;
    Math.sqrt = (x) => {
      if (x === 1 - ${STUCK} ** 2)
        for (const end = performance.now() + 120_000; performance.now() < end;);
      return sqrt(x);
    };`,
  );
test.afterEach(undo);

/** A short race, and beside it a table; one of so many samples is begun only when a person says so. */
function withHeavyTable(samples: number, correlation: number): GraphDocument {
  return sketch({
    title: 'A race beside a heavy table',
    explanation: [],
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/sparse-regression', params: { samples: 50, features: 5 } },
        {
          id: 'heavy',
          type: 'data/sparse-regression',
          label: 'Heavy table',
          params: { samples, features: 200, correlation },
        },
      ],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'behind', type: 'data/standardize', label: 'Behind' },
      ],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'run',
          type: 'optimizer/gradient-descent',
          params: { step: 'constant', stepSize: 0.1, maxSteps: 200, tolerance: 0 },
        },
      ],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > run.objective',
      'heavy.dataset > behind.data',
    ],
  });
}

const LIGHT = 60;
const HEAVY = 24_000;
const heavy = (page: Page) => card(page, 'data/sparse-regression', 'Heavy table');
const behind = (page: Page) => card(page, 'data/standardize', 'Behind');

async function setCorrelation(page: Page, correlation: number): Promise<void> {
  await heavy(page).getByRole('heading').click();
  const field = page.getByTestId('inspector').getByLabel('Correlation ρ', { exact: true });
  await field.fill(String(correlation));
  await field.press('Enter');
}

/** The card asks before it begins what is estimated to take long. */
const allow = (page: Page) => heavy(page).getByRole('button', { name: 'Run it anyway' }).click();

test('a node that computes for ten seconds is named, stopped without losing the rest, and evaluated again once it changed', async ({
  page,
}) => {
  await trap(page);
  await openLab(page, linkTo(withHeavyTable(LIGHT, 0)));
  await run(page);
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'maxSteps');
  const result = await page.getByTestId('run-status').textContent();

  await setCorrelation(page, STUCK);
  const notice = page.getByTestId('banner-silence');
  await expect(notice).toContainText(
    /^Heavy table has been computing for 1\d s without an answer/,
    {
      timeout: 20_000,
    },
  );
  // The page itself is free all the while.
  await expect(heavy(page)).toContainText(/Computing for \d+ s/);
  await page.getByRole('button', { name: 'Stop it' }).click();
  await expect(notice).toBeHidden();
  await expect(heavy(page)).toContainText(
    /Stopped by you after 1\d s: change it, or start it again/,
  );
  await expect(behind(page)).toContainText('Waits for Heavy table, which was stopped.');
  await expect(page.getByTestId('run-status')).toHaveText(result ?? '');
  await expect(card(page, 'optimizer/gradient-descent')).toHaveAttribute('data-state', 'ready');

  await setCorrelation(page, 0);
  await expect(heavy(page)).toHaveAttribute('data-state', 'ready');
  await expect(behind(page)).toHaveAttribute('data-state', 'ready');
  await expect(page.getByTestId('run-status')).toHaveText(result ?? '');
});

/** Milliseconds from a click on Stop to the card that says so, measured in the page. */
function stopTakes(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const begun = performance.now();
        const look = () => {
          if (!document.body.textContent.includes('Stopped by you after')) return;
          observer.disconnect();
          resolve(performance.now() - begun);
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        document.querySelector<HTMLElement>('[data-testid=stop]')?.click();
      }),
  );
}

test('what was stopped is not begun again by a reload, but by a person, who is not asked twice', async ({
  page,
}) => {
  await trap(page);
  await page.goto(linkTo(withHeavyTable(HEAVY, STUCK)));
  await allow(page);
  await expect(heavy(page)).toContainText(/Computing for \d+ s/, { timeout: 20_000 });
  // 150 ms of patience, and what a loaded machine needs to draw.
  const stopped = await stopTakes(page);
  test.info().annotations.push({ type: 'ms to stop', description: stopped.toFixed(0) });
  expect(stopped).toBeLessThan(1000);
  await page.reload();
  await expect(heavy(page)).toContainText('Stopped by you after');
  await expect(behind(page)).toContainText('Waits for Heavy table');
  await run(page);
  await expect(page.getByTestId('run-status')).toHaveAttribute('data-status', 'maxSteps');
  await heavy(page).getByRole('button', { name: 'Start again' }).click();
  await expect(heavy(page)).toContainText(/Computing for \d+ s/, { timeout: 20_000 });
  await heavy(page).getByRole('button', { name: 'Stop' }).click();
  await expect(heavy(page)).toContainText('Stopped by you after');
});
