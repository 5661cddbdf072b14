import {
  atRest,
  card,
  drawWire,
  linkTo,
  longRace,
  openLab,
  port,
  sketch,
  titles,
} from './support/lab.ts';
import { expect, test } from './support/test.ts';
import type { Locator } from '@playwright/test';

test('undo, redo, copy, paste, duplicate and delete work on structure and parameters', async ({
  page,
}) => {
  await openLab(page, linkTo(longRace(1, 30)));
  const nodes = page.locator('.svelte-flow__node');
  const edges = page.locator('.svelte-flow__edge');
  await expect(nodes).toHaveCount(5);
  const before = await titles(page);

  const optimizer = card(page, 'optimizer/gradient-descent');
  await optimizer.getByRole('heading').click();
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Control+v');
  await expect(nodes).toHaveCount(6);
  await page.keyboard.press('Control+z');
  await expect(nodes).toHaveCount(5);
  await page.keyboard.press('Control+Shift+z');
  await expect(nodes).toHaveCount(6);
  await page.keyboard.press('Control+z');

  await optimizer.getByRole('heading').click();
  await page.keyboard.press('Control+d');
  await expect(nodes).toHaveCount(6);
  // The copy stands on the same input.
  await expect(edges).toHaveCount(5);
  await page.keyboard.press('Delete');
  await expect(nodes).toHaveCount(5);

  await optimizer.getByRole('heading').click();
  const steps = page.getByTestId('param-maxSteps').getByRole('textbox');
  await steps.fill('77');
  await steps.press('Enter');
  await expect(steps).toHaveValue('77');
  await page.getByTestId('undo').click();
  await expect(steps).toHaveValue('30');
  await page.getByTestId('redo').click();
  await expect(steps).toHaveValue('77');

  await card(page, 'loss/squared-error').getByRole('heading').click();
  await page.keyboard.press('Delete');
  await expect(nodes).toHaveCount(4);
  await expect(edges).toHaveCount(2);
  await page.getByTestId('undo').click();
  await expect(nodes).toHaveCount(5);
  await expect(edges).toHaveCount(4);
  expect(await titles(page)).toEqual(before);
});

test('a click and a double-click in the list of nodes each add one node', async ({ page }) => {
  await openLab(page);
  const nodes = page.locator('.svelte-flow__node');
  await page.getByTestId('palette-data/two-moons').dblclick();
  await expect(nodes).toHaveCount(1);
  await page.getByTestId('palette-model/linear').click();
  await expect(nodes).toHaveCount(2);
});

test('cards added from the list stand clear of each other and in view', async ({ page }) => {
  await openLab(page);
  const types = ['data/image-phantom', 'operator/mask', 'data/observation', 'loss/inverse-problem'];
  for (const type of [...types, 'optimizer/admm', 'optimizer/chambolle-pock'])
    await page.getByTestId(`palette-${type}`).click();
  await expect(card(page, 'data/image-phantom').getByRole('img')).toBeVisible();
  await atRest(page);
  const canvas = await boxOf(page.getByTestId('canvas'));
  const boxes = await Promise.all((await page.locator('.svelte-flow__node').all()).map(boxOf));
  boxes.forEach((a, i) => {
    expect(a.left >= canvas.left && a.right <= canvas.right).toBe(true);
    expect(a.top >= canvas.top && a.bottom <= canvas.bottom).toBe(true);
    for (const b of boxes.slice(i + 1))
      expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(
        true,
      );
  });
});

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error('internal: expected an element on the screen.');
  return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
}

test('a wire of the selected card does not cover the port it comes from', async ({ page }) => {
  // The wire to the card on the left runs back over its own source.
  const document = sketch({
    title: 'Backwards',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'left', type: 'optimizer/gradient-descent' }],
      [{ id: 'problem', type: 'loss/quadratic' }],
      [{ id: 'right', type: 'optimizer/newton' }],
    ],
    wires: ['problem.objective > left.objective'],
  });
  await openLab(page, linkTo(document));
  await atRest(page);
  await card(page, 'optimizer/gradient-descent').getByRole('heading').click();
  await drawWire(
    page,
    port(card(page, 'loss/quadratic'), 'out', 'objective'),
    port(card(page, 'optimizer/newton'), 'in', 'objective'),
  );
  await expect(page.locator('.svelte-flow__edge')).toHaveCount(2);
});

test('a parameter out of range is refused with the range and the last value is kept', async ({
  page,
}) => {
  await openLab(page, linkTo(longRace(1, 30)));
  await card(page, 'optimizer/gradient-descent').getByRole('heading').click();
  const field = page.getByTestId('param-maxSteps');
  await field.getByRole('textbox').fill('-5');
  await expect(field.getByRole('alert')).toContainText(
    /\[1, 1[,  ]?000[,  ]?000\].*-5|1.*1[,  ]?000[,  ]?000.*-5/,
  );
  await expect(field.getByRole('alert')).toContainText('30 is kept');
});

test('a wire of the wrong type is refused with the reason', async ({ page }) => {
  await openLab(page, linkTo(longRace(1, 30)));
  await atRest(page);
  await drawWire(
    page,
    port(card(page, 'data/sparse-regression'), 'out', 'dataset'),
    port(card(page, 'loss/squared-error'), 'in', 'regularizer'),
  );
  await expect(page.getByTestId('hint')).toContainText(/dataset/i);
  await expect(page.locator('.svelte-flow__edge')).toHaveCount(4);
});

test('a wire that would close a cycle is refused, and a missing input is told on the card', async ({
  page,
}) => {
  const document = sketch({
    title: 'Cycle',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'a', type: 'data/standardize', label: 'First' }],
      [{ id: 'b', type: 'data/standardize', label: 'Second' }],
    ],
    wires: ['a.data > b.data'],
  });
  await openLab(page, linkTo(document));
  await atRest(page);
  const [first, second] = [
    card(page, 'data/standardize', 'First'),
    card(page, 'data/standardize', 'Second'),
  ];
  await expect(first).toHaveAttribute('data-state', 'blocked');
  await expect(first).toContainText(/training data/i);
  await drawWire(page, port(second, 'out', 'data'), port(first, 'in', 'data'));
  await expect(page.getByTestId('hint')).toContainText(
    'This wire would close a loop: First → Second → First',
  );
  await expect(page.locator('.svelte-flow__edge')).toHaveCount(1);
});

test('the end of a selected wire is dragged to another port as one change', async ({ page }) => {
  const race = longRace(2, 30);
  const edges = race.edges.filter(({ to }) => to[0] !== 'run1');
  await openLab(page, linkTo({ ...race, edges }));
  await atRest(page);
  const wire = (name: RegExp) => page.locator('.svelte-flow__edge').and(page.getByLabel(name));
  await expect(wire(/to Run 1, objective/)).toHaveCount(1);
  await wire(/to Run 1, objective/).focus();
  await page.keyboard.press('Enter');
  const end = page.getByTestId('wire-end-target');
  const second = card(page, 'optimizer/gradient-descent', 'Run 2');
  await drawWire(page, end, port(second, 'in', 'objective'));
  await expect(wire(/to Run 2, objective/)).toHaveCount(1);
  await expect(wire(/to Run 1, objective/)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(wire(/to Run 1, objective/)).toHaveCount(1);
  await expect(wire(/to Run 2, objective/)).toHaveCount(0);
});
