/** Messages between the page and the worker that holds the engine. All payloads are structured-cloneable. */
import type { DeviceChoice, DeviceName, Precision } from '../device/device.ts';
import type { Fingerprint, GraphDocument } from '../graph/document.ts';
import type { NodeTable } from '../graph/node-table.ts';
import type { NodeNote, Table } from '../graph/node-definition.ts';
import type { ViewData } from '../graph/view-data.ts';
import type { HostArray } from '../ir/types.ts';
import type { Cost } from './budget.ts';
import type { Path, RunStatus } from './run-value.ts';
import type { ChangeOnTheWay, LiveChange, RunStanding, Stretch } from './segments.ts';

export type RunCommand = 'run' | 'pause' | 'step' | 'stop' | 'rewind';

/** A run that had begun went on on another device after this step. */
export interface DeviceMove {
  readonly step: number;
  readonly from: DeviceName;
  readonly to: DeviceName;
}

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
  /** Which steps were done with which live values. Empty in checkpoints of older versions, which are not used. */
  readonly segments: readonly Stretch[];
  /** Absent where it stayed on one device. */
  readonly moves?: readonly DeviceMove[];
}

/** What the worker is about to compute, or computes in slices. */
export interface Work {
  readonly kind: 'evaluation' | 'chunk' | 'certificate' | 'document' | 'table';
  /** The node that is evaluated or that runs; for a certificate, a run that asked for it. */
  readonly nodeId?: string;
  /** What a person knows it by. */
  readonly name: string;
  /** The content it depends on: off-marks hold for this key alone. */
  readonly key: string;
}

/** Work that is not begun until its content changes or a person starts it again. */
export interface OffMark {
  readonly kind: Work['kind'];
  readonly key: string;
  /** "Stopped by you after 12 s". */
  readonly reason: string;
}

export type ToWorker =
  /** Replaces the graph; only what changed is evaluated again. `revision` increases with every change. */
  | { readonly type: 'document'; readonly document: GraphDocument; readonly revision: number }
  /** Without `nodeIds`: every run. `step` does one step. `unasked`: a link asks, and no person. */
  | {
      readonly type: 'command';
      readonly command: RunCommand;
      readonly nodeIds?: readonly string[];
      readonly unasked?: boolean;
    }
  | {
      readonly type: 'live';
      readonly nodeId: string;
      readonly param: string;
      readonly value: number;
    }
  | { readonly type: 'device'; readonly choice: DeviceChoice }
  /** The document came from a stranger: nothing heavy of it begins before `allow`. Sent before the document. */
  | { readonly type: 'distrust' }
  /** A person said yes to these contents, or, with `trust`, to the whole document. */
  | { readonly type: 'allow'; readonly keys: readonly string[]; readonly trust: boolean }
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
  | { readonly type: 'table'; readonly hash: string; readonly csv: Blob | string | null }
  /** Answered by `exported`. */
  | { readonly type: 'export'; readonly id: number; readonly nodeId: string }
  /** Answered by `pong` as soon as the worker is not computing; all messages before it were received then. */
  | { readonly type: 'ping'; readonly id: number }
  /** All marks that hold now; what is no longer marked may begin again. */
  | { readonly type: 'off'; readonly marks: readonly OffMark[] };

/** `stale`: will be evaluated; `blocked`: an input is missing or in error; `held`: it would take much, and waits for a yes. */
export type NodeState = 'stale' | 'evaluating' | 'ready' | 'blocked' | 'held' | 'error';

export interface NodeReport {
  readonly nodeId: string;
  readonly state: NodeState;
  /** Where and what is wrong and what to do; shown on the node. */
  readonly error?: { readonly code: string; readonly message: string; readonly port?: string };
  readonly progress?: { readonly fraction: number; readonly text?: string };
  readonly status?: string;
  readonly notes?: readonly NodeNote[];
  readonly view?: ViewData;
  /** It is not evaluated because of the off-mark with this key. */
  readonly off?: string;
  /** It waits for a yes to this content. */
  readonly held?: string;
  /** What it would take, where it is held or refused. */
  readonly cost?: Cost;
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
  /** How far outside the constraints; null without any. */
  readonly infeasibility: number | null;
  readonly device: DeviceName;
  readonly precision: Precision;
  /** Captured, eager or interpreted, and why it fell back. */
  readonly mode: string;
  /** In words, when it went on on another device: which steps were done in which precision. */
  readonly moved?: string;
  /** f* is not computed because of this off-mark. */
  readonly certificateOff?: OffMark;
  /** f* is being computed, and how far that is, from 0 to 1. */
  readonly certificateProgress?: number;
  readonly standing: RunStanding;
  readonly changes: readonly ChangeOnTheWay[];
  /** Present values that its last steps were not done with; empty unless it is outdated. */
  readonly since: readonly LiveChange[];
  /** A measured f − f* that cannot be: "below the certified minimum: …". */
  readonly alarm: string | null;
  /** It converged by its residual, far above f*. */
  readonly shortfall: string | null;
  /** What it takes: memory, and time a step. */
  readonly cost?: Cost;
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
  /** Runs that begin as soon as their node has been evaluated: all of them, when they change. */
  | { readonly type: 'starting'; readonly nodeIds: readonly string[] }
  /** Sent before the last entry begins; entries before it wait for something or pause. */
  | { readonly type: 'work'; readonly open: readonly Work[] }
  | { readonly type: 'pong'; readonly id: number }
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
  /** All rows of what a node shows; null where its picture holds them. */
  | { readonly type: 'exported'; readonly id: number; readonly table: NodeTable | null }
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
