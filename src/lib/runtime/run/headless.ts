/** Runs a graph document to its end in this process, with the engine that the page uses. */
import type { DeviceChoice } from '../device/device.ts';
import type { Fingerprint, GraphDocument } from '../graph/document.ts';
import type { NodeTable } from '../graph/node-table.ts';
import type { NodeRegistry } from '../graph/node-definition.ts';
import type { ScalarValue } from '../graph/ports.ts';
import type { CheckView } from '../graph/view-data.ts';
import type { DeviceManager } from './devices.ts';
import { Engine } from './engine.ts';
import type { DeviceReport, FromWorker, NodeReport, RunReport } from './protocol.ts';
import type { RunValue } from './run-value.ts';
import type { TableSource } from './tables.ts';

export interface HeadlessOptions {
  readonly registry: NodeRegistry;
  readonly devices: DeviceManager;
  /** @default the document's */
  readonly device?: DeviceChoice;
  /** @default the document's */
  readonly seed?: number;
  readonly tables: TableSource;
  /** Also gather all numbers that the nodes show. @default false */
  readonly numbers?: boolean;
  /** Evaluates what the page would hold and ask about; otherwise it stays `held`. @default false */
  readonly allowHeavy?: boolean;
  readonly onProgress?: (runs: readonly RunReport[]) => void;
  readonly onLog?: (level: 'info' | 'warning' | 'error', message: string) => void;
  readonly signal?: AbortSignal;
}

export interface HeadlessResult {
  readonly document: GraphDocument;
  readonly reports: readonly RunReport[];
  readonly runs: readonly RunValue[];
  /** By `nodeId.port`. */
  readonly scalars: Readonly<Record<string, ScalarValue>>;
  readonly checks: Readonly<Record<string, CheckView>>;
  readonly nodes: readonly NodeReport[];
  /** All numbers that each node shows, by node id, where they were asked for. */
  readonly numbers: Readonly<Record<string, NodeTable>>;
  readonly fingerprint: Fingerprint | null;
  readonly device: DeviceReport | null;
}

/** Resolves when every run has ended and every node that can be evaluated was. Rejects with the signal's reason. */
export async function runHeadless(
  document: GraphDocument,
  options: HeadlessOptions,
): Promise<HeadlessResult> {
  const seeded: GraphDocument = {
    ...document,
    seed: options.seed ?? document.seed,
    device: options.device ?? document.device,
  };
  const { signal } = options;
  signal?.throwIfAborted();
  let device: DeviceReport | null = null;
  let engine: Engine | null = null;
  try {
    return await new Promise<HeadlessResult>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      const send = (message: FromWorker) => {
        if (message.type === 'runs') options.onProgress?.(message.reports);
        else if (message.type === 'device') device = message.report;
        else if (message.type === 'log') options.onLog?.(message.level, message.message);
        else if (message.type === 'settled' && engine)
          resolve(collect(engine, seeded, message.fingerprint, device, options.numbers === true));
      };
      engine = new Engine({
        registry: options.registry,
        devices: options.devices,
        tables: options.tables,
        allowAll: options.allowHeavy ?? false,
        send,
      });
      engine.receive({ type: 'document', document: seeded, revision: 1 });
      engine.receive({ type: 'command', command: 'run' });
    });
  } finally {
    (engine as Engine | null)?.dispose();
  }
}

function collect(
  engine: Engine,
  document: GraphDocument,
  fingerprint: Fingerprint | null,
  device: DeviceReport | null,
  wanted: boolean,
): HeadlessResult {
  const nodes = engine.nodeStates();
  const checks: Record<string, CheckView> = {};
  for (const { nodeId, view } of nodes) if (view?.kind === 'check') checks[nodeId] = view;
  return {
    document,
    reports: engine.runReports(),
    runs: engine.runValues(),
    scalars: engine.scalars(),
    checks,
    nodes,
    numbers: Object.fromEntries(
      (wanted ? nodes : []).flatMap(({ nodeId }) => {
        const table = engine.table(nodeId);
        return table ? [[nodeId, table]] : [];
      }),
    ),
    fingerprint,
    device,
  };
}
