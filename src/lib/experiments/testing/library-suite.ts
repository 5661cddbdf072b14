/** What every library must do, whatever it is kept in: run over memory, a simulated IndexedDB and a browser's own. */
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../errors.ts';
import { HISTORY_INTERVAL, HISTORY_LENGTH, Library, REMOVED_LENGTH } from '../library.ts';
import { storedTables } from '../records.ts';
import type { Store } from '../store.ts';
import { checkpoint, CSV, CSV_HASH, fingerprint, registry, sampleDocument } from './samples.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

export async function refusal(work: Promise<unknown>): Promise<StorageError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('expected a StorageError');
}

/** `makeStore` gives an empty one with each call. */
export function describeLibrary(where: string, makeStore: () => Promise<Store>): void {
  describe(`the library ${where}`, () => {
    let library: Library;
    let now: number;

    beforeEach(async () => {
      now = 1_800_000_000_000;
      library = new Library(await makeStore(), { now: () => now });
    });

    it('lists what was created, newest first', async () => {
      const first = await library.create({ document: sampleDocument('First') });
      now += 1000;
      const second = await library.create({ document: sampleDocument('Second') });
      expect((await library.list()).map((each) => each.title)).toEqual(['Second', 'First']);
      expect(await library.load(first.id)).toEqual(first);
      expect(second.id).not.toBe(first.id);
    });

    it('saves over the revision it knows, and refuses over another', async () => {
      const { id } = await library.create({ document: sampleDocument('A') });
      const saved = await library.write(id, 1, { document: sampleDocument('B'), fingerprint });
      expect(saved).toMatchObject({ title: 'B', revision: 2, fingerprint });
      const error = await refusal(library.write(id, 1, { document: sampleDocument('C') }));
      expect(error.kind).toBe('conflict');
      expect((await library.load(id)).title).toBe('B');
    });

    it('writes nothing when nothing changed', async () => {
      const { id } = await library.create({ document: sampleDocument('A') });
      expect((await library.write(id, 1, { document: sampleDocument('A') })).revision).toBe(1);
    });

    it('keeps earlier states, at most one per interval and a bounded number, and restores them', async () => {
      const { id } = await library.create({ document: sampleDocument('0') });
      let revision = 1;
      const save = async (title: string) => {
        ({ revision } = await library.write(id, revision, { document: sampleDocument(title) }));
      };
      await save('1');
      now += 1000;
      await save('2');
      expect((await library.history(id)).map((each) => each.document.title)).toEqual(['0']);
      for (let i = 3; i < HISTORY_LENGTH + 20; i++) {
        now += HISTORY_INTERVAL;
        await save(String(i));
      }
      const history = await library.history(id);
      expect(history).toHaveLength(HISTORY_LENGTH);
      expect(history[0].document.title).toBe(String(HISTORY_LENGTH + 18));

      const old = history[10];
      const restored = await library.restore(id, old.id, revision, (stored) => stored);
      expect(restored.document).toEqual(old.document);
      expect((await library.history(id))[0].document.title).toBe(String(HISTORY_LENGTH + 19));
    });

    it('renames, and refuses an empty or endless name', async () => {
      const { id } = await library.create({ document: sampleDocument('A') });
      await library.rename(id, '  Better ');
      const renamed = await library.load(id);
      expect([renamed.title, renamed.document.title]).toEqual(['Better', 'Better']);
      await expect(library.rename(id, '  ')).rejects.toThrow(RangeError);
      await expect(library.rename(id, 'x'.repeat(201))).rejects.toThrow(/200 characters/);
    });

    it('duplicates with the runs', async () => {
      const { id } = await library.create({
        document: sampleDocument('A'),
        fingerprint,
        checkpoints: [checkpoint()],
      });
      const copy = await library.duplicate(id);
      expect(copy).toMatchObject({ title: 'A copy', fingerprint });
      expect(await library.loadCheckpoints(copy.id)).toEqual([checkpoint()]);
    });

    it('brings a removed experiment back, until many others were removed', async () => {
      const { id } = await library.create({
        document: sampleDocument('A'),
        checkpoints: [checkpoint()],
      });
      await library.remove(id);
      expect(await library.list()).toEqual([]);
      expect((await library.listRemoved()).map((each) => each.id)).toEqual([id]);
      expect((await refusal(library.load(id))).kind).toBe('not-found');
      await library.undoRemove(id);
      expect((await library.load(id)).title).toBe('A');

      await library.remove(id);
      const remove = async (title: string) =>
        library.remove((await library.create({ document: sampleDocument(title) })).id);
      for (let i = 1; i < REMOVED_LENGTH; i++) await remove(String(i));
      now += 5 * YEAR;
      await library.collect();
      expect(await library.listRemoved()).toHaveLength(REMOVED_LENGTH);
      await remove('last');
      await library.collect();
      const kept = await library.listRemoved();
      expect(kept).toHaveLength(REMOVED_LENGTH);
      expect(kept.map((each) => each.id)).not.toContain(id);
      expect(kept[0].title).toBe('last');
      expect(await library.loadCheckpoints(id)).toEqual([]);
    });

    it('orders, keeps and deletes the same when the clock jumps', async () => {
      const titles = async () => (await library.list()).map((each) => each.title);
      const { id } = await library.create({ document: sampleDocument('0') });
      now += YEAR;
      const hash = await library.putTable('t.csv', CSV);
      await library.create({
        document: sampleDocument('ahead'),
        checkpoints: [checkpoint('left')],
      });
      now -= 2 * YEAR;
      await library.create({ document: sampleDocument('behind') });
      expect(await titles()).toEqual(['behind', 'ahead', '0']);
      await library.write(id, 1, { document: sampleDocument('1') });
      expect(await titles()).toEqual(['1', 'behind', 'ahead']);

      // The clock goes back before each save: the history grows, and its oldest states are the ones that go.
      for (let i = 2; i < HISTORY_LENGTH + 5; i++) {
        now -= HISTORY_INTERVAL;
        await library.write(id, i, { document: sampleDocument(String(i)) });
      }
      const history = (await library.history(id)).map((each) => each.document.title);
      expect(history).toHaveLength(HISTORY_LENGTH);
      expect(history[0]).toBe(String(HISTORY_LENGTH + 3));
      expect(history.at(-1)).toBe('4');

      // A jump ahead in the middle of an import: what was stored a moment ago is not taken for forgotten.
      now += 20 * YEAR;
      await library.collect();
      expect(await library.getTable(hash)).not.toBeNull();
    });

    it('keeps the last checkpoint of each run', async () => {
      const { id } = await library.create({ document: sampleDocument('A') });
      await library.saveCheckpoints(id, [checkpoint('a', 1), checkpoint('b', 2)]);
      await library.saveCheckpoints(id, [checkpoint('a', 5)]);
      const kept = await library.loadCheckpoints(id);
      expect(kept.map((each) => [each.nodeId, each.stepsDone]).sort()).toEqual([
        ['a', 5],
        ['b', 2],
      ]);
      expect(kept.find((each) => each.nodeId === 'a')).toEqual(checkpoint('a', 5));
      expect((await refusal(library.saveCheckpoints('gone', [checkpoint()]))).kind).toBe(
        'not-found',
      );
    });

    it('deletes runs of nodes that left the graph an hour ago', async () => {
      const { id } = await library.create({
        document: sampleDocument('A'),
        checkpoints: [checkpoint('add-1'), checkpoint('left')],
      });
      await library.collect();
      expect(await library.loadCheckpoints(id)).toHaveLength(2);
      now += HOUR + 1;
      await library.collect();
      await library.collect();
      expect((await library.loadCheckpoints(id)).map((each) => each.nodeId)).toEqual(['add-1']);
    });

    it('stores a table once by its content and keeps it while something names it', async () => {
      const hash = await library.putTable('t.csv', CSV);
      expect(hash).toBe(CSV_HASH);
      expect(await library.putTable('again.csv', new Blob([CSV]))).toBe(hash);
      const document = sampleDocument('A', { table: true });
      expect(storedTables(document)).toEqual([hash]);
      const { id } = await library.create({ document });
      await library.write(id, 1, { document: sampleDocument('without') });

      now += 2 * HOUR;
      await library.collect();
      // The history still names it.
      expect(await (await library.getTable(hash))?.csv.text()).toBe(CSV);
      await library.remove(id);
      await library.collect({ allRemoved: true });
      expect(await library.getTable(hash)).toBeNull();
    });

    it('keeps a table that nothing names yet for an hour', async () => {
      const hash = await library.putTable('t.csv', CSV);
      now += HOUR - 1;
      await library.collect();
      expect(await library.getTable(hash)).not.toBeNull();
      now += 2;
      await library.collect();
      expect(await library.getTable(hash)).not.toBeNull();
      await library.collect();
      expect(await library.getTable(hash)).toBeNull();
    });

    it('goes through a file and back without overwriting anything', async () => {
      await library.putTable('t.csv', CSV);
      const { id } = await library.create({
        document: sampleDocument('A', { table: true }),
        fingerprint,
        checkpoints: [checkpoint()],
      });
      now += 1000;
      await library.create({ document: sampleDocument('B') });
      const all = await library.exportArchive();
      const one = await library.exportArchive([id]);

      expect(await library.importArchive(one, registry)).toHaveLength(1);
      expect(await library.list()).toHaveLength(3);

      const other = new Library(await makeStore(), { now: () => now });
      const imported = await other.importArchive(all, registry);
      expect(imported.map((each) => each.title)).toEqual(['B', 'A']);
      const a = imported[1];
      expect(a).toMatchObject({
        document: sampleDocument('A', { table: true }),
        fingerprint,
        created: now - 1000,
      });
      expect(a.id).not.toBe(id);
      expect(await other.loadCheckpoints(a.id)).toEqual([checkpoint()]);
      expect(await (await other.getTable(CSV_HASH))?.csv.text()).toBe(CSV);
    });

    it('leaves everything as it was when a transaction fails', async () => {
      const { id } = await library.create({ document: sampleDocument('A') });
      const broken = { ...checkpoint(), message: (() => undefined) as unknown as string };
      await expect(library.saveCheckpoints(id, [checkpoint('a'), broken])).rejects.toThrow();
      expect(await library.loadCheckpoints(id)).toEqual([]);
      expect((await library.list()).map((each) => each.title)).toEqual(['A']);
    });

    it('keeps settings, and tells listeners of changes', async () => {
      expect(await library.getSetting('axis')).toBeUndefined();
      await library.putSetting('axis', { x: 'seconds' });
      expect(await library.getSetting('axis')).toEqual({ x: 'seconds' });
      const heard: number[] = [];
      const stop = library.subscribe((change) => heard.push(change.revision));
      const { id } = await library.create({ document: sampleDocument('A') });
      await library.rename(id, 'B');
      stop();
      await library.remove(id);
      expect(heard).toEqual([1, 2]);
    });

    it('stays whole with hundreds of experiments, versions, runs and tables', async () => {
      const hashes = await Promise.all(
        Array.from({ length: 150 }, (_, i) => library.putTable(`${i}.csv`, `x\n${i}\n`)),
      );
      const ids: string[] = [];
      for (let i = 0; i < 150; i++) {
        const { id } = await library.create({
          document: sampleDocument(String(i), { table: i % 2 === 0 }),
          checkpoints: [checkpoint('a'), checkpoint('b'), checkpoint('add-1')],
        });
        ids.push(id);
        await library.write(id, 1, { document: sampleDocument(`${i}.`) });
      }
      await Promise.all(ids.slice(0, 100).map((id) => library.remove(id)));
      now += 2 * HOUR;
      await library.collect();
      await library.collect();
      expect(await library.list()).toHaveLength(50);
      expect(await library.listRemoved()).toHaveLength(REMOVED_LENGTH);
      await library.collect({ allRemoved: true });
      expect(await library.listRemoved()).toEqual([]);
      expect(await library.getTable(hashes[149])).toBeNull();
      expect((await library.loadCheckpoints(ids[149])).map((each) => each.nodeId)).toEqual([
        'add-1',
      ]);
      expect(await library.history(ids[149])).toHaveLength(1);
      expect(await library.history(ids[0])).toEqual([]);
    });
  });
}
