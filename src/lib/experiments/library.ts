/**
 * The library: experiments with autosave and history, runs with their checkpoints, tables once each by content. It works on
 * any `Store`; `openLibrary` chooses the browser's database, or memory with a notice that says so.
 */
import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import type { Checkpoint } from '../runtime/run/protocol.ts';
import { decodeArchive, encodeArchive, type ArchivedExperiment } from './archive.ts';
import type { ImportedArchive } from './decode.ts';
import { StorageError, toStorageError } from './errors.ts';
import { newId, storedTables, type ExperimentRecord, type HistoryRecord } from './records.ts';
import type { TableRecord } from './records.ts';
import { EditSession } from './session.ts';
import type { Store, Transaction } from './store.ts';
import { lockName, tryLock, type Locks } from './tab-locks.ts';

const MINUTE = 60_000;
/** A save keeps the state before it in the history when the youngest kept one is older than this. */
export const HISTORY_INTERVAL = 2 * MINUTE;
export const HISTORY_LENGTH = 50;
/** So many removed experiments can be restored, the last removed ones. */
export const REMOVED_LENGTH = 50;
/** What nothing names is kept this long, and until the second collection that finds it so: an import may be under way. */
const GRACE = 60 * MINUTE;
/** Setting: the hashes of tables and the keys of runs that the last collection found unnamed. */
const UNNAMED = 'collect.unnamed';
const MAX_TITLE = 200;

export interface LibraryOptions {
  readonly locks?: Locks;
  /** Tells other tabs of changes. */
  readonly channel?: BroadcastChannel;
  readonly now?: () => number;
  /** Why the library is not the browser's own. */
  readonly notice?: StorageError | null;
}

export interface LibraryChange {
  readonly id: string;
  readonly revision: number;
  /** The change was made in another tab. */
  readonly elsewhere: boolean;
}

export interface NewExperiment {
  readonly document: GraphDocument;
  readonly fingerprint?: Fingerprint | null;
  readonly checkpoints?: readonly Checkpoint[];
  readonly tables?: readonly { readonly hash: string; readonly name: string; readonly csv: Blob }[];
  readonly created?: number;
}

export class Library {
  /** Why nothing outlives the page, for a banner; null when the browser keeps everything. */
  readonly notice: StorageError | null;
  readonly #store: Store;
  readonly #locks: Locks | undefined;
  readonly #channel: BroadcastChannel | undefined;
  readonly #now: () => number;
  readonly #listeners = new Set<(change: LibraryChange) => void>();

  constructor(store: Store, options: LibraryOptions = {}) {
    this.#store = store;
    this.notice = options.notice ?? null;
    this.#locks = options.locks;
    this.#now = options.now ?? Date.now;
    this.#channel = options.channel;
    this.#channel?.addEventListener('message', this.#heard);
  }

  /** Whether experiments outlive the page. */
  get persistent(): boolean {
    return this.#store.persistent;
  }

  /** Resolves when a newer version of the app has taken the library over; what it says is for the person. */
  get superseded(): Promise<StorageError> {
    return this.#store.superseded;
  }

  /** The last written first, without the removed ones. */
  async list(): Promise<ExperimentRecord[]> {
    const all = await this.#transact('list', (tx) => tx.experiments());
    return all.filter((each) => each.removed === null).sort((a, b) => b.order - a.order);
  }

  /** Removed experiments that can still be restored, the last removed first. */
  async listRemoved(): Promise<ExperimentRecord[]> {
    const all = await this.#transact('list', (tx) => tx.experiments());
    return all.filter((each) => each.removed !== null).sort((a, b) => b.order - a.order);
  }

  async create(experiment: NewExperiment): Promise<ExperimentRecord> {
    const now = this.#now();
    const { document } = experiment;
    const fields = {
      id: newId(),
      title: document.title,
      document,
      fingerprint: experiment.fingerprint ?? null,
      created: experiment.created ?? now,
      updated: now,
      revision: 1,
      removed: null,
      tables: storedTables(document),
    };
    const record = await this.#transact('create', async (tx) => {
      const created: ExperimentRecord = { ...fields, order: (await tx.lastOrder()) + 1 };
      await tx.putTables((experiment.tables ?? []).map((table) => ({ ...table, added: now })));
      await tx.putExperiment(created);
      await tx.putRuns(
        (experiment.checkpoints ?? []).map((checkpoint) => ({
          experimentId: created.id,
          nodeId: checkpoint.nodeId,
          checkpoint,
          saved: now,
        })),
      );
      return created;
    });
    this.#tell(record);
    return record;
  }

  /** @throws StorageError `not-found` */
  async load(id: string): Promise<ExperimentRecord> {
    return present(await this.#transact('load', (tx) => tx.experiment(id)), id);
  }

  /**
   * Opens an experiment for editing, migrated and validated. A second tab gets a session that can only read until the first one closes.
   * @throws StorageError; DocumentError where what is stored is no graph
   */
  open(id: string, registry: NodeRegistry): Promise<EditSession> {
    return EditSession.open(this, id, registry, this.#locks);
  }

  /**
   * Writes a changed document or fingerprint over revision `expected`; editors use a session instead.
   * @throws StorageError `conflict` when someone else has written since, `not-found` when it was removed
   */
  async write(
    id: string,
    expected: number,
    change: { readonly document?: GraphDocument; readonly fingerprint?: Fingerprint | null },
    options: { readonly keepPrevious?: boolean } = {},
  ): Promise<ExperimentRecord> {
    const now = this.#now();
    const record = await this.#transact('save', async (tx) => {
      const previous = present(await tx.experiment(id), id);
      if (previous.revision !== expected) throw conflict(previous, expected);
      const next = changed(previous, change, now, (await tx.lastOrder()) + 1);
      if (next === previous) return previous;
      const newest = await tx.newestHistory(id);
      // A clock that was set back must not end the history until it has caught up.
      const since = newest ? Math.abs(now - newest.at) : Infinity;
      const due = options.keepPrevious || since >= HISTORY_INTERVAL;
      if (next.document !== previous.document && due) {
        const ids = await tx.historyIds(id);
        await tx.deleteHistory(ids.slice(0, Math.max(0, ids.length + 1 - HISTORY_LENGTH)));
        await tx.putHistory(asHistory(previous));
      }
      await tx.putExperiment(next);
      return next;
    });
    if (record.revision !== expected) this.#tell(record);
    return record;
  }

  /** @throws StorageError `locked` when another tab edits it */
  async rename(id: string, title: string): Promise<ExperimentRecord> {
    const clean = title.trim();
    if (clean === '' || clean.length > MAX_TITLE)
      throw new RangeError(
        `rename: expected 1 to ${MAX_TITLE} characters, got ${clean.length}. Choose another name.`,
      );
    return this.#exclusively(id, 'rename', async () => {
      const record = await this.load(id);
      return this.write(id, record.revision, { document: { ...record.document, title: clean } });
    });
  }

  /** A copy with its runs, but without the history. */
  async duplicate(id: string): Promise<ExperimentRecord> {
    const record = await this.load(id);
    const checkpoints = await this.loadCheckpoints(id);
    const title = `${record.title.slice(0, MAX_TITLE - 5)} copy`;
    return this.create({
      document: { ...record.document, title },
      fingerprint: record.fingerprint,
      checkpoints,
    });
  }

  /** Takes it out of the list; `undoRemove` brings it back while it is one of the last that were removed. @throws StorageError `locked` */
  remove(id: string): Promise<ExperimentRecord> {
    return this.#exclusively(id, 'remove', () => this.#setRemoved(id, this.#now()));
  }

  undoRemove(id: string): Promise<ExperimentRecord> {
    return this.#setRemoved(id, null);
  }

  async #setRemoved(id: string, removed: number | null): Promise<ExperimentRecord> {
    const record = await this.#transact('remove', async (tx) => {
      const previous = await tx.experiment(id);
      if (!previous) throw notFound(id);
      const order = (await tx.lastOrder()) + 1;
      const next = { ...previous, removed, order, revision: previous.revision + 1 };
      await tx.putExperiment(next);
      return next;
    });
    this.#tell(record);
    return record;
  }

  /** Earlier states, the last one first. */
  async history(id: string): Promise<HistoryRecord[]> {
    return (await this.#transact('history', (tx) => tx.history(id))).reverse();
  }

  /**
   * Puts an earlier state back; the present one joins the history.
   * @param bring the document at the present versions, for it may be older than the app
   */
  async restore(
    id: string,
    historyId: string,
    expected: number,
    bring: (stored: GraphDocument) => GraphDocument,
  ): Promise<ExperimentRecord> {
    const version = (await this.history(id)).find((each) => each.id === historyId);
    if (!version)
      throw new StorageError(
        'not-found',
        'restore: expected a kept version, got one that is gone. Choose another one.',
      );
    return this.write(id, expected, { document: bring(version.document) }, { keepPrevious: true });
  }

  /** Stores a table once and returns its hash. Pass the hash where the bytes were hashed already (after parsing). */
  async putTable(name: string, source: Blob | string, hash?: string): Promise<string> {
    const csv = typeof source === 'string' ? new Blob([source], { type: 'text/csv' }) : source;
    const key = hash ?? sha256Hex(new Uint8Array(await csv.arrayBuffer()));
    const added = this.#now();
    await this.#transact('store table', (tx) => tx.putTables([{ hash: key, name, csv, added }]));
    return key;
  }

  async getTable(hash: string): Promise<TableRecord | null> {
    return (await this.#transact('load table', (tx) => tx.table(hash))) ?? null;
  }

  /** Keeps the last checkpoint of each run. */
  async saveCheckpoints(id: string, checkpoints: readonly Checkpoint[]): Promise<void> {
    const saved = this.#now();
    await this.#transact('save runs', async (tx) => {
      present(await tx.experiment(id), id);
      await tx.putRuns(
        checkpoints.map((checkpoint) => ({
          experimentId: id,
          nodeId: checkpoint.nodeId,
          checkpoint,
          saved,
        })),
      );
    });
  }

  async loadCheckpoints(id: string): Promise<Checkpoint[]> {
    const records = await this.#transact('load runs', (tx) => tx.runs(id));
    return records.map((record) => record.checkpoint);
  }

  async deleteCheckpoints(id: string, nodeIds: readonly string[]): Promise<void> {
    await this.#transact('delete runs', (tx) =>
      tx.deleteRuns(nodeIds.map((nodeId) => [id, nodeId] as const)),
    );
  }

  /** One experiment, several, or (without ids) all, as the bytes of an `.adjoint` file. */
  async exportArchive(ids?: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const records = ids ? await Promise.all(ids.map((id) => this.load(id))) : await this.list();
    const experiments: ArchivedExperiment[] = [];
    const tables = new Map<string, { name: string; csv: Uint8Array }>();
    for (const record of records) {
      experiments.push({
        document: record.document,
        fingerprint: record.fingerprint,
        created: record.created,
        checkpoints: await this.loadCheckpoints(record.id),
      });
      for (const hash of record.tables) {
        const table = tables.has(hash) ? null : await this.getTable(hash);
        if (table)
          tables.set(hash, {
            name: table.name,
            csv: new Uint8Array(await table.csv.arrayBuffer()),
          });
      }
    }
    return encodeArchive({ experiments, tables });
  }

  /**
   * Adds the experiments of an `.adjoint` file or a document's JSON under new ids; nothing is overwritten.
   * @throws ArchiveError, DocumentError, StorageError
   */
  async importArchive(bytes: Uint8Array, registry: NodeRegistry): Promise<ExperimentRecord[]> {
    const { experiments, tables } = decodeArchive(bytes, registry);
    return this.add({
      experiments,
      tables: [...tables].map(([hash, { name, csv }]) => ({
        hash,
        name,
        csv: new Blob([csv.slice()], { type: 'text/csv' }),
      })),
    });
  }

  /** Adds what was decoded already, each experiment in a transaction of its own. @throws StorageError */
  async add(archive: ImportedArchive): Promise<ExperimentRecord[]> {
    const created: ExperimentRecord[] = [];
    for (const experiment of archive.experiments) {
      const named = new Set(storedTables(experiment.document));
      const tables = archive.tables.filter(({ hash }) => named.has(hash));
      created.push(await this.create({ ...experiment, tables }));
    }
    return created;
  }

  /**
   * Deletes all but the last removed experiments (or everything removed), runs of nodes that are gone, and tables that nothing
   * names any more. Runs and tables go when two collections, an hour or more after they were saved, find them so: the hour alone
   * would be no guard where the clock jumps.
   */
  async collect(options: { readonly allRemoved?: boolean } = {}): Promise<void> {
    const now = this.#now();
    const all = await this.#transact('collect', (tx) => tx.experiments());
    const removed = (await this.listRemoved()).slice(options.allRemoved ? 0 : REMOVED_LENGTH);
    const gone = new Set<string>();
    for (const { id, tables } of removed) {
      const history = await this.#transact('collect', (tx) => tx.history(id));
      for (const record of [{ tables }, ...history])
        for (const hash of record.tables) gone.add(hash);
      await this.#transact('collect', (tx) => tx.deleteExperiment(id));
    }
    const nodes = new Map(
      all.map(({ id, document }) => [id, new Set(document.nodes.map((node) => node.id))]),
    );
    await this.#transact('collect', async (tx) => {
      const before = asUnnamed(await tx.setting(UNNAMED));
      const oldRuns = await tx.oldRuns(now - GRACE);
      const runs = oldRuns.filter(([id, nodeId]) => nodes.get(id)?.has(nodeId) === false);
      await tx.deleteRuns(runs.filter((key) => before.has(key.join('/'))));
      const named = await tx.namedTables();
      const tables = (await tx.oldTables(now - GRACE)).filter((hash) => !named.has(hash));
      await tx.deleteTables(tables.filter((hash) => before.has(hash) || gone.has(hash)));
      await tx.putSetting(UNNAMED, [...runs.map((key) => key.join('/')), ...tables]);
    });
  }

  getSetting(key: string): Promise<unknown> {
    return this.#transact('read setting', (tx) => tx.setting(key));
  }

  async putSetting(key: string, value: unknown): Promise<void> {
    await this.#transact('write setting', (tx) => tx.putSetting(key, value));
  }

  /** Bytes used by this site and allowed to it; null where the browser does not say or nothing is kept. */
  async usage(): Promise<{ readonly used: number; readonly quota: number } | null> {
    if (!this.persistent) return null;
    try {
      const estimate = await globalThis.navigator?.storage?.estimate();
      return estimate?.quota ? { used: estimate.usage ?? 0, quota: estimate.quota } : null;
    } catch {
      return null;
    }
  }

  /** Calls back after every change, here or in another tab. Returns what ends it. */
  subscribe(listener: (change: LibraryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#channel?.removeEventListener('message', this.#heard);
    this.#channel?.close();
    this.#store.close();
  }

  #tell(record: ExperimentRecord): void {
    const { id, revision } = record;
    this.#channel?.postMessage({ id, revision });
    for (const listener of this.#listeners) listener({ id, revision, elsewhere: false });
  }

  readonly #heard = (event: Event): void => {
    const data: unknown = event instanceof MessageEvent ? event.data : null;
    if (typeof data !== 'object' || data === null || !('id' in data) || !('revision' in data))
      return;
    const { id, revision } = data;
    if (typeof id !== 'string' || typeof revision !== 'number') return;
    for (const listener of this.#listeners) listener({ id, revision, elsewhere: true });
  };

  async #transact<T>(doing: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#store.transact(work);
    } catch (error) {
      throw toStorageError(error, doing);
    }
  }

  async #exclusively<T>(id: string, doing: string, work: () => Promise<T>): Promise<T> {
    if (!this.#locks) return work();
    const lock = await tryLock(this.#locks, lockName(id));
    if (!lock)
      throw new StorageError(
        'locked',
        `${doing}: expected an experiment that nobody edits, got one that is open in another tab. Do it there, or close that tab.`,
      );
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

function present(record: ExperimentRecord | undefined, id: string): ExperimentRecord {
  if (!record || record.removed !== null) throw notFound(id);
  return record;
}

function notFound(id: string): StorageError {
  return new StorageError(
    'not-found',
    `experiment: expected one of this browser's library, got ‘${id.slice(0, 40)}’. It may have been removed, or belongs to another browser.`,
  );
}

function conflict(previous: ExperimentRecord, expected: number): StorageError {
  return new StorageError(
    'conflict',
    `save: expected revision ${expected} of “${previous.title}”, got ${previous.revision} from another tab. Save yours as a copy, or reload to see the other.`,
  );
}

/** The next revision, or the same record when nothing is different. */
function changed(
  previous: ExperimentRecord,
  change: { readonly document?: GraphDocument; readonly fingerprint?: Fingerprint | null },
  now: number,
  order: number,
): ExperimentRecord {
  const same =
    !change.document || canonicalJson(change.document) === canonicalJson(previous.document);
  const document = same ? previous.document : change.document;
  const fingerprint = change.fingerprint === undefined ? previous.fingerprint : change.fingerprint;
  if (same && JSON.stringify(fingerprint) === JSON.stringify(previous.fingerprint)) return previous;
  return {
    ...previous,
    title: document.title,
    document,
    fingerprint,
    updated: now,
    order,
    revision: previous.revision + 1,
    tables: storedTables(document),
  };
}

function asUnnamed(setting: unknown): ReadonlySet<unknown> {
  return new Set(Array.isArray(setting) ? setting : []);
}

function asHistory(record: ExperimentRecord): HistoryRecord {
  const { id, document, tables, updated, revision } = record;
  return { id: newId(), experimentId: id, revision, at: updated, document, tables };
}
