/**
 * The page's side of the engine. The page imports this file and `create-worker.ts`; the nodes and the devices load in the worker
 * only.
 */
import type { DeviceChoice } from '../runtime/device/device.ts';
import type { GraphDocument } from '../runtime/graph/document.ts';
import type { NodeTable } from '../runtime/graph/node-table.ts';
import type { Checkpoint, FromWorker, OffMark, RunCommand } from '../runtime/run/protocol.ts';
import { Exports } from './exports.ts';
import { Interruptions } from './interruptions.ts';
import type { HashOf } from './interruptions.ts';
import type { MarkStore } from './off-marks.ts';
import { Parses } from './parses.ts';
import type { ParsedTable, ParseOptions } from './parses.ts';
import { Supervisor } from './supervisor.ts';
import type { Silence, WorkerLike } from './supervisor.ts';
import { TIMING } from './timing.ts';
import type { Timing } from './timing.ts';

export type { Silence, WorkerLike } from './supervisor.ts';
export type { ParseOptions } from './parses.ts';

export interface EngineClientOptions {
  readonly createWorker: () => WorkerLike;
  /** The bytes of a stored table by SHA-256, or null when the library does not have it. */
  readonly provideTable: (hash: string) => Promise<Blob | string | null>;
  /** Content hash of a node in a document: tells whether a change makes the work under way stale. */
  readonly hashOf?: HashOf;
  /** Keeps off-marks over reloads. */
  readonly marks?: MarkStore;
  /** Worker crashes in a row, without progress in between, after which it stays down. @default 3 */
  readonly maxCrashes?: number;
  readonly timing?: Partial<Timing>;
}

export interface EngineClient {
  /** Replaces the graph; only what changed is evaluated again. Returns the revision that reports will carry. */
  setDocument(document: GraphDocument): number;
  /** Without `nodeIds`: every run. `stop`, `rewind` and `pause` do not wait for long work to end. */
  command(command: RunCommand, nodeIds?: readonly string[]): void;
  /** Begins every run but those that are off: what a link asks for, where `run` is what a person asks for and lifts marks. */
  runUnasked(): void;
  /** A live parameter, without sending the document. */
  setLive(nodeId: string, param: string, value: number): void;
  setDevice(choice: DeviceChoice): void;
  /** The documents to come are a stranger's: nothing heavy of them begins before `allow`. */
  distrust(): void;
  /** Evaluates what is held for its cost: these nodes, or all of them, and trusts the document from then on. */
  allow(nodeIds?: readonly string[]): void;
  restore(checkpoints: readonly Checkpoint[]): void;
  /** Stops what a node, or without one the worker, is computing, and turns it off. */
  stopWork(nodeId?: string): void;
  /** Asks about silent work again only after as long again. */
  keepWaiting(): void;
  /** Lifts a mark: the work may begin again, whatever it is estimated to take. */
  startAgain(mark: Pick<OffMark, 'kind' | 'key'>): void;
  /** Parses CSV in the worker. Rejects with the message for the person, or the signal's reason. */
  parseTable(name: string, source: Blob | string, options?: ParseOptions): Promise<ParsedTable>;
  /** All rows of what a node shows; null where its picture holds them, or the worker went meanwhile. */
  exportTable(nodeId: string): Promise<NodeTable | null>;
  /** @returns unsubscribe */
  onMessage(listener: (message: FromWorker) => void): () => void;
  /** Told once a second while the worker is silent inside work, and null when it is heard again. @returns unsubscribe */
  onSilence(listener: (silence: Silence | null) => void): () => void;
  dispose(): void;
}

export function createEngineClient(options: EngineClientOptions): EngineClient {
  const timing = { ...TIMING, ...options.timing };
  const listeners = new Set<(message: FromWorker) => void>();
  const silenceListeners = new Set<(silence: Silence | null) => void>();
  const parses = new Parses((message) => supervisor.post(message));
  const exports = new Exports((message) => supervisor.post(message));
  const supervisor = new Supervisor({
    createWorker: options.createWorker,
    provideTable: options.provideTable,
    marks: options.marks,
    maxCrashes: options.maxCrashes ?? 3,
    timing,
    parses,
    emit: (message) => {
      exports.receive(message);
      for (const listener of listeners) listener(message);
    },
    onSilence: (silence) => {
      for (const listener of silenceListeners) listener(silence);
    },
  });
  const interruptions = new Interruptions(supervisor, timing, options.hashOf);
  supervisor.start();
  if (supervisor.marks.all.length > 0) supervisor.postMarks();

  return {
    setDocument(document) {
      const { revision, id } = supervisor.setDocument(document);
      interruptions.afterDocument(id);
      return revision;
    },
    command(command, nodeIds) {
      if (command === 'run' || command === 'step' || command === 'rewind') {
        const lifted = supervisor.marks.lift(
          ({ kind, nodeId }) =>
            kind === 'chunk' && (!nodeIds || nodeId === undefined || nodeIds.includes(nodeId)),
        );
        if (lifted) supervisor.postMarks();
        supervisor.retry();
      }
      const message = { type: 'command', command, ...(nodeIds ? { nodeIds } : {}) } as const;
      interruptions.afterCommand(supervisor.postSurely(message), command, nodeIds);
    },
    runUnasked() {
      supervisor.postSurely({ type: 'command', command: 'run', unasked: true });
    },
    setLive: (nodeId, param, value) => supervisor.post({ type: 'live', nodeId, param, value }),
    setDevice: (choice) => supervisor.post({ type: 'device', choice }),
    distrust() {
      supervisor.distrusted = true;
    },
    allow(nodeIds) {
      supervisor.allow(supervisor.ledger.heldKeys(nodeIds), !nodeIds);
    },
    restore: (checkpoints) => supervisor.restore(checkpoints),
    stopWork: (nodeId) => interruptions.stopWork(nodeId),
    keepWaiting: () => supervisor.keepWaiting(),
    startAgain({ kind, key }) {
      supervisor.retry();
      if (kind === 'evaluation') supervisor.allow([key], false);
      if (supervisor.marks.lift((mark) => mark.kind === kind && mark.key === key))
        supervisor.postMarks();
    },
    parseTable(name, source, parseOptions = {}) {
      if (!supervisor.isUp)
        return Promise.reject(new Error('The worker is down. Reload the page.'));
      return parses.begin(name, source, parseOptions);
    },
    exportTable: (nodeId) =>
      supervisor.isUp ? exports.ask(nodeId) : Promise.resolve<NodeTable | null>(null),
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onSilence(listener) {
      silenceListeners.add(listener);
      return () => silenceListeners.delete(listener);
    },
    dispose() {
      listeners.clear();
      silenceListeners.clear();
      exports.abandon();
      supervisor.dispose();
    },
  };
}
