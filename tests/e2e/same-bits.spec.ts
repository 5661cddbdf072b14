import { expect, test } from '@playwright/test';
import {
  findFirefox,
  openChromium,
  openFirefox,
  type Browser,
} from '../../scripts/hashes/browsers.ts';
import { inNode } from '../../scripts/hashes/node.ts';
import { differences } from '../../scripts/hashes/results.ts';
import { servePage, type Served } from '../../scripts/hashes/serve.ts';

/** Quick ones; `npm run hashes` compares ten. */
const TEMPLATES = ['gauss-newton', 'kantorovich', 'iris-softmax'];

let served: Served;

test.beforeAll(async () => {
  served = await servePage();
});
test.afterAll(() => served.close());

async function compare(browser: Browser): Promise<void> {
  try {
    for (const template of TEMPLATES) {
      const [here, there] = [await inNode.hash(template), await browser.hash(template)];
      expect(here.numbers).toBeGreaterThan(1000);
      expect(differences(here, there), `${template} in ${browser.name}`).toEqual([]);
      expect(there.hash).toBe(here.hash);
    }
  } finally {
    await browser.close();
  }
}

test('float64 results have the same bits in Chromium as in Node', async () => {
  await compare(await openChromium(served.url));
});

test('float64 results have the same bits in Firefox as in Node', async () => {
  const firefox = findFirefox();
  test.skip(firefox === null, 'no Firefox on this machine; FIREFOX_PATH names one');
  if (firefox) await compare(await openFirefox(firefox, served.url));
});
