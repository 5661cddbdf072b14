import { allEnded, card, linkTo, openLab, run, sketch } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('a step size that diverges is told at its step, its curve stays, and the other run goes on', async ({
  page,
}) => {
  const document = sketch({
    title: 'One diverges',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'data', type: 'data/sparse-regression' }],
      [{ id: 'model', type: 'model/linear' }],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'wild',
          type: 'optimizer/gradient-descent',
          label: 'Wild',
          params: { step: 'constant', stepSize: 100, maxSteps: 500, tolerance: 0 },
        },
        {
          id: 'calm',
          type: 'optimizer/gradient-descent',
          label: 'Calm',
          params: { maxSteps: 500, tolerance: 0 },
        },
      ],
      [{ id: 'curves', type: 'view/loss-curves' }],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > wild.objective',
      'loss.objective > calm.objective',
      'wild.run > curves.runs',
      'calm.run > curves.runs',
    ],
  });
  await openLab(page, linkTo(document));
  await run(page);
  await allEnded(page, 2);
  const wild = card(page, 'optimizer/gradient-descent', 'Wild').getByTestId('run-status');
  const calm = card(page, 'optimizer/gradient-descent', 'Calm').getByTestId('run-status');
  await expect(wild).toHaveAttribute('data-status', 'diverged');
  await expect(wild).toContainText(/diverged at step \d+/i);
  await expect(calm).toHaveAttribute('data-status', 'maxSteps');
  await page.getByRole('tab', { name: 'Loss curves' }).click();
  const chart = page.getByTestId('panel').getByRole('img');
  await expect(chart).toHaveAttribute('aria-label', /Curves of 2 runs/);
  await expect(page.getByTestId('panel').locator('.legend')).toContainText(/diverged at step \d+/i);
});

test('the hinge is refused by FISTA with the mathematical reason', async ({ page }) => {
  const document = sketch({
    title: 'Refused',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'data', type: 'data/two-moons' }],
      [{ id: 'model', type: 'model/linear' }],
      [{ id: 'loss', type: 'loss/hinge' }],
      [{ id: 'fista', type: 'optimizer/fista' }],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > fista.objective',
    ],
  });
  await openLab(page, linkTo(document));
  const fista = card(page, 'optimizer/fista');
  await expect(fista).toHaveAttribute('data-state', 'error');
  await expect(fista).toContainText(/smooth/i);
});
