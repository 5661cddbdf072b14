import type { ExperimentRecord, HistoryRecord, RunRecord, TableRecord } from './records.ts';

/** Where the library keeps its records: the browser's database, or memory where there is none. */
export interface Store {
  /** Outlives the page. */
  readonly persistent: boolean;
  /**
   * Reads and writes as one: all of them happen, or none. Transactions run one after another. Inside, only `tx` may be
   * awaited (a database ends a transaction that waits for something else).
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): void;
}

export interface Transaction {
  /** Removed ones too. */
  experiments(): Promise<ExperimentRecord[]>;
  experiment(id: string): Promise<ExperimentRecord | undefined>;
  putExperiment(record: ExperimentRecord): Promise<void>;
  deleteExperiment(id: string): Promise<void>;

  /** Oldest first. */
  history(experimentId: string): Promise<HistoryRecord[]>;
  putHistory(record: HistoryRecord): Promise<void>;
  deleteHistory(ids: readonly string[]): Promise<void>;

  runs(experimentId: string): Promise<RunRecord[]>;
  putRuns(records: readonly RunRecord[]): Promise<void>;
  deleteRuns(experimentId: string, nodeIds: readonly string[]): Promise<void>;

  table(hash: string): Promise<TableRecord | undefined>;
  putTable(record: TableRecord): Promise<void>;
  deleteTables(hashes: readonly string[]): Promise<void>;
  /** Hashes of the tables that were added before `time` and that no experiment or history names. */
  unusedTables(time: number): Promise<string[]>;

  setting(key: string): Promise<unknown>;
  putSetting(key: string, value: unknown): Promise<void>;
}
