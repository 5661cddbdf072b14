/**
 * Keeps the documents and links of this release, so that later ones are tested to open them: `npm run keep-documents`, once for each
 * version, when it ships. A file that is there is not written again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeLink } from '../src/lib/experiments/link.ts';
import { templates } from '../src/lib/gallery/index.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  version: string;
};
const file = `tests/fixtures/documents/${version}.json`;
const each = <T>(of: (template: (typeof templates)[number]) => T): Record<string, T> =>
  Object.fromEntries(templates.map((template) => [template.id, of(template)]));
const documents = each(({ document }) => document);
const links = each(({ document }) =>
  encodeLink({ document, tables: new Map(), fingerprint: null }),
);
writeFileSync(new URL(file, root), `${JSON.stringify({ documents, links })}\n`, { flag: 'wx' });
console.log(`${file}: ${templates.length} documents and links.`);
