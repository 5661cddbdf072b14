import { DexieStore } from './dexie-store.ts';
import { toStorageError, unavailable } from './errors.ts';
import { Library } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { browserLocks } from './tab-locks.ts';

let opened: Promise<Library> | undefined;

/**
 * The library of this browser, opened once per page. Where the browser stores nothing, it lives in memory and its `notice`
 * says why; the page must show it.
 */
export function openLibrary(): Promise<Library> {
  return (opened ??= open());
}

async function open(): Promise<Library> {
  try {
    if (!globalThis.indexedDB) throw unavailable('library');
    const channel =
      'BroadcastChannel' in globalThis ? new BroadcastChannel('adjoint.library') : undefined;
    const library = new Library(await DexieStore.open(), { locks: browserLocks(), channel });
    // Tidying can wait: a library that cannot write says so when it matters.
    library.collect().catch(() => undefined);
    return library;
  } catch (error) {
    return new Library(new MemoryStore(), { notice: toStorageError(error, 'library') });
  }
}
