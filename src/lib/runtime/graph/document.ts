/**
 * The graph document: the one JSON value that is saved, shared, exported and run headless. `schema.ts` decodes unknown
 * input into it (decode → migrate → validate).
 */
export const DOCUMENT_FORMAT = 'adjoint';
export const DOCUMENT_VERSION = 1;

export type ParamValue = number | string | boolean | readonly number[] | TableRef;

/** A table by name (shipped with the app) or by content (SHA-256 of its bytes, hex). */
export type TableRef =
  | { readonly source: 'builtin'; readonly name: string }
  | { readonly source: 'stored'; readonly hash: string; readonly name: string };

export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly position: { readonly x: number; readonly y: number };
  /** A person's own name for the node. */
  readonly label?: string;
}

export interface GraphEdge {
  readonly from: readonly [node: string, port: string];
  readonly to: readonly [node: string, port: string];
}

export interface GraphDocument {
  readonly format: typeof DOCUMENT_FORMAT;
  readonly version: number;
  readonly title: string;
  /** Plain text or Markdown; shown sanitised. */
  readonly notes: string;
  /** Integer in [0, 2^31). */
  readonly seed: number;
  readonly device: 'auto' | 'cpu64' | 'wasm' | 'webgpu';
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Final numbers of an experiment, stored in a link so that whoever opens it can tell whether it reproduced. */
export interface Fingerprint {
  readonly device: 'cpu64' | 'wasm' | 'webgpu';
  readonly precision: 'float64' | 'float32';
  /** The `ARITHMETIC` that the numbers were computed with; 0 before there was one. */
  readonly arithmetic: number;
  /** By node id: steps done, final objective. */
  readonly runs: Readonly<Record<string, { readonly steps: number; readonly objective: number }>>;
  /** By node id each check's number, by `nodeId.port` each scalar; in older ones the last scalar of a node by its id. */
  readonly scalars: Readonly<Record<string, number>>;
}
