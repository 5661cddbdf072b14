import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GraphDocument, ParamValue } from '../runtime/graph/document.ts';
import { graphNode, graphOf, numberNode, registryOf } from '../runtime/graph/testing/fake-nodes.ts';
import { StorageError } from './errors.ts';
import { Library } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import type { EditSession, SessionEvent } from './session.ts';
import { checkpoint, FakeLocks, registry, sampleDocument } from './testing/samples.ts';
import type { Locks } from './tab-locks.ts';

/** Two tabs of one browser: one store, one set of locks, a channel each. */
function twoTabs(name: string, locks: Locks | undefined): [Library, Library] {
  const store = new MemoryStore();
  const tab = () => new Library(store, { locks, channel: new BroadcastChannel(name) });
  return [tab(), tab()];
}

const kindOf = (error: unknown) => (error instanceof StorageError ? error.kind : String(error));
const failure = (work: Promise<unknown>) => work.then(() => 'done', kindOf);

function next(session: EditSession): Promise<SessionEvent> {
  return new Promise((resolve) => {
    const stop = session.subscribe((event) => {
      stop();
      resolve(event);
    });
  });
}

describe('two tabs with locks', () => {
  let first: Library;
  let second: Library;
  let id: string;

  beforeEach(async () => {
    [first, second] = twoTabs('with-locks', new FakeLocks());
    ({ id } = await first.create({ document: sampleDocument('A') }));
  });
  afterEach(() => {
    first.close();
    second.close();
  });

  it('let the first write and the second read', async () => {
    const writer = await first.open(id, registry);
    const reader = await second.open(id, registry);
    expect([writer.access, reader.access]).toEqual(['write', 'read']);
    await writer.save(sampleDocument('B'));
    expect(await failure(reader.save(sampleDocument('C')))).toBe('locked');
    expect(await failure(reader.saveCheckpoints([checkpoint()]))).toBe('locked');
    expect((await first.load(id)).title).toBe('B');
    await reader.close();
    await writer.close();
  });

  it('show the reader what the writer saves', async () => {
    const writer = await first.open(id, registry);
    const reader = await second.open(id, registry);
    const event = next(reader);
    await writer.save(sampleDocument('B'));
    expect(await event).toMatchObject({ kind: 'changed', experiment: { title: 'B' } });
    await reader.close();
    await writer.close();
  });

  it('hand over to the reader when the writer closes, with its last save', async () => {
    const writer = await first.open(id, registry);
    const reader = await second.open(id, registry);
    const saved = writer.save(sampleDocument('B'));
    const events: SessionEvent[] = [];
    const writable = new Promise<void>((resolve) =>
      reader.subscribe((event) => {
        events.push(event);
        if (event.kind === 'writable') resolve();
      }),
    );
    await writer.close();
    await saved;
    await writable;
    expect(events.at(-1)).toMatchObject({ kind: 'writable', experiment: { title: 'B' } });
    expect(reader.access).toBe('write');
    expect((await reader.save(sampleDocument('C'))).title).toBe('C');
    expect(await failure(writer.save(sampleDocument('D')))).toBe('locked');
    await reader.close();
  });

  it('let the reader keep its work as a copy', async () => {
    const writer = await first.open(id, registry);
    const reader = await second.open(id, registry);
    const copy = await reader.saveCopy(sampleDocument('Mine'));
    expect(copy.title).toBe('Mine copy');
    expect((await first.list()).map((each) => each.title).sort()).toEqual(['A', 'Mine copy']);
    await reader.close();
    await writer.close();
  });

  it('refuse to rename or remove what the other edits, and allow it afterwards', async () => {
    const writer = await first.open(id, registry);
    expect(await failure(second.rename(id, 'X'))).toBe('locked');
    expect(await failure(second.remove(id))).toBe('locked');
    await writer.close();
    expect(await failure(second.rename(id, 'X'))).toBe('done');
    expect(await failure(second.remove(id))).toBe('done');
    expect(await failure(first.open(id, registry))).toBe('not-found');
  });

  it('give up the lock when there is nothing to open', async () => {
    expect(await failure(first.open('gone', registry))).toBe('not-found');
    expect(await failure(second.open('gone', registry))).toBe('not-found');
  });

  it('do not wait for a reader that closed', async () => {
    const writer = await first.open(id, registry);
    const reader = await second.open(id, registry);
    await reader.close();
    await writer.close();
    const again = await second.open(id, registry);
    expect(again.access).toBe('write');
    await again.close();
  });
});

describe('two tabs without locks', () => {
  it('never let the last writer win silently', async () => {
    const [first, second] = twoTabs('without-locks', undefined);
    const { id } = await first.create({ document: sampleDocument('A') });
    const one = await first.open(id, registry);
    const two = await second.open(id, registry);
    expect([one.access, two.access]).toEqual(['write', 'write']);
    const told = next(two);
    await one.save(sampleDocument('B'));
    expect(await told).toMatchObject({ kind: 'changed', experiment: { title: 'B' } });
    expect(await failure(two.save(sampleDocument('C')))).toBe('conflict');
    expect((await first.load(id)).title).toBe('B');
    await one.close();
    await two.close();
    first.close();
    second.close();
  });
});

it('saves one after another, so that quick saves of one tab never conflict', async () => {
  const library = new Library(new MemoryStore());
  const { id } = await library.create({ document: sampleDocument('A') });
  const session = await library.open(id, registry);
  await Promise.all(['B', 'C', 'D'].map((title) => session.save(sampleDocument(title))));
  expect((await library.load(id)).title).toBe('D');
  const history = await library.history(id);
  await session.restore(history[0].id);
  expect(session.experiment.title).toBe('A');
});

describe('an experiment of an older version of the app', () => {
  /** The first node renamed its parameter since: `amount` became `value`. */
  const newer = {
    ...numberNode,
    version: 2,
    migrations: {
      1: {
        change: 'amount is called value',
        migrate: ({ amount, ...rest }: Readonly<Record<string, ParamValue>>) => ({
          ...rest,
          value: amount,
        }),
        example: { before: { amount: 4 }, after: { value: 4 } },
      },
    },
  };
  const old = (amount: number) => graphOf([graphNode(numberNode, 'n', { amount })]);

  it('is migrated when it is opened, when another version of it is put back, and written so', async () => {
    const library = new Library(new MemoryStore());
    const { id } = await library.create({ document: old(4) });
    await library.write(id, 1, { document: old(5) }, { keepPrevious: true });
    const session = await library.open(id, registryOf(newer));
    expect(session.experiment.document.nodes[0]).toMatchObject({
      version: 2,
      params: { value: 5 },
    });
    const [former] = await library.history(id);
    const restored = await session.restore(former.id);
    expect(restored.document.nodes[0]).toMatchObject({ version: 2, params: { value: 4 } });
    await session.save({ ...restored.document, title: 'Changed' });
    expect((await library.load(id)).document.nodes[0].version).toBe(2);
  });

  it('does not store what could not be opened again, and goes on saving', async () => {
    const library = new Library(new MemoryStore());
    const { id } = await library.create({ document: old(1) });
    const session = await library.open(id, registry);
    const [node] = session.experiment.document.nodes;
    const far = { ...old(2), nodes: [{ ...node, position: { x: 2e6, y: 0 } }] };
    await expect(session.save(far)).rejects.toThrow(/±1000000/);
    await session.save({ ...old(3), title: 'Near' });
    expect((await library.load(id)).title).toBe('Near');
  });

  it('that is no graph any more is refused and lets go of its lock', async () => {
    const locks = new FakeLocks();
    const library = new Library(new MemoryStore(), { locks });
    const broken: GraphDocument = {
      ...old(1),
      edges: [{ from: ['n', 'scalar'], to: ['gone', 'a'] }],
    };
    const { id } = await library.create({ document: broken });
    await expect(library.open(id, registry)).rejects.toThrow(/expected the id of a node/);
    const { revision } = await library.load(id);
    await library.write(id, revision, { document: old(2) });
    expect((await library.open(id, registry)).access).toBe('write');
  });
});
