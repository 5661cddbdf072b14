import { Dexie, type DexieOptions, type EntityTable, type Table } from 'dexie';
import { StorageError, toStorageError } from './errors.ts';
import type { ExperimentRecord, HistoryRecord, RunRecord, TableRecord } from './records.ts';
import type { Store, Transaction } from './store.ts';

export const DATABASE_NAME = 'adjoint';

/** Milliseconds after which a database that does not answer counts as unavailable. */
const OPEN_TIMEOUT = 8_000;

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
      history: 'id, [experimentId+at], *tables',
      runs: '[experimentId+nodeId], experimentId',
      csv: 'hash, added',
      settings: 'key',
    });
  }
}

/** The library in IndexedDB. */
export class DexieStore implements Store {
  readonly persistent = true;
  readonly #database: AdjointDatabase;

  private constructor(database: AdjointDatabase) {
    this.#database = database;
  }

  /** @throws StorageError `unavailable` or `blocked` */
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
        ? new StorageError(
            'unavailable',
            'library: expected storage in this browser, got none (a private window, or storage is switched off or damaged). Export your work to keep it.',
            { cause: error },
          )
        : known;
    } finally {
      clearTimeout(timer);
    }
    return new DexieStore(database);
  }

  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
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
  return {
    experiments: () => experiments.toArray(),
    experiment: (id) => experiments.get(id),
    async putExperiment(record) {
      await experiments.put(record);
    },
    deleteExperiment: (id) => experiments.delete(id),

    history: (experimentId) =>
      history
        .where('[experimentId+at]')
        .between([experimentId, Dexie.minKey], [experimentId, Dexie.maxKey])
        .toArray(),
    async putHistory(record) {
      await history.put(record);
    },
    deleteHistory: (ids) => history.bulkDelete([...ids]),

    runs: (experimentId) => runs.where({ experimentId }).toArray(),
    async putRuns(records) {
      await runs.bulkPut(records);
    },
    deleteRuns: (experimentId, nodeIds) =>
      runs.bulkDelete(nodeIds.map((nodeId) => [experimentId, nodeId])),

    table: (hash) => csv.get(hash),
    async putTable(record) {
      await csv.put(record);
    },
    deleteTables: (hashes) => csv.bulkDelete([...hashes]),
    async unusedTables(time) {
      // Keys alone: the tables themselves may be large.
      const old = await csv.where('added').below(time).primaryKeys();
      const unused: string[] = [];
      for (const hash of old) {
        const users =
          (await experiments.where('tables').equals(hash).count()) +
          (await history.where('tables').equals(hash).count());
        if (users === 0) unused.push(hash);
      }
      return unused;
    },

    async setting(key) {
      return (await settings.get(key))?.value;
    },
    async putSetting(key, value) {
      await settings.put({ key, value });
    },
  };
}
