import { strFromU8, strToU8, unzipSync, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import { DocumentError } from '../runtime/graph/schema.ts';
import { ARCHIVE_LIMITS, ArchiveError, decodeArchive, encodeArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import {
  checkpoint,
  CSV,
  CSV_HASH,
  fingerprint,
  registry,
  sampleDocument,
} from './testing/samples.ts';

const archive: Archive = {
  experiments: [
    {
      document: sampleDocument('One', { table: true }),
      fingerprint,
      created: 1_700_000_000_000,
      checkpoints: [checkpoint('fista-1'), checkpoint('gd-1', 12)],
    },
    { document: sampleDocument('Two'), fingerprint: null, created: 0, checkpoints: [] },
  ],
  tables: new Map([[CSV_HASH, { name: 't.csv', csv: strToU8(CSV) }]]),
};
const bytes = encodeArchive(archive);

/** The archive with files changed, added or (null) left out, and a manifest that agrees unless it is given. */
function rebuilt(changes: Record<string, string | null>): Uint8Array {
  const files = unzipSync(bytes);
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) delete files[path];
    else files[path] = strToU8(text);
  }
  if (!('manifest.json' in changes)) {
    const manifest = JSON.parse(strFromU8(files['manifest.json'])) as Record<string, unknown>;
    const hashes = Object.entries(files)
      .filter(([path]) => path !== 'manifest.json')
      .map(([path, data]) => [path, sha256Hex(data)] as const);
    files['manifest.json'] = strToU8(
      canonicalJson({ ...manifest, files: Object.fromEntries(hashes) }),
    );
  }
  return zipSync(files as Zippable);
}

function kind(data: Uint8Array): string {
  try {
    decodeArchive(data, registry);
  } catch (error) {
    if (error instanceof ArchiveError) return error.kind;
    if (error instanceof DocumentError) return error.name;
    throw error;
  }
  return 'accepted';
}

describe('an archive', () => {
  it('brings back every experiment with tables, results and checkpoints bit by bit', () => {
    const decoded = decodeArchive(bytes, registry);
    expect(decoded.experiments).toEqual(archive.experiments);
    expect(decoded.tables).toEqual(archive.tables);
    const state = decoded.experiments[0].checkpoints[0].state;
    expect(Object.is(state[0].data[1], -0)).toBe(true);
  });

  it('does without the time an experiment was created', () => {
    const { document, fingerprint, checkpoints } = archive.experiments[0];
    const experiments = [{ document, fingerprint, checkpoints }];
    const decoded = decodeArchive(encodeArchive({ ...archive, experiments }), registry);
    expect(decoded.experiments).toEqual(experiments);
  });

  it('takes the JSON of a document, with or without a byte order mark', () => {
    for (const mark of ['', '\ufeff']) {
      const json = strToU8(mark + JSON.stringify(sampleDocument('Plain'), null, 2));
      const decoded = decodeArchive(json, registry);
      expect(decoded.experiments).toEqual([
        { document: sampleDocument('Plain'), fingerprint: null, checkpoints: [] },
      ]);
    }
    expect(kind(strToU8('{"format":'))).toBe('DocumentError');
  });

  it('says when a file is none', () => {
    expect(kind(new Uint8Array(0))).toBe('not-an-archive');
    expect(kind(strToU8(CSV))).toBe('not-an-archive');
    expect(kind(zipSync({ 'tables/x.csv': strToU8(CSV) }))).toBe('corrupt');
    expect(kind(zipSync({}))).toBe('not-an-archive');
    expect(kind(rebuilt({ 'manifest.json': '{"format":"zip"}' }))).toBe('not-an-archive');
    expect(kind(rebuilt({ 'manifest.json': '{"format":"adjoint-archive","version":2}' }))).toBe(
      'unknown-version',
    );
  });

  it('refuses paths that lead elsewhere, unknown files and files that are missing', () => {
    for (const path of ['../evil.json', '/etc/passwd', 'tables/..\\x.csv', '__proto__', 'x.js'])
      expect(kind(rebuilt({ [path]: '{}' })), path).toBe('corrupt');
    expect(kind(rebuilt({ 'experiments/1/runs.json': null }))).toBe('corrupt');
    expect(kind(rebuilt({ 'manifest.json': null }))).toBe('not-an-archive');
  });

  it('refuses files that changed after they were written', () => {
    const manifest = strFromU8(unzipSync(bytes)['manifest.json']);
    const document = JSON.stringify(sampleDocument('Other'));
    expect(
      kind(rebuilt({ 'experiments/2/document.json': document, 'manifest.json': manifest })),
    ).toBe('corrupt');
    expect(kind(rebuilt({ [`tables/${CSV_HASH}.csv`]: `${CSV}5,6\n` }))).toBe('corrupt');
  });

  it('refuses checkpoints whose arrays and shapes disagree', () => {
    const runs = JSON.parse(strFromU8(unzipSync(bytes)['experiments/1/runs.json'])) as {
      checkpoints: { state: { shape: number[] }[]; series: Record<string, string> }[];
    };
    const changed = (change: (copy: typeof runs) => void) => {
      const copy = structuredClone(runs);
      change(copy);
      return kind(rebuilt({ 'experiments/1/runs.json': JSON.stringify(copy) }));
    };
    expect(changed(() => undefined)).toBe('accepted');
    expect(changed((copy) => (copy.checkpoints[0].state[0].shape = [3, 1]))).toBe('corrupt');
    expect(changed((copy) => (copy.checkpoints[0].state[0].shape = [2 ** 40, 2 ** 40]))).toBe(
      'corrupt',
    );
    expect(changed((copy) => (copy.checkpoints[0].series.step = 'AAAA'))).toBe('corrupt');
    expect(changed((copy) => (copy.checkpoints[0].series.step = ''))).toBe('corrupt');
  });

  it('refuses what would unpack to too much before unpacking it', () => {
    const zeros = new Uint8Array(ARCHIVE_LIMITS.manifest + 1);
    const started = performance.now();
    expect(kind(zipSync({ 'manifest.json': zeros }, { level: 9 }))).toBe('too-large');
    // A size of 4 GB declared in the directory of a small file.
    const lying = bytes.slice();
    const at = strFromU8(lying, true).indexOf('PK\u0001\u0002');
    new DataView(lying.buffer).setUint32(at + 24, 0xfffffff0, true);
    expect(kind(lying)).toBe('too-large');
    const many = Object.fromEntries(
      Array.from({ length: ARCHIVE_LIMITS.entries + 1 }, (_, i) => [
        i < 4_999 ? `experiments/${i + 1}/runs.json` : `experiments/${i - 4_000}/document.json`,
        new Uint8Array(0),
      ]),
    );
    expect(kind(zipSync(many))).toBe('too-large');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('never fails but with an ArchiveError or DocumentError, over 3,000 damaged files', () => {
    let state = 99;
    const pick = (n: number) => (state = (state * 48_271) % 2_147_483_647) % n;
    let accepted = 0;
    for (let i = 0; i < 3_000; i++) {
      const copy = bytes.slice(0, pick(6) === 0 ? pick(bytes.length) : undefined);
      for (let n = pick(6); n >= 0 && copy.length > 0; n--) copy[pick(copy.length)] = pick(256);
      if (kind(copy) === 'accepted') accepted++;
    }
    // Times and attributes in the directory are not looked at.
    expect(accepted).toBeLessThan(1_500);
  });
});
