import { describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../experiments/errors.ts';
import { Library } from '../../experiments/library.ts';
import { MemoryStore } from '../../experiments/memory-store.ts';
import { registry } from '../../nodes/index.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { Keeper } from './keeper.svelte.ts';
import { Notices } from './notices.svelte.ts';
import type { Opened } from './open.ts';

function start(library: Library, opened: Partial<Opened>) {
  let document = opened.document ?? emptyDocument('First');
  const onkept = vi.fn<(id: string) => void>();
  const keeper = new Keeper({
    library,
    registry,
    opened: {
      held: null,
      checkpoints: [],
      sent: null,
      tables: new Map(),
      origin: 'new',
      ...opened,
      document,
    },
    notices: new Notices(),
    document: () => document,
    onkept,
    onreplace: (next) => (document = next),
    onexport: () => undefined,
  });
  const retitle = (title: string) => {
    document = { ...document, title };
    keeper.edited();
  };
  return { keeper, retitle, onkept };
}

describe('keeper', () => {
  it('puts a new experiment into the library with its first edit', async () => {
    const library = new Library(new MemoryStore());
    const { keeper, retitle, onkept } = start(library, {});
    expect(await library.list()).toEqual([]);
    retitle('Second');
    expect(keeper.state).toBe('unsaved');
    await keeper.flush();
    expect(keeper.state).toBe('saved');
    expect((await library.list()).map((each) => each.title)).toEqual(['Second']);
    expect(onkept).toHaveBeenCalledWith(keeper.id);
  });

  it('writes nothing of a link until it is edited, and then only something new', async () => {
    const library = new Library(new MemoryStore());
    const mine = await library.create({ document: emptyDocument('Mine') });
    const { keeper, retitle } = start(library, { origin: 'link', document: emptyDocument('Mine') });
    keeper.settled(null);
    await keeper.flush();
    expect(keeper.state).toBe('unkept');
    expect(await library.list()).toHaveLength(1);
    retitle('Theirs');
    await keeper.flush();
    expect((await library.list()).map((each) => each.title).sort()).toEqual(['Mine', 'Theirs']);
    expect((await library.load(mine.id)).revision).toBe(1);
  });

  it('brings the tables of a link along when it is kept', async () => {
    const library = new Library(new MemoryStore());
    const hash = 'a'.repeat(64);
    const table = { source: 'stored', hash, name: 't.csv' } as const;
    const document = {
      ...emptyDocument('Linked'),
      nodes: [
        { id: 't', type: 'data/table', version: 1, params: { table }, position: { x: 0, y: 0 } },
      ],
    };
    const tables = new Map([[hash, { name: 't.csv', csv: 'x,y\n1,2' }]]);
    const { keeper } = start(library, { origin: 'link', document, tables });
    await keeper.save();
    const kept = await library.getTable(hash);
    expect(await kept?.csv.text()).toBe('x,y\n1,2');
  });

  it('keeps the experiment when a save fails, says why, and saves with the next edit', async () => {
    const library = new Library(new MemoryStore());
    const record = await library.create({ document: emptyDocument('First') });
    const held = await library.open(record.id, registry);
    const { keeper, retitle } = start(library, { held, origin: 'library' });
    const save = vi.spyOn(held, 'save').mockRejectedValueOnce(new Error('no room'));
    retitle('Second');
    await keeper.flush();
    expect(keeper.state).toBe('failed');
    expect(keeper.detail).toBe('no room');
    retitle('Third');
    await keeper.flush();
    expect(keeper.state).toBe('saved');
    expect(save).toHaveBeenCalledTimes(2);
    expect((await library.load(record.id)).title).toBe('Third');
  });

  it('stops saving, and says so, when a newer version of the app takes the library', async () => {
    let takeOver: (error: StorageError) => void = () => undefined;
    const superseded = new Promise<StorageError>((resolve) => (takeOver = resolve));
    const store = Object.assign(new MemoryStore(), { superseded });
    const library = new Library(store);
    const { keeper, retitle } = start(library, {});
    retitle('Second');
    await keeper.flush();
    const write = vi.spyOn(library, 'write');
    takeOver(new StorageError('superseded', 'a newer version'));
    await superseded;
    retitle('Third');
    await keeper.flush();
    await keeper.save();
    expect(keeper.state).toBe('superseded');
    expect(keeper.detail).toBe('a newer version');
    expect(write).not.toHaveBeenCalled();
  });

  it('keeps the present state when an earlier version is put back', async () => {
    const library = new Library(new MemoryStore());
    const { keeper, retitle } = start(library, {});
    for (const title of ['One', 'Two', 'Three']) {
      retitle(title);
      await keeper.flush();
    }
    const id = keeper.id ?? '';
    const [oldest] = await library.history(id);
    expect(oldest.document.title).toBe('One');
    expect((await keeper.restore(oldest.id)).title).toBe('One');
    expect((await library.load(id)).title).toBe('One');
    expect((await library.history(id)).map((each) => each.document.title)).toEqual([
      'Three',
      'One',
    ]);
  });

  it('refuses to put a version back where nothing is saved', async () => {
    const { keeper } = start(new Library(new MemoryStore()), {});
    await keeper.save();
    await expect(keeper.restore('none')).rejects.toThrow(/restore: expected/);
  });
});
