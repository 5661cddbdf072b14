/**
 * Whatever comes as a link, a file or a document is refused with a typed error of a short message, or it is a document.
 * Times are of the processor, so that another program on the machine does not count.
 */
import { strFromU8, strToU8, unzipSync, zipSync, type Zippable } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import { decodeDocument, DocumentError, parseDocument } from '../runtime/graph/schema.ts';
import { MESSAGE } from '../runtime/graph/show.ts';
import { ArchiveError, decodeArchive, encodeArchive } from './archive.ts';
import { decodeLink, encodeLink, LinkError } from './link.ts';
import {
  checkpoint,
  CSV,
  CSV_HASH,
  fingerprint,
  registry,
  sampleDocument,
  wrapJson,
} from './testing/samples.ts';
import { decodeCheckpoint, decodeFingerprint, encodeCheckpoint } from './wire-schemas.ts';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const LIMIT_MS = 100;

/** Does it; an error must be one of ours, short and without what hides. Returns whether it was accepted. */
function attempt(work: () => { problems?: readonly { message: string }[] } | null | void): boolean {
  const check = (text: string) => {
    expect(text.length).toBeLessThanOrEqual(MESSAGE);
    expect(HIDDEN.test(text), JSON.stringify(text)).toBe(false);
  };
  const started = process.cpuUsage();
  let accepted = true;
  try {
    for (const { message } of work()?.problems ?? []) check(message);
  } catch (error) {
    const typed =
      error instanceof DocumentError || error instanceof LinkError || error instanceof ArchiveError;
    if (!typed) throw error;
    check(error.message);
    accepted = false;
  }
  expect(process.cpuUsage(started).user / 1e3).toBeLessThan(LIMIT_MS);
  return accepted;
}

const document = sampleDocument('Race', { table: true });
const link = encodeLink({
  document,
  tables: new Map([[CSV_HASH, { name: 't.csv', csv: CSV }]]),
  fingerprint,
});
const archive = encodeArchive({
  experiments: [{ document, fingerprint, created: 1, checkpoints: [checkpoint('fista-1')] }],
  tables: new Map([[CSV_HASH, { name: 't.csv', csv: strToU8(CSV) }]]),
});

/** Values of all kinds, those that documents have among them. */
const anything = fc.oneof(
  fc.json({ stringUnit: 'binary', maxDepth: 6 }).map((text) => JSON.parse(text) as unknown),
  fc.string({ unit: 'binary', maxLength: 5_000 }),
  fc.constantFrom<unknown>(
    null,
    NaN,
    1e308,
    -0,
    2 ** 53 + 2,
    -1,
    0.5,
    [],
    {},
    '__proto__',
    '\u202e\u200b\u0000',
    'x'.repeat(200_000),
    new Array(20_000).fill(0),
    JSON.parse('{"__proto__":1,"constructor":2}'),
    JSON.parse('['.repeat(500) + ']'.repeat(500)),
    JSON.parse('{"a":'.repeat(500) + '1' + '}'.repeat(500)),
  ),
);

/** A copy of a JSON value with one place replaced, by the path of the choices. */
function replaced(value: unknown, choices: readonly number[], by: unknown): unknown {
  const [choice, ...rest] = choices;
  if (choice === undefined || typeof value !== 'object' || value === null) return by;
  if (Array.isArray(value)) {
    if (value.length === 0) return [by];
    const at = choice % value.length;
    return value.map((item, i) => (i === at ? replaced(item, rest, by) : (item as unknown)));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return { x: by };
  const at = choice % entries.length;
  return Object.fromEntries(
    entries.map(([key, item], i) => [key, i === at ? replaced(item, rest, by) : item]),
  );
}
const place = fc.array(fc.nat(50), { maxLength: 6 });

describe('whatever it is', () => {
  it('any value is a document or is refused', () => {
    fc.assert(
      fc.property(anything, (value) => {
        attempt(() => decodeDocument(value, registry));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('any text is a document, a link or an archive, or is refused', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json({ stringUnit: 'binary' }),
      fc.base64String({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        attempt(() => parseDocument(given, registry));
        attempt(() => decodeLink(given, registry));
        attempt(() => decodeLink(`#x1=${given}`, registry));
        const wrapped = wrapJson(given);
        attempt(() => decodeLink(wrapped, registry));
        attempt(() => decodeArchive(strToU8(given), registry));
        attempt(() => decodeArchive(strToU8(`PK${given}`), registry));
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('a document with anything anywhere is one, or is refused', () => {
    let accepted = 0;
    const runs = 1_000;
    fc.assert(
      fc.property(place, anything, (choices, by) => {
        const changed = replaced(document, choices, by);
        if (attempt(() => decodeDocument(changed, registry))) accepted++;
      }),
      { seed: 3, numRuns: runs },
    );
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(runs);
  });

  it('a link with other characters anywhere is one, or is refused', () => {
    const change = fc.record({
      at: fc.nat(link.length),
      remove: fc.nat(20),
      insert: fc.string({ unit: 'binary', maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
        const changed = changes.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          link,
        );
        attempt(() => decodeLink(changed, registry));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('a link with anything anywhere is one, or is refused', () => {
    const content = JSON.parse(
      canonicalJson({
        document,
        tables: [{ hash: CSV_HASH, name: 't.csv', csv: CSV }],
        fingerprint: { device: 'cpu64', precision: 'float64', runs: {}, scalars: { a: 1 } },
      }),
    ) as unknown;
    expect(attempt(() => decodeLink(wrapJson(content), registry))).toBe(true);
    fc.assert(
      fc.property(place, anything, (choices, by) => {
        const changed = wrapJson(replaced(content, choices, by) ?? null);
        attempt(() => decodeLink(changed, registry));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('an archive with anything anywhere in its JSON is one, or is refused', () => {
    const files = unzipSync(archive);
    const path = fc.constantFrom(
      'manifest.json',
      'experiments/1/document.json',
      'experiments/1/runs.json',
    );
    fc.assert(
      fc.property(path, place, anything, (name, choices, by) => {
        const json = JSON.parse(strFromU8(files[name])) as unknown;
        const changed = {
          ...files,
          [name]: strToU8(JSON.stringify(replaced(json, choices, by) ?? null)),
        };
        if (name !== 'manifest.json') {
          const manifest = JSON.parse(strFromU8(files['manifest.json'])) as {
            files: Record<string, string>;
          };
          manifest.files[name] = sha256Hex(changed[name]);
          changed['manifest.json'] = strToU8(JSON.stringify(manifest));
        }
        const zipped = zipSync(changed as Zippable, { level: 1 });
        attempt(() => decodeArchive(zipped, registry));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('results and checkpoints with anything anywhere are none, or some', () => {
    const run = JSON.parse(JSON.stringify(encodeCheckpoint(checkpoint('gd-1')))) as unknown;
    fc.assert(
      fc.property(place, anything, (choices, by) => {
        attempt(() => void decodeCheckpoint(replaced(run, choices, by)));
        attempt(() => void decodeFingerprint(replaced(fingerprint, choices, by)));
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

describe('what nests deep', () => {
  it('is no fingerprint and no checkpoint, however deep', () => {
    const nested = (wrapped: (inner: unknown) => unknown) => {
      let deep: unknown = 1;
      for (let i = 0; i < 100_000; i++) deep = wrapped(deep);
      return deep;
    };
    for (const deep of [nested((inner) => [inner]), nested((a) => ({ a }))])
      for (const value of [deep, { runs: deep }, { state: [deep] }]) {
        expect(decodeFingerprint(value)).toBeNull();
        expect(decodeCheckpoint(value)).toBeNull();
      }
  });

  const deep = (n: number) => '['.repeat(n) + ']'.repeat(n);
  it.each([100, 5_000, 1_000_000])('%d levels are refused wherever they are', (n) => {
    const good = JSON.stringify(document);
    const refused = (text: string) => {
      const wrapped = wrapJson(text);
      expect(attempt(() => decodeLink(wrapped, registry))).toBe(false);
    };
    for (const text of [
      deep(n),
      `{"document":${deep(n)},"tables":[],"fingerprint":null}`,
      `{"document":${good},"tables":${deep(n)},"fingerprint":null}`,
      `{"document":${good},"tables":[],"fingerprint":${deep(n)}}`,
      `{"document":${good},"tables":[],"fingerprint":null,"more":${deep(n)}}`,
    ])
      refused(text);
    expect(
      attempt(() => parseDocument(good.replace('"seed":', `"deep":${deep(n)},"seed":`), registry)),
    ).toBe(false);
  });
});
