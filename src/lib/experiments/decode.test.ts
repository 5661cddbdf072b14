import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../runtime/graph/schema.ts';
import { ARCHIVE_LIMITS, ArchiveError, encodeArchive } from './archive.ts';
import { decodeJob, type DecodeJob, type DecodeReply } from './decode-jobs.ts';
import { readArchive, readLink, type DecodeWorker } from './decode.ts';
import { encodeLink, LinkError, MAX_LINK_LENGTH } from './link.ts';
import { Library } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import {
  checkpoint,
  CSV,
  CSV_HASH,
  fingerprint,
  registry,
  sampleDocument,
  wrapJson,
} from './testing/samples.ts';

/** A worker on this thread; `answer` says what it does with its job. */
class FakeWorker implements DecodeWorker {
  ended = false;
  readonly #listeners = new Map<string, (event: never) => void>();
  readonly #answer: (job: DecodeJob, worker: FakeWorker) => void;
  constructor(answer: (job: DecodeJob, worker: FakeWorker) => void) {
    this.#answer = answer;
  }
  postMessage(job: DecodeJob): void {
    this.#answer(job, this);
  }
  terminate(): void {
    this.ended = true;
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }
  /** As a message between threads: copied, and nothing after the end. */
  reply(reply: DecodeReply): void {
    const event = { data: structuredClone(reply) };
    if (!this.ended) this.#listeners.get('message')?.(event as never);
  }
  fail(): void {
    this.#listeners.get('error')?.({ preventDefault: () => undefined } as never);
  }
}

const working = () =>
  new FakeWorker((job, worker) => void decodeJob(job, registry, (reply) => worker.reply(reply)));

const document = sampleDocument('Race', { table: true });
const tables = new Map([[CSV_HASH, { name: 't.csv', csv: CSV }]]);
const link = encodeLink({ document, tables, fingerprint });

describe('a link read in a worker', () => {
  it('is what it is when read here, and the worker ends', async () => {
    const worker = working();
    const read = await readLink(link, { createWorker: () => worker });
    expect(read).toMatchObject({ document, tables, fingerprint });
    expect(worker.ended).toBe(true);
  });

  it('fails with the same error as here', async () => {
    const createWorker = working;
    const damaged = readLink(`${link}AAAA`, { createWorker });
    await expect(damaged).rejects.toBeInstanceOf(LinkError);
    await expect(damaged).rejects.toMatchObject({ kind: 'corrupt' });
    const none = readLink(wrapJson({}), { createWorker });
    await expect(none).rejects.toBeInstanceOf(DocumentError);
  });

  it('is refused before a worker is made where it is too long', async () => {
    const createWorker = () => expect.unreachable();
    const long = `#x1=${'A'.repeat(MAX_LINK_LENGTH)}`;
    await expect(readLink(long, { createWorker })).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('is given up when the worker is silent, crashes or is not wanted any more', async () => {
    const silent = new FakeWorker(() => undefined);
    await expect(readLink(link, { createWorker: () => silent, silence: 5 })).rejects.toThrow(
      /expected an answer within/,
    );
    expect(silent.ended).toBe(true);

    const crashing = new FakeWorker((_, worker) => worker.fail());
    await expect(readLink(link, { createWorker: () => crashing })).rejects.toThrow(/crash/);
    expect(crashing.ended).toBe(true);

    const abort = new AbortController();
    const endless = new FakeWorker(() => abort.abort(new Error('left')));
    const { signal } = abort;
    await expect(readLink(link, { createWorker: () => endless, signal })).rejects.toThrow('left');
    expect(endless.ended).toBe(true);
    await expect(readLink(link, { signal, createWorker: working })).rejects.toThrow('left');
  });
});

describe('a file read in a worker', () => {
  const bytes = encodeArchive({
    experiments: [
      { document, fingerprint, created: 5, checkpoints: [checkpoint('fista-1')] },
      { document: sampleDocument('Two'), fingerprint: null, checkpoints: [] },
    ],
    tables: new Map([[CSV_HASH, { name: 't.csv', csv: strToU8(CSV) }]]),
  });

  it('is added to the library with its tables and runs, and tells how far it is', async () => {
    const fractions: number[] = [];
    const archive = await readArchive(new Blob([bytes]), {
      createWorker: working,
      onProgress: (fraction) => fractions.push(fraction),
    });
    const library = new Library(new MemoryStore());
    const [first, second] = await library.add(archive);
    expect([first.document, second.document.title]).toEqual([document, 'Two']);
    expect(await (await library.getTable(CSV_HASH))?.csv.text()).toBe(CSV);
    expect(await library.loadCheckpoints(first.id)).toEqual([checkpoint('fista-1')]);
    expect(fractions.at(0)).toBeGreaterThan(0);
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1);
  });

  it('fails with the same error as here, and adds nothing', async () => {
    const file = new Blob([bytes.slice(0, bytes.length / 2)]);
    await expect(readArchive(file, { createWorker: working })).rejects.toBeInstanceOf(ArchiveError);
    const json = new Blob(['{"format":1}']);
    await expect(readArchive(json, { createWorker: working })).rejects.toBeInstanceOf(
      DocumentError,
    );
  });

  it('says the limit before the file is read', async () => {
    const file = {
      size: ARCHIVE_LIMITS.file + 1,
      arrayBuffer: () => expect.unreachable(),
    } as unknown as Blob;
    const createWorker = () => expect.unreachable();
    await expect(readArchive(file, { createWorker })).rejects.toThrow(
      'expected at most 300 MB, got 301 MB',
    );
  });

  it('is left alone when a person cancels', async () => {
    const abort = new AbortController();
    const endless = new FakeWorker((_, worker) =>
      worker.reply({ type: 'progress', fraction: 0.1 }),
    );
    await expect(
      readArchive(new Blob([zipSync({})]), {
        createWorker: () => endless,
        signal: abort.signal,
        onProgress: () => abort.abort(new Error('cancelled')),
      }),
    ).rejects.toThrow('cancelled');
    expect(endless.ended).toBe(true);
  });
});
