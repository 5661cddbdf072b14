/**
 * The page's side of the engine: messages to the worker, and a new worker when it dies. The page imports this file and
 * `create-worker.ts`; the nodes and the devices load in the worker only.
 */
import type { DeviceChoice } from '../runtime/device/device.ts';
import type { GraphDocument } from '../runtime/graph/document.ts';
import type {
  Checkpoint,
  FromWorker,
  RunCommand,
  RunReport,
  TableSummary,
  ToWorker,
} from '../runtime/run/protocol.ts';

/** The part of `Worker` that is used, so that tests can stand in for it. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
}

export interface EngineClientOptions {
  readonly createWorker: () => WorkerLike;
  /** The bytes of a stored table by SHA-256, or null when the library does not have it. */
  readonly provideTable: (hash: string) => Promise<Blob | string | null>;
  /** Worker crashes in a row, without a message in between, after which it stays down. @default 3 */
  readonly maxCrashes?: number;
}

export interface ParseOptions {
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface EngineClient {
  /** Replaces the graph; only what changed is evaluated again. Returns the revision that reports will carry. */
  setDocument(document: GraphDocument): number;
  /** Without `nodeIds`: every run. */
  command(command: RunCommand, nodeIds?: readonly string[]): void;
  /** A live parameter, without sending the document. */
  setLive(nodeId: string, param: string, value: number): void;
  setDevice(choice: DeviceChoice): void;
  restore(checkpoints: readonly Checkpoint[]): void;
  /** Parses CSV in the worker. Rejects with the message for the person, or the signal's reason. */
  parseTable(
    name: string,
    source: Blob | string,
    options?: ParseOptions,
  ): Promise<{ readonly hash: string; readonly summary: TableSummary }>;
  /** @returns unsubscribe */
  onMessage(listener: (message: FromWorker) => void): () => void;
  dispose(): void;
}

interface PendingParse {
  readonly onProgress: ((fraction: number) => void) | undefined;
  readonly resolve: (value: { readonly hash: string; readonly summary: TableSummary }) => void;
  readonly reject: (reason: unknown) => void;
}

export function createEngineClient(options: EngineClientOptions): EngineClient {
  const maxCrashes = options.maxCrashes ?? 3;
  const listeners = new Set<(message: FromWorker) => void>();
  const parses = new Map<number, PendingParse>();
  const checkpoints = new Map<string, Checkpoint>();
  /** The latest report of each run, to say what a crash lost and what must go on. */
  const reached = new Map<string, RunReport>();
  let document: GraphDocument | null = null;
  let revision = 0;
  let parseIds = 0;
  let crashes = 0;
  let disposed = false;
  let worker: WorkerLike | null = null;

  const emit = (message: FromWorker) => {
    for (const listener of listeners) listener(message);
  };
  const post = (message: ToWorker) => worker?.postMessage(message);
  const log = (level: 'info' | 'warning' | 'error', message: string) =>
    emit({ type: 'log', level, message });

  const receive = (message: FromWorker) => {
    if (message.type !== 'ready') crashes = 0;
    switch (message.type) {
      case 'checkpoint':
        checkpoints.set(message.checkpoint.nodeId, message.checkpoint);
        break;
      case 'runs':
        reached.clear();
        for (const report of message.reports) reached.set(report.nodeId, report);
        break;
      case 'need-table':
        void provide(message.hash);
        return;
      case 'parse-progress':
        parses.get(message.id)?.onProgress?.(message.fraction);
        return;
      case 'parsed': {
        const { id, hash, summary } = message;
        parses.get(id)?.resolve({ hash, summary });
        parses.delete(id);
        return;
      }
      case 'parse-failed':
        parses.get(message.id)?.reject(new Error(message.message));
        parses.delete(message.id);
        return;
    }
    emit(message);
  };

  const provide = async (hash: string) => {
    const to = worker;
    let csv: Blob | string | null = null;
    try {
      csv = await options.provideTable(hash);
    } catch (error) {
      log('error', `table ${hash.slice(0, 12)}…: ${errorText(error)}`);
    }
    if (worker === to) post({ type: 'table', hash, csv });
  };

  const start = () => {
    const started = options.createWorker();
    worker = started;
    started.addEventListener('message', (event) => {
      if (worker === started) receive(event.data as FromWorker);
    });
    const crashed = (event: Event) => {
      if (worker !== started || disposed) return;
      event.preventDefault?.();
      recover('message' in event ? String(event.message) : 'it stopped without a message');
    };
    started.addEventListener('error', crashed);
    started.addEventListener('messageerror', crashed);
  };

  /** A new worker with the same graph, going on from the last checkpoints. */
  const recover = (reason: string) => {
    worker?.terminate();
    worker = null;
    crashes += 1;
    for (const { reject } of parses.values())
      reject(new Error(`The worker stopped while it parsed (${reason}). Try again.`));
    parses.clear();
    const resumed = [...reached.values()].map(({ nodeId, label, step }) => {
      const from = checkpoints.get(nodeId)?.stepsDone ?? 0;
      return `${label} goes on from step ${from}${step > from ? ` (it was at ${step})` : ''}`;
    });
    if (crashes > maxCrashes) {
      log(
        'error',
        `The worker stopped ${crashes} times in a row (${reason}). Nothing runs until the page is reloaded; the graph is not affected.`,
      );
      return;
    }
    log(
      'warning',
      `The worker stopped (${reason}) and was started again. ${resumed.join('; ') || 'No run was under way'}.`,
    );
    start();
    if (checkpoints.size > 0) post({ type: 'restore', checkpoints: [...checkpoints.values()] });
    if (document) post({ type: 'document', document, revision });
    const running = [...reached.values()].filter(({ status }) => status === 'running');
    if (running.length > 0)
      post({ type: 'command', command: 'run', nodeIds: running.map(({ nodeId }) => nodeId) });
  };

  start();

  return {
    setDocument(next) {
      document = next;
      revision += 1;
      const ids = new Set(next.nodes.map((node) => node.id));
      for (const id of checkpoints.keys()) if (!ids.has(id)) checkpoints.delete(id);
      post({ type: 'document', document: next, revision });
      return revision;
    },
    command: (command, nodeIds) =>
      post({ type: 'command', command, ...(nodeIds ? { nodeIds } : {}) }),
    setLive(nodeId, param, value) {
      post({ type: 'live', nodeId, param, value });
    },
    setDevice: (choice) => post({ type: 'device', choice }),
    restore(list) {
      for (const checkpoint of list) checkpoints.set(checkpoint.nodeId, checkpoint);
      post({ type: 'restore', checkpoints: list });
    },
    parseTable(name, source, { onProgress, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        if (!worker) {
          reject(new Error('The worker is down. Reload the page.'));
          return;
        }
        const id = ++parseIds;
        parses.set(id, { onProgress, resolve, reject });
        signal?.addEventListener('abort', () => {
          if (!parses.delete(id)) return;
          post({ type: 'cancel-parse', id });
          reject(signal.reason);
        });
        post({ type: 'parse', id, name, source });
      });
    },
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      disposed = true;
      worker?.terminate();
      worker = null;
      listeners.clear();
      for (const { reject } of parses.values()) reject(new Error('The page was closed.'));
      parses.clear();
    },
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
