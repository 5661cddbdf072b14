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

/** The deflated bytes of the only file of a zip archive. */
function unzipSyncRaw(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  return zip.subarray(start, start + view.getUint32(18, true));
}

/** A zip archive of deflated bytes, with any size declared. */
function zipOf(files: readonly { name: string; packed: Uint8Array; size: number }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, packed, size } of files) {
    const entry = (extra: number) => {
      const bytes = new Uint8Array(30 + extra + name.length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, extra ? 0x02014b50 : 0x04034b50, true);
      const at = extra ? 6 : 4;
      view.setUint16(at, 20, true);
      view.setUint16(at + 4, 8, true);
      view.setUint32(at + 14, packed.length, true);
      view.setUint32(at + 18, size, true);
      view.setUint16(at + 22, name.length, true);
      if (extra) view.setUint32(42, offset, true);
      bytes.set(strToU8(name), 30 + extra);
      return bytes;
    };
    directory.push(entry(16));
    parts.push(entry(0), packed);
    offset += 30 + name.length + packed.length;
  }
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, files.length, true);
  view.setUint16(10, files.length, true);
  view.setUint32(
    12,
    directory.reduce((sum, { length }) => sum + length, 0),
    true,
  );
  view.setUint32(16, offset, true);
  return Uint8Array.from(Buffer.concat([...parts, ...directory, end]));
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

  /** The archive with another length of a file declared, in its own header and in the directory. */
  function declaring(data: Uint8Array, path: string, size: number): Uint8Array {
    const lying = data.slice();
    const view = new DataView(lying.buffer);
    const text = strFromU8(lying, true);
    // The length stands 24 bytes into an entry of the directory (whose name is 46 in) and 22 into a header (30).
    for (const [mark, length, name] of [
      ['PK\u0003\u0004', 22, 30],
      ['PK\u0001\u0002', 24, 46],
    ] as const)
      for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 4))
        if (text.startsWith(path, at + name)) view.setUint32(at + length, size, true);
    return lying;
  }

  it('stops a file that unpacks to more than it declares', () => {
    const zeros = new Uint8Array(ARCHIVE_LIMITS.manifest + 1);
    const bomb = zipSync({ 'manifest.json': zeros }, { level: 9 });
    expect(kind(bomb)).toBe('too-large');
    expect(kind(declaring(bomb, 'manifest.json', 10))).toBe('too-large');
    // What is within the limits is what it is, whatever its header says.
    expect(kind(declaring(bytes, 'tables/', 1))).toBe('accepted');
  });

  it('stops when all files together are too much, though each is not and none says so', () => {
    const total = 5_000_000;
    const name = (i: number) => `tables/${String(i).padStart(64, '0')}.csv`;
    const packed = unzipSyncRaw(zipSync({ [name(0)]: new Uint8Array(total / 5) }, { level: 9 }));
    const files = (count: number) =>
      zipOf(Array.from({ length: count }, (_, i) => ({ name: name(i), packed, size: 1 })));
    const read = (count: number) => () => decodeArchive(files(count), registry, { total });
    expect(read(6)).toThrow(expect.objectContaining({ kind: 'too-large' }));
    // Without a manifest it is no archive, but its size is right.
    expect(read(5)).toThrow(expect.objectContaining({ kind: 'not-an-archive' }));
  });

  it('tells how far it is', () => {
    const told: number[] = [];
    decodeArchive(bytes, registry, { onProgress: (fraction) => told.push(fraction) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('is not written where it could not be read again', () => {
    const csv = new Uint8Array(ARCHIVE_LIMITS.table + 1);
    expect(() =>
      encodeArchive({ experiments: [], tables: new Map([['0'.repeat(64), { name: 't', csv }]]) }),
    ).toThrow(expect.objectContaining({ kind: 'too-large' }));
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
