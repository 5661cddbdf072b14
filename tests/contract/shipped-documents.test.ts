/** Every document and link that a release shipped opens as it did, without a flaw. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeLink } from '../../src/lib/experiments/link.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { decodeDocument } from '../../src/lib/runtime/graph/schema.ts';

interface Shipped {
  readonly documents: Readonly<Record<string, unknown>>;
  readonly links: Readonly<Record<string, string>>;
}

const folder = new URL('../fixtures/documents/', import.meta.url);
const releases = readdirSync(folder).map((file): [string, Shipped] => [
  file.replace(/\.json$/, ''),
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Shipped,
]);

it('are kept for the first release', () => {
  expect(releases.map(([version]) => version)).toContain('0.1.0');
});

describe.each(releases)('release %s', (_, { documents, links }) => {
  it.each(Object.entries(documents))('document %s', (_id, stored) => {
    const { document, problems } = decodeDocument(stored, registry);
    expect(problems).toEqual([]);
    for (const node of document.nodes) expect(node.version).toBe(registry.get(node.type)?.version);
  });

  it.each(Object.entries(links))('link %s', (id, link) => {
    const { document, problems } = decodeLink(link, registry);
    expect(problems).toEqual([]);
    expect(document).toEqual(decodeDocument(documents[id], registry).document);
  });
});
