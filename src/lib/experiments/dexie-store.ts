import { Dexie, type DexieOptions, type EntityTable, type Table } from 'dexie';
import type { Transaction as DexieTransaction } from 'dexie';
import { StorageError, superseded, toStorageError, unavailable } from './errors.ts';
import type { ExperimentRecord, HistoryRecord, RunRecord, TableRecord } from './records.ts';
import type { Store, Transaction } from './store.ts';

export const DATABASE_NAME = 'adjoint';

/** Dexie multiplies versions by it. */
const NATIVE_FACTOR = 10;

/** Milliseconds after which a database that does not answer counts as unavailable. */
const OPEN_TIMEOUT = 8_000;

/**
 * Version of the database. Raise it whenever an older version of the app would misread what this one writes, even where no index
 * changes: tabs with the older one then stop saving.
 */
const VERSION = 2;

/** The database. A new version adds a `version(n).stores().upgrade()` below the others and changes none of them. */
class AdjointDatabase extends Dexie {
  declare readonly experiments: EntityTable<ExperimentRecord, 'id'>;
  declare readonly history: EntityTable<HistoryRecord, 'id'>;
  declare readonly runs: Table<RunRecord, [string, string]>;
  declare readonly csv: EntityTable<TableRecord, 'hash'>;
  declare readonly settings: EntityTable<{ key: string; value: unknown }, 'key'>;

  constructor(name: string, options: DexieOptions) {
    super(name, options);
    this.version(1).stores({
      experiments: 'id, *tables',
      history: 'id, [experimentId+at+id], *tables',
      runs: '[experimentId+nodeId], experimentId, saved',
      csv: 'hash, added',
      settings: 'key',
    });
    this.version(VERSION)
      .stores({
        experiments: 'id, *tables, order',
        history: 'id, [experimentId+revision+id], *tables',
      })
      .upgrade(countWrites);
  }
}

/** Gives the records of version 1 the counters that their times stood for. */
async function countWrites(tx: DexieTransaction): Promise<void> {
  type Old<T> = Omit<T, 'order' | 'revision'>;
  const experiments: Old<ExperimentRecord>[] = await tx.table('experiments').toArray();
  experiments.sort((a, b) => a.updated - b.updated);
  await tx.table('experiments').bulkPut(experiments.map((each, i) => ({ ...each, order: i + 1 })));
  const history: Old<HistoryRecord>[] = await tx.table('history').toArray();
  history.sort((a, b) => a.at - b.at);
  // Below the revision of the experiment as it is, which is at least 1, whatever their number.
  const first = 1 - history.length;
  await tx.table('history').bulkPut(history.map((each, i) => ({ ...each, revision: first + i })));
}

/** The library in IndexedDB. */
export class DexieStore implements Store {
  readonly persistent = true;
  readonly superseded: Promise<StorageError>;
  readonly #database: AdjointDatabase;
  #refusal: StorageError | null = null;

  private constructor(database: AdjointDatabase) {
    this.#database = database;
    this.superseded = new Promise((resolve) => {
      database.on('versionchange', ({ newVersion }) => {
        // Dexie gives way by closing, and would open again with the next transaction, below the newer version.
        database.close({ disableAutoOpen: true });
        if (!newVersion) return;
        this.#refusal = superseded('library');
        resolve(this.#refusal);
      });
    });
  }

  /** @throws StorageError `unavailable`, `blocked` or `superseded` */
  static async open(
    options: { name?: string; dexie?: DexieOptions; timeout?: number } = {},
  ): Promise<DexieStore> {
    const database = new AdjointDatabase(options.name ?? DATABASE_NAME, options.dexie ?? {});
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refused = new Promise<never>((_, reject) => {
      database.on('blocked', () =>
        reject(
          new StorageError(
            'blocked',
            'library: expected to be the only version of Adjoint, got another tab with an older one. Close the other tabs, then reload this one.',
          ),
        ),
      );
      timer = setTimeout(
        () =>
          reject(
            new StorageError(
              'unavailable',
              'library: expected the browser to open its storage, got no answer. Reload the page; export your work to keep it.',
            ),
          ),
        options.timeout ?? OPEN_TIMEOUT,
      );
    });
    try {
      await Promise.race([database.open(), refused]);
    } catch (error) {
      database.close();
      const known = toStorageError(error, 'library');
      throw known.kind === 'unknown' || known.kind === 'closed'
        ? unavailable('library', error)
        : known;
    } finally {
      clearTimeout(timer);
    }
    // Dexie opens a newer database all the same.
    if (database.backendDB().version > VERSION * NATIVE_FACTOR) {
      database.close();
      throw superseded('library');
    }
    return new DexieStore(database);
  }

  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#refusal) return Promise.reject(this.#refusal);
    const database = this.#database;
    const run = database.transaction('rw', database.tables, () => work(transactionOn(database)));
    return Promise.resolve(run);
  }

  close(): void {
    this.#database.close();
  }
}

function transactionOn(database: AdjointDatabase): Transaction {
  const { experiments, history, runs, csv, settings } = database;
  const ofExperiment = (id: string) =>
    history
      .where('[experimentId+revision+id]')
      .between([id, Dexie.minKey, Dexie.minKey], [id, Dexie.maxKey, Dexie.maxKey]);
  // Dexie's own promises are returned as they are: it counts the turns of native ones to keep a transaction alive.
  return {
    experiments: () => experiments.toArray(),
    lastOrder: () =>
      experiments
        .orderBy('order')
        .last()
        .then((record) => record?.order ?? 0),
    experiment: (id) => experiments.get(id),
    putExperiment: (record) => experiments.put(record).then(nothing),
    deleteExperiment: (id) =>
      experiments
        .delete(id)
        .then(() => ofExperiment(id).delete())
        .then(() => runs.where({ experimentId: id }).delete())
        .then(nothing),

    history: (experimentId) => ofExperiment(experimentId).toArray(),
    historyIds: (experimentId) => ofExperiment(experimentId).primaryKeys(),
    newestHistory: (experimentId) => ofExperiment(experimentId).last(),
    putHistory: (record) => history.put(record).then(nothing),
    deleteHistory: (ids) => history.bulkDelete([...ids]),

    runs: (experimentId) => runs.where({ experimentId }).toArray(),
    putRuns: (records) => runs.bulkPut(records).then(nothing),
    deleteRuns: (keys) => runs.bulkDelete(keys.map(([id, nodeId]) => [id, nodeId])),
    oldRuns: (time) => runs.where('saved').below(time).primaryKeys(),

    table: (hash) => csv.get(hash),
    putTables: (records) => csv.bulkPut(records).then(nothing),
    deleteTables: (hashes) => csv.bulkDelete([...hashes]),
    oldTables: (time) => csv.where('added').below(time).primaryKeys(),
    namedTables: () =>
      experiments
        .orderBy('tables')
        .uniqueKeys()
        .then((present) =>
          history
            .orderBy('tables')
            .uniqueKeys()
            .then((past) => new Set([...present, ...past].map(String))),
        ),

    setting: (key) => settings.get(key).then((entry) => entry?.value),
    putSetting: (key, value) => settings.put({ key, value }).then(nothing),
  };
}

function nothing(): void {}
