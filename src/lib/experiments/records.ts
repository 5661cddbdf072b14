/** What the library keeps. All of it is structured-cloneable. */
import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import type { Checkpoint } from '../runtime/run/protocol.ts';

export interface ExperimentRecord {
  readonly id: string;
  /** That of the document, kept beside it for search. */
  readonly title: string;
  readonly document: GraphDocument;
  /** Numbers of the last run that ended, for links. */
  readonly fingerprint: Fingerprint | null;
  /** Milliseconds since 1970, to be shown; nothing is ordered or deleted by them, since clocks jump. */
  readonly created: number;
  readonly updated: number;
  /** Counts the writes of the library: of two experiments, the one that was written later has the greater one. */
  readonly order: number;
  /** Increases with every write; a write that was based on another revision is refused. */
  readonly revision: number;
  /** When it was removed; it can be restored until it is collected. Null when it was not. */
  readonly removed: number | null;
  /** Hashes of the stored tables that the document reads. */
  readonly tables: readonly string[];
}

/** An earlier state of an experiment. */
export interface HistoryRecord {
  readonly id: string;
  readonly experimentId: string;
  /** Revision of the experiment that this state was. */
  readonly revision: number;
  /** When this state was written, to be shown. */
  readonly at: number;
  readonly document: GraphDocument;
  readonly tables: readonly string[];
}

export interface RunRecord {
  readonly experimentId: string;
  readonly nodeId: string;
  readonly checkpoint: Checkpoint;
  readonly saved: number;
}

/** A table once, by its content. */
export interface TableRecord {
  /** SHA-256 of the bytes, hexadecimal. */
  readonly hash: string;
  /** The file it came from. */
  readonly name: string;
  readonly csv: Blob;
  readonly added: number;
}

/** Hashes of the stored tables that a document reads, each once. */
export function storedTables(document: GraphDocument): string[] {
  const hashes = new Set<string>();
  for (const node of document.nodes) {
    for (const value of Object.values(node.params)) {
      if (typeof value === 'object' && 'source' in value && value.source === 'stored')
        hashes.add(value.hash);
    }
  }
  return [...hashes].sort();
}

/** A random identifier of 20 letters and digits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => (byte % 32).toString(32)).join('');
}
