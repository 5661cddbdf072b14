import { Dexie } from 'dexie';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import { DexieStore } from './dexie-store.ts';
import { toStorageError } from './errors.ts';
import { Library } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';
import { describeLibrary, refusal } from './testing/library-suite.ts';
import { sampleDocument } from './testing/samples.ts';

let databases = 0;

/** Dexie closes other databases of the same name, though they live in another factory. */
function browserStore(indexedDB = new IDBFactory(), name = `test-${databases++}`): Promise<Store> {
  return DexieStore.open({ name, dexie: { indexedDB, IDBKeyRange } });
}

describeLibrary('in a simulated IndexedDB', () => browserStore());
describeLibrary('in memory', () => Promise.resolve(new MemoryStore()));

describe('versions of the library', () => {
  it('keeps order and history of what the first version stored', async () => {
    const factory = new IDBFactory();
    const first = new Dexie('v1', { indexedDB: factory, IDBKeyRange });
    first.version(1).stores({
      experiments: 'id, *tables',
      history: 'id, [experimentId+at+id], *tables',
      runs: '[experimentId+nodeId], experimentId, saved',
      csv: 'hash, added',
      settings: 'key',
    });
    const record = (id: string, updated: number) => ({
      id,
      title: id,
      document: sampleDocument(id),
      fingerprint: null,
      created: 1,
      updated,
      revision: 3,
      removed: null,
      tables: [],
    });
    await first.table('experiments').bulkPut([record('b', 20), record('c', 30), record('a', 10)]);
    const state = (id: string, at: number) => ({
      id,
      experimentId: 'a',
      at,
      document: sampleDocument(id),
      tables: [],
    });
    await first.table('history').bulkPut([state('z', 5), state('y', 7)]);
    first.close();

    const library = new Library(await browserStore(factory, 'v1'), { now: () => 1000 });
    expect((await library.list()).map((each) => each.id)).toEqual(['c', 'b', 'a']);
    await library.write('a', 3, { document: sampleDocument('new') }, { keepPrevious: true });
    expect((await library.list()).map((each) => each.id)).toEqual(['a', 'c', 'b']);
    const history = await library.history('a');
    expect(history.map((each) => each.document.title)).toEqual(['a', 'y', 'z']);
  });

  it('gives way to a newer version in another tab, says so, and writes nothing more', async () => {
    const factory = new IDBFactory();
    const library = new Library(await browserStore(factory, 'next'));
    const { id } = await library.create({ document: sampleDocument('A') });
    const newer = new Dexie('next', { indexedDB: factory, IDBKeyRange });
    newer.version(3).stores({ experiments: 'id, title' });
    await newer.open();
    expect((await library.superseded).kind).toBe('superseded');
    const write = library.write(id, 1, { document: sampleDocument('B') });
    expect((await refusal(write)).kind).toBe('superseded');
    expect(await newer.table('experiments').get(id)).toMatchObject({ title: 'A' });
    newer.close();
  });

  it('does not open what a newer version left', async () => {
    const factory = new IDBFactory();
    const newer = new Dexie('left', { indexedDB: factory, IDBKeyRange });
    newer.version(3).stores({ experiments: 'id, title' });
    await newer.open();
    newer.close();
    expect((await refusal(browserStore(factory, 'left'))).kind).toBe('superseded');
  });
});

describe('storage that fails', () => {
  it('outlives a reload in IndexedDB, and says that memory does not', async () => {
    const factory = new IDBFactory();
    const before = new Library(await browserStore(factory, 'reload'));
    const { id } = await before.create({ document: sampleDocument('A') });
    before.close();
    const after = new Library(await browserStore(factory, 'reload'));
    expect((await after.load(id)).title).toBe('A');
    expect(after.persistent).toBe(true);
    expect(new Library(new MemoryStore()).persistent).toBe(false);
  });

  it('says that the browser offers none', async () => {
    const none = {
      open: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    } as unknown as IDBFactory;
    expect((await refusal(browserStore(none))).kind).toBe('unavailable');
  });

  it('says that the browser does not answer', async () => {
    const silent = { open: () => new EventTarget() } as unknown as IDBFactory;
    const error = await refusal(
      DexieStore.open({ dexie: { indexedDB: silent, IDBKeyRange }, timeout: 20 }),
    );
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('no answer');
  });

  it('says that another tab holds an older version', async () => {
    const factory = new IDBFactory();
    const older = await new Promise<IDBDatabase>((resolve) => {
      // Dexie's version 1 is 10 in the database; an older one does not give way.
      const request = factory.open('adjoint', 5);
      request.onsuccess = () => resolve(request.result as IDBDatabase);
    });
    const error = await refusal(browserStore(factory, 'adjoint'));
    expect(error.kind).toBe('blocked');
    expect(error.message).toContain('Close the other tabs');
    older.close();
  });

  it('tells a full disk, a closed database and the rest apart', () => {
    const quota = new DOMException('full', 'QuotaExceededError');
    expect(toStorageError(quota, 'save').kind).toBe('quota');
    const wrapped = Object.assign(new Error('aborted'), { name: 'AbortError', inner: quota });
    expect(toStorageError(wrapped, 'save')).toMatchObject({
      kind: 'quota',
      message: expect.stringContaining('Export your work') as string,
    });
    const closed = Object.assign(new Error('gone'), { name: 'DatabaseClosedError' });
    expect(toStorageError(closed, 'save').kind).toBe('closed');
    expect(toStorageError(new Error('?'), 'save').kind).toBe('unknown');
    expect(toStorageError('?', 'save').kind).toBe('unknown');
  });

  it('reports a closed library by its kind', async () => {
    const library = new Library(await browserStore());
    library.close();
    expect((await refusal(library.list())).kind).toBe('closed');
  });
});
