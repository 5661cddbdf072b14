import type { Page } from '@playwright/test';

/** Puts a script before that of the engine's worker, in every worker of the page from now on. Undo it with `undo` in the end. */
export async function inWorker(page: Page, script: string): Promise<void> {
  await page.route(/\/workers\/engine-worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `{${script}}\n${await response.text()}` });
  });
}

/** A worker may be started just when a test ends. */
export const undo = ({ page }: { page: Page }) => page.unrouteAll({ behavior: 'ignoreErrors' });
