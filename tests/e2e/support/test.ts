/** Every test fails on an error in the console, an uncaught exception or a refused promise, in the page and in its workers. */
import { test as base, expect, type BrowserContext } from '@playwright/test';

export interface Watch {
  readonly problems: string[];
  /** Looks at a further context. */
  add(context: BrowserContext): void;
}

/** Chromium's own words on a software GPU are no fault of the page. */
const FOREIGN = [/SwiftShader/i, /WebGL/i, /GPU stall/i, /powerPreference/i];

export const test = base.extend<{ watch: Watch }>({
  watch: [
    async ({ context }, use) => {
      const problems: string[] = [];
      const add = (watched: BrowserContext): void => {
        watched.on('console', (message) => {
          const text = message.text();
          if (message.type() === 'error' && !FOREIGN.some((known) => known.test(text)))
            problems.push(`console: ${text} (${message.location().url})`);
        });
        watched.on('weberror', (error) => {
          problems.push(`uncaught: ${error.error().stack ?? error.error().message}`);
        });
      };
      add(context);
      await use({ problems, add });
      expect(problems, 'errors in the console or uncaught exceptions').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
