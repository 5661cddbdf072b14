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
