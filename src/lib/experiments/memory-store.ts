import type { ExperimentRecord, HistoryRecord, RunRecord, TableRecord } from './records.ts';
import type { Store, Transaction } from './store.ts';

interface Contents {
  readonly experiments: Map<string, ExperimentRecord>;
  readonly history: Map<string, HistoryRecord>;
  /** By experiment, then node. */
  readonly runs: Map<string, Map<string, RunRecord>>;
  readonly tables: Map<string, TableRecord>;
  readonly settings: Map<string, unknown>;
}

/** Keeps everything for as long as the page lives: the stand-in where the browser stores nothing. */
export class MemoryStore implements Store {
  readonly persistent = false;
  readonly superseded = new Promise<never>(() => undefined);
  #contents: Contents = {
    experiments: new Map(),
    history: new Map(),
    runs: new Map(),
    tables: new Map(),
    settings: new Map(),
  };
  #last: Promise<unknown> = Promise.resolve();

  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      // Records are never changed in place, so copies of the maps are enough to take everything back.
      const draft = copy(this.#contents);
      const value = await work(transactionOn(draft));
      this.#contents = draft;
      return value;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  close(): void {}
}

function copy(contents: Contents): Contents {
  return {
    experiments: new Map(contents.experiments),
    history: new Map(contents.history),
    runs: new Map([...contents.runs].map(([id, runs]) => [id, new Map(runs)])),
    tables: new Map(contents.tables),
    settings: new Map(contents.settings),
  };
}

function transactionOn({ experiments, history, runs, tables, settings }: Contents): Transaction {
  const ofExperiment = (id: string) =>
    [...history.values()]
      .filter((record) => record.experimentId === id)
      .sort((a, b) => a.revision - b.revision);
  return {
    async experiments() {
      return [...experiments.values()];
    },
    async lastOrder() {
      return Math.max(0, ...[...experiments.values()].map((record) => record.order));
    },
    async experiment(id) {
      return experiments.get(id);
    },
    async putExperiment(record) {
      experiments.set(record.id, structuredClone(record));
    },
    async deleteExperiment(id) {
      experiments.delete(id);
      runs.delete(id);
      for (const record of ofExperiment(id)) history.delete(record.id);
    },

    async history(experimentId) {
      return ofExperiment(experimentId);
    },
    async historyIds(experimentId) {
      return ofExperiment(experimentId).map(({ id }) => id);
    },
    async newestHistory(experimentId) {
      return ofExperiment(experimentId).at(-1);
    },
    async putHistory(record) {
      history.set(record.id, structuredClone(record));
    },
    async deleteHistory(ids) {
      for (const id of ids) history.delete(id);
    },

    async runs(experimentId) {
      return [...(runs.get(experimentId)?.values() ?? [])];
    },
    async putRuns(records) {
      for (const record of records) {
        const ofExperiment = runs.get(record.experimentId) ?? new Map<string, RunRecord>();
        ofExperiment.set(record.nodeId, structuredClone(record));
        runs.set(record.experimentId, ofExperiment);
      }
    },
    async deleteRuns(keys) {
      for (const [experimentId, nodeId] of keys) runs.get(experimentId)?.delete(nodeId);
    },
    async oldRuns(time) {
      return [...runs.values()]
        .flatMap((byNode) => [...byNode.values()])
        .filter((run) => run.saved < time)
        .map((run) => [run.experimentId, run.nodeId] as const);
    },

    async table(hash) {
      return tables.get(hash);
    },
    async putTables(records) {
      for (const record of records) tables.set(record.hash, record);
    },
    async deleteTables(hashes) {
      for (const hash of hashes) tables.delete(hash);
    },
    async oldTables(time) {
      return [...tables.values()].filter((table) => table.added < time).map((table) => table.hash);
    },
    async namedTables() {
      return new Set(
        [...experiments.values(), ...history.values()].flatMap((record) => record.tables),
      );
    },

    async setting(key) {
      return settings.get(key);
    },
    async putSetting(key, value) {
      settings.set(key, structuredClone(value));
    },
  };
}
