import { readFile } from 'node:fs/promises';
import type { Browser } from './browsers.ts';
import { hashTemplate } from './results.ts';

/** This process, in the place of a browser. */
export const inNode: Browser = {
  name: `Node ${process.versions.node}`,
  hash: (template) =>
    hashTemplate(template, (name) =>
      readFile(new URL(`../../static/data/${name}.csv`, import.meta.url), 'utf8'),
    ),
  close: async () => undefined,
};
