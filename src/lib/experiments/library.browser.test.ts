import { expect, it } from 'vitest';
import { DexieStore } from './dexie-store.ts';
import { Library } from './library.ts';
import { browserLocks } from './tab-locks.ts';
import { describeLibrary } from './testing/library-suite.ts';
import { registry, sampleDocument } from './testing/samples.ts';

let databases = 0;
const open = () => DexieStore.open({ name: `test-${databases++}-${performance.timeOrigin}` });

describeLibrary("in this browser's IndexedDB", open);

it('lets one of two editors write, by the locks of the browser', async () => {
  const store = await open();
  const tab = () =>
    new Library(store, { locks: browserLocks(), channel: new BroadcastChannel('test') });
  const [first, second] = [tab(), tab()];
  const { id } = await first.create({ document: sampleDocument('A') });
  const writer = await first.open(id, registry);
  const reader = await second.open(id, registry);
  expect([writer.access, reader.access]).toEqual(['write', 'read']);
  const writable = new Promise((resolve) => reader.subscribe(resolve));
  await writer.close();
  expect(await writable).toMatchObject({ kind: 'writable' });
  await reader.close();
});

it('says how much is used of how much', async () => {
  const usage = await new Library(await open()).usage();
  expect(usage?.quota).toBeGreaterThan(usage?.used ?? Infinity);
});
