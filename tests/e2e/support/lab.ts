/** What a person does in the lab. */
import type { Locator, Page } from '@playwright/test';
import { encodeLink, type LinkContent } from '../../../src/lib/experiments/link.ts';
import { sketch } from '../../../src/lib/gallery/template.ts';
import type { Fingerprint, GraphDocument } from '../../../src/lib/runtime/graph/document.ts';
import { expect } from './test.ts';

export { sketch };

export const ENDED = ['converged', 'maxSteps', 'diverged', 'nonfinite', 'cancelled', 'failed'];

/** The lab's address with a whole experiment in it. */
export function linkTo(
  document: GraphDocument,
  fingerprint: Fingerprint | null = null,
  tables: LinkContent['tables'] = new Map(),
): string {
  return `lab/${encodeLink({ document, tables, fingerprint })}`;
}

/** Opens an address of the lab and waits until the engine has answered. */
export async function openLab(page: Page, address = 'lab/?new'): Promise<void> {
  await page.goto(address);
  await expect(page.getByTestId('canvas')).toBeVisible();
  await expect(page.getByTestId('device')).toContainText(/float(32|64)/);
}

/** The cards of a node type, or the card with a title. */
export function card(page: Page, type: string, title?: string): Locator {
  const cards = page.getByTestId(`node-${type}`);
  return title === undefined
    ? cards
    : cards.filter({ has: page.getByRole('heading', { name: title }) });
}

export function port(node: Locator, side: 'in' | 'out', name: string): Locator {
  return node.getByTestId(`port-${side}-${name}`);
}

/** Draws a wire with the mouse. */
export async function drawWire(page: Page, from: Locator, to: Locator): Promise<void> {
  const [a, b] = [await centre(from), await centre(to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 4 });
  await page.mouse.move(b.x, b.y, { steps: 4 });
  await page.mouse.up();
}

export async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error('internal: expected an element on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The canvas has come to rest after an arrangement or a fit. */
export async function atRest(page: Page): Promise<void> {
  const viewport = page.locator('.svelte-flow__viewport');
  const nodes = page.locator('.svelte-flow__node');
  let before = '';
  await expect(async () => {
    const now = [
      await viewport.getAttribute('style'),
      ...(await nodes.evaluateAll((found) => found.map((node) => node.getAttribute('style')))),
    ].join();
    const same = now === before;
    before = now;
    expect(same).toBe(true);
  }).toPass({ intervals: [150] });
}

export async function run(page: Page): Promise<void> {
  await expect(page.getByTestId('run')).toBeEnabled();
  await page.getByTestId('run').click();
}

/** Every run of the graph has ended, and every check has been decided. */
export async function allEnded(page: Page, runs: number, timeout = 30_000): Promise<void> {
  const states = page.getByTestId('run-status');
  await expect(states).toHaveCount(runs);
  await expect
    .poll(
      () =>
        states.evaluateAll((found) => found.map((element) => element.getAttribute('data-status'))),
      { timeout },
    )
    .toEqual(expect.arrayContaining(Array.from({ length: runs }, () => expect.any(String))));
  await expect(async () => {
    const now = await states.evaluateAll((found) =>
      found.map((element) => element.getAttribute('data-status') ?? ''),
    );
    expect(now.filter((status) => !ENDED.includes(status))).toEqual([]);
  }).toPass({ timeout });
}

/** Titles of the cards, in document order. */
export function titles(page: Page): Promise<string[]> {
  return page.locator('.svelte-flow__node h3').allTextContents();
}

/** A pointless race that takes long: gradient descent on an ill-conditioned quadratic. */
export function longRace(runs: number, maxSteps: number): GraphDocument {
  return sketch({
    title: 'A long race',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'data', type: 'data/sparse-regression', params: { samples: 200, features: 20 } }],
      [{ id: 'model', type: 'model/linear' }],
      [{ id: 'loss', type: 'loss/squared-error' }],
      Array.from({ length: runs }, (_, i) => ({
        id: `run${i}`,
        type: 'optimizer/gradient-descent',
        label: `Run ${i + 1}`,
        params: { step: 'constant', stepSize: 1e-6 * (i + 1), maxSteps, tolerance: 0 },
      })),
      [{ id: 'curves', type: 'view/loss-curves' }],
    ],
    wires: [
      'data.dataset > model.data',
      'model.model > loss.model',
      ...Array.from({ length: runs }, (_, i) => [
        `loss.objective > run${i}.objective`,
        `run${i}.run > curves.runs`,
      ]).flat(),
    ],
  });
}
