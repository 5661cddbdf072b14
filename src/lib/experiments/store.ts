import type { StorageError } from './errors.ts';
import type { ExperimentRecord, HistoryRecord, RunRecord, TableRecord } from './records.ts';

/** Where the library keeps its records: the browser's database, or memory where there is none. */
export interface Store {
  /** Outlives the page. */
  readonly persistent: boolean;
  /** Resolves when a newer version of the app, in another tab, has taken the records over; every call is refused from then on. */
  readonly superseded: Promise<StorageError>;
  /**
   * Reads and writes as one: all of them happen, or none. Transactions run one after another. Inside, await `tx` alone, a
   * fixed number of times and in the callback itself: a database ends a transaction that seems to wait for something else,
   * and helpers that await only now and then, or loops of awaits, seem so.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): void;
}

export interface Transaction {
  /** Removed ones too. */
  experiments(): Promise<ExperimentRecord[]>;
  /** The greatest `order` of all experiments; 0 where there is none. */
  lastOrder(): Promise<number>;
  experiment(id: string): Promise<ExperimentRecord | undefined>;
  putExperiment(record: ExperimentRecord): Promise<void>;
  /** With its history and runs. */
  deleteExperiment(id: string): Promise<void>;

  /** By revision, the first one first. */
  history(experimentId: string): Promise<HistoryRecord[]>;
  /** Their ids, in the same order. */
  historyIds(experimentId: string): Promise<string[]>;
  newestHistory(experimentId: string): Promise<HistoryRecord | undefined>;
  putHistory(record: HistoryRecord): Promise<void>;
  deleteHistory(ids: readonly string[]): Promise<void>;

  runs(experimentId: string): Promise<RunRecord[]>;
  putRuns(records: readonly RunRecord[]): Promise<void>;
  deleteRuns(runs: readonly RunKey[]): Promise<void>;
  /** Runs that were saved before `time`. */
  oldRuns(time: number): Promise<RunKey[]>;

  table(hash: string): Promise<TableRecord | undefined>;
  putTables(records: readonly TableRecord[]): Promise<void>;
  deleteTables(hashes: readonly string[]): Promise<void>;
  /** Hashes of the tables that were added before `time`. */
  oldTables(time: number): Promise<string[]>;
  /** Hashes that an experiment or its history names. */
  namedTables(): Promise<ReadonlySet<string>>;

  setting(key: string): Promise<unknown>;
  putSetting(key: string, value: unknown): Promise<void>;
}

export type RunKey = readonly [experimentId: string, nodeId: string];
