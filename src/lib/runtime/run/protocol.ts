/** Messages between the page and the worker that holds the engine. All payloads are structured-cloneable. */
import type { DeviceChoice, DeviceName, Precision } from '../device/device.ts';
import type { Fingerprint, GraphDocument } from '../graph/document.ts';
import type { Table } from '../graph/node-definition.ts';
import type { ViewData } from '../graph/view-data.ts';
import type { HostArray } from '../ir/types.ts';
import type { Path, RunStatus } from './run-value.ts';

export type RunCommand = 'run' | 'pause' | 'step' | 'stop' | 'rewind';

/** The state of one run at a chunk boundary; enough to go on from it after a reload, a crash or a lost GPU. */
export interface Checkpoint {
  readonly nodeId: string;
  /** Content hash of everything the run depends on; a checkpoint with another hash is not used. */
  readonly hash: string;
  readonly device: DeviceName;
  readonly stepsDone: number;
  readonly seconds: number;
  readonly status: RunStatus;
  readonly message: string;
  readonly state: readonly HostArray[];
  readonly series: Readonly<Record<string, readonly number[]>>;
  readonly path?: Path;
  /** Live values were changed after the start, so the numbers do not follow from the document alone. */
  readonly edited: boolean;
}

export type ToWorker =
  /** Replaces the graph; only what changed is evaluated again. `revision` increases with every change. */
  | { readonly type: 'document'; readonly document: GraphDocument; readonly revision: number }
  /** Without `nodeIds`: every run. `step` does one step. */
  | { readonly type: 'command'; readonly command: RunCommand; readonly nodeIds?: readonly string[] }
  | {
      readonly type: 'live';
      readonly nodeId: string;
      readonly param: string;
      readonly value: number;
    }
  | { readonly type: 'device'; readonly choice: DeviceChoice }
  | { readonly type: 'restore'; readonly checkpoints: readonly Checkpoint[] }
  /** Parses CSV text or a file in the worker; answered by `parsed` or `parse-failed`. */
  | {
      readonly type: 'parse';
      readonly id: number;
      readonly name: string;
      readonly source: Blob | string;
    }
  | { readonly type: 'cancel-parse'; readonly id: number }
  /** Answers `need-table`. */
  | { readonly type: 'table'; readonly hash: string; readonly csv: Blob | string | null };

/** `stale`: will be evaluated; `blocked`: an input is missing or in error. */
export type NodeState = 'stale' | 'evaluating' | 'ready' | 'blocked' | 'error';

export interface NodeReport {
  readonly nodeId: string;
  readonly state: NodeState;
  /** Where and what is wrong and what to do; shown on the node. */
  readonly error?: { readonly code: string; readonly message: string; readonly port?: string };
  readonly progress?: { readonly fraction: number; readonly text?: string };
  readonly status?: string;
  readonly view?: ViewData;
}

export interface RunReport {
  readonly nodeId: string;
  readonly label: string;
  readonly status: RunStatus;
  readonly message: string;
  readonly step: number;
  readonly maxSteps: number;
  readonly seconds: number;
  readonly objective: number | null;
  readonly device: DeviceName;
  readonly precision: Precision;
  /** Captured, eager or interpreted, and why it fell back. */
  readonly mode: string;
  readonly edited: boolean;
}

export interface DeviceReport {
  readonly choice: DeviceChoice;
  readonly chosen: DeviceName;
  /** Why this one: shown beside the name. */
  readonly reason: string;
  readonly description: string;
  readonly precision: Precision;
  readonly available: readonly {
    readonly name: DeviceName;
    readonly available: boolean;
    readonly note: string;
  }[];
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'nodes'; readonly revision: number; readonly reports: readonly NodeReport[] }
  | { readonly type: 'runs'; readonly revision: number; readonly reports: readonly RunReport[] }
  | { readonly type: 'device'; readonly report: DeviceReport }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** Sent when every run has ended and every node is ready. */
  | {
      readonly type: 'settled';
      readonly revision: number;
      readonly fingerprint: Fingerprint | null;
    }
  | { readonly type: 'need-table'; readonly hash: string }
  | { readonly type: 'parse-progress'; readonly id: number; readonly fraction: number }
  | {
      readonly type: 'parsed';
      readonly id: number;
      readonly name: string;
      readonly hash: string;
      readonly summary: TableSummary;
    }
  | { readonly type: 'parse-failed'; readonly id: number; readonly message: string }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warning' | 'error';
      readonly message: string;
    };

export interface TableSummary {
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: 'numeric' | 'categorical';
    readonly categories?: number;
  }[];
}
export type { Table };
