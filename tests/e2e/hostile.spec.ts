/**
 * Links made to block or end the page. For each the longest task of the page's main thread is measured, in time of the
 * processor, so that other programs on the machine count less; the page must go on answering.
 */
import { Buffer } from 'node:buffer';
import type { Browser, Page } from '@playwright/test';
import { deflateSync, strToU8 } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import { emptyDocument } from '../../src/lib/runtime/graph/schema.ts';
import type { GraphDocument, GraphNode } from '../../src/lib/runtime/graph/document.ts';
import { linkTo } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** What is measured is the longest task; how long it takes in all may depend on the machine. */
const patiently = expect.configure({ timeout: 60_000 });

/** Milliseconds; 100 on a machine of its own. Continuous integration shares its processors. */
const LONGEST = 300;

/** A link around any text, with a right length and checksum. */
function rawLink(json: string): string {
  const deflated = deflateSync(strToU8(json), { level: 9 });
  const head = new Uint8Array(10);
  new DataView(head.buffer).setUint32(0, deflated.length, true);
  head.set(sha256(deflated).subarray(0, 6), 4);
  return `lab/#x1=${Buffer.concat([head, deflated]).toString('base64url')}`;
}

const document = (over: Partial<GraphDocument>): GraphDocument => ({
  ...emptyDocument('Hostile'),
  ...over,
});
const notes = (text: string) => linkTo(document({ notes: text }));

const CHAIN = [
  ['data/sparse-regression', 'dataset', 'data'],
  ['model/linear', 'model', 'model'],
  ['loss/squared-error', 'objective', 'objective'],
  ['optimizer/gradient-descent', 'run', 'runs'],
  ['view/loss-curves', '', ''],
] as const;

/** Chains of data, model, loss, optimizer and view, side by side. */
function graph(count: number): Pick<GraphDocument, 'nodes' | 'edges'> {
  const nodes = Array.from({ length: count }, (_, i): GraphNode => ({
    id: `n${i}`,
    type: CHAIN[i % CHAIN.length][0],
    version: 1,
    params: {},
    position: { x: (i % 40) * 260, y: Math.floor(i / 40) * 220 },
  }));
  const edges = nodes.flatMap((_, i): GraphDocument['edges'] => {
    const [, output, input] = CHAIN[i % CHAIN.length];
    return output && i + 1 < count ? [{ from: [`n${i}`, output], to: [`n${i + 1}`, input] }] : [];
  });
  return { nodes, edges };
}

/** The longest task of the main thread of the page until `ready`, in milliseconds of the processor. */
async function longestTask(
  browser: Browser,
  page: Page,
  address: string,
  ready: () => Promise<void>,
): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  let trace: Buffer;
  try {
    await page.goto(address);
    await ready();
  } finally {
    trace = await browser.stopTracing();
  }
  interface TraceEvent {
    readonly name: string;
    readonly ph: string;
    readonly pid: number;
    readonly tid: number;
    readonly tdur?: number;
    readonly args: { readonly name?: string; readonly data?: object };
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  // The browser's own surfaces are pages too.
  const ours = new Set(
    traceEvents
      .filter(({ args }) => /localhost:/.test(JSON.stringify(args.data ?? {})))
      .map((e) => e.pid),
  );
  const mains = new Set(
    traceEvents
      .filter(
        ({ name, args, pid }) =>
          name === 'thread_name' && args.name === 'CrRendererMain' && ours.has(pid),
      )
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ ph, name, pid, tid }) =>
      ph === 'X' && name.endsWith('RunTask') && mains.has(`${pid} ${tid}`),
  );
  expect(tasks.length).toBeGreaterThan(10);
  return Math.max(...tasks.map(({ tdur }) => (tdur ?? 0) / 1e3));
}

const S = String.raw;
const nested = (open: string, close: string, n: number) => open.repeat(n) + 'x' + close.repeat(n);
const MATRIX = `$$\n${S`\begin{matrix}`}${'a&'.repeat(1_300)}${S`\end{matrix}`}\n$$\n\n`;

/** Opened: notes that would block or end the renderer. */
const NOTES: readonly (readonly [string, string])[] = [
  ['roots in one another', `$${nested(S`\sqrt{`, '}', 100)}$`],
  ['fractions in one another', `$$\n${nested(S`\frac{1}{`, '}', 100)}\n$$`],
  ['matrices of many cells', MATRIX.repeat(20)],
  ['25,000 formulas', '$x$,'.repeat(25_000)],
  ['100,000 stars', '*'.repeat(100_000)],
  ['30,000 paragraphs', 'a\n\n'.repeat(33_000)],
  ['50,000 lines of code', `\`\`\`\n${'a\n'.repeat(49_000)}\`\`\``],
];

for (const [what, text] of NOTES)
  test(`notes with ${what} leave the page responsive`, async ({ browser, page }) => {
    const longest = await longestTask(browser, page, notes(text), async () => {
      await patiently(page.locator('.notes .rich > *').first()).toBeVisible();
      await patiently(page.getByTestId('device')).toContainText(/float(32|64)/);
    });
    console.log(`notes with ${what}: longest task ${longest.toFixed(0)} ms`);
    expect(longest).toBeLessThan(LONGEST);
    // The owner can still change what was written.
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Notes').fill('Better.');
    await page.getByRole('button', { name: 'Done' }).click();
    await patiently(page.locator('.notes')).toHaveText('Better.');
  });

test('a graph of 500 nodes appears while the page stays responsive', async ({ browser, page }) => {
  const longest = await longestTask(browser, page, linkTo(document(graph(500))), async () => {
    await patiently(page.locator('.svelte-flow__node')).toHaveCount(500);
    await patiently(page.locator('.svelte-flow__edge')).toHaveCount(400);
  });
  console.log(`500 nodes: longest task ${longest.toFixed(0)} ms`);
  expect(longest).toBeLessThan(LONGEST);
});

test('a graph that is too large to draw can be downloaded', async ({ browser, page }) => {
  const longest = await longestTask(browser, page, linkTo(document(graph(2_000))), async () => {
    await patiently(
      page.getByRole('heading', { name: 'This graph is too large to draw' }),
    ).toBeVisible();
  });
  console.log(`2,000 nodes: longest task ${longest.toFixed(0)} ms`);
  expect(longest).toBeLessThan(LONGEST);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download it' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.adjoint$/);
});

/** Refused in the worker. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['a million lists in one another', `{"document":${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
  [
    'ninety thousand marks on a letter',
    JSON.stringify({
      document: document({ notes: `x${'\u0301'.repeat(90_000)}` }),
      tables: [],
      fingerprint: null,
    }),
  ],
  ['eight megabytes of blanks', `{"document":${' '.repeat(7.9e6)}}`],
  ['two million objects', `{"document":[${'{},'.repeat(2e6)}0]}`],
];

for (const [what, json] of REFUSED)
  test(`a link with ${what} is refused while the page stays responsive`, async ({
    browser,
    page,
  }) => {
    const longest = await longestTask(browser, page, rawLink(json), async () => {
      await patiently(
        page.getByRole('heading', { name: /cannot be opened|not a graph/ }),
      ).toBeVisible();
    });
    console.log(`${what}: longest task ${longest.toFixed(0)} ms`);
    expect(longest).toBeLessThan(LONGEST);
    const message = await page.locator('main p').first().innerText();
    expect(message.length).toBeLessThanOrEqual(300);
  });

test('an experiment that ends the page twice is then opened without being evaluated', async ({
  page,
}) => {
  const address = linkTo(document({ ...graph(5), notes: 'Some notes.' }));
  // A page that dies is not told that it is left.
  await page.addInitScript(() =>
    addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { capture: true }),
  );
  await page.goto(address);
  for (let reloads = 0; reloads < 2; reloads++) {
    await patiently(page.getByTestId('canvas')).toBeVisible();
    await patiently(page.getByTestId('banner-safe')).toHaveCount(0);
    await page.reload();
  }
  await patiently(page.getByTestId('banner-safe')).toContainText('nothing is evaluated');
  await patiently(page.getByRole('button', { name: /Show the notes/ })).toBeVisible();
  const data = page.getByTestId('node-data/sparse-regression');
  await patiently(data).toHaveAttribute('data-state', 'stale');
  await page.getByRole('button', { name: 'Evaluate it' }).click();
  await patiently(data).toHaveAttribute('data-state', 'ready');
});
