/** Tables that an experiment reads: the shipped ones, and those a person brings, kept once each by content. */
import type { TableRef } from '../../runtime/graph/document.ts';
import { decodePicture, pictureCsv } from './picture.ts';
import type { TableSummary } from '../../runtime/run/protocol.ts';

export const BUILTIN_TABLES: readonly { readonly name: string; readonly title: string }[] = [
  { name: 'diabetes', title: 'Diabetes (442 patients, 10 measurements)' },
  { name: 'iris', title: 'Iris (150 flowers, 3 species)' },
  { name: 'digits', title: 'Digits (1797 images of 8 × 8)' },
];

type StoredTable = Extract<TableRef, { source: 'stored' }>;

export interface ParsedTable {
  readonly hash: string;
  readonly summary: TableSummary;
}

/** What the tables need of the worker and of the library. */
export interface TableBackend {
  parse(
    name: string,
    source: Blob | string,
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal },
  ): Promise<ParsedTable>;
  store(hash: string, name: string, csv: Blob): Promise<void>;
  read(hash: string): Promise<Blob | null>;
  /** The text of a shipped table. */
  builtin(name: string): Promise<string>;
}

/** Characters of a name that a document takes; the end tells the kind of file. */
const MAX_NAME = 200;

const keyOf = (ref: TableRef) => (ref.source === 'builtin' ? `builtin:${ref.name}` : ref.hash);

export class Tables {
  readonly #backend: TableBackend;
  #summaries = $state.raw<ReadonlyMap<string, TableSummary>>(new Map());
  readonly #asked = new Set<string>();
  /** Tables brought in while this page is open, newest first. */
  recent = $state.raw<readonly StoredTable[]>([]);

  constructor(backend: TableBackend) {
    this.#backend = backend;
  }

  /** Rows and columns of a table, or null until they are known. */
  summary(ref: TableRef): TableSummary | null {
    return this.#summaries.get(keyOf(ref)) ?? null;
  }

  /** Finds out the columns of a table that is already chosen. */
  async look(ref: TableRef): Promise<void> {
    const key = keyOf(ref);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      const csv =
        ref.source === 'builtin'
          ? await this.#backend.builtin(ref.name)
          : await this.#backend.read(ref.hash);
      if (csv === null) throw new Error('the table is not in the library');
      const { summary } = await this.#backend.parse(ref.name, csv, {});
      this.#summaries = new Map([...this.#summaries, [key, summary]]);
    } catch {
      // The node itself reports a table that cannot be read; here only the list of columns stays empty.
      this.#asked.delete(key);
    }
  }

  /** Reads, checks and keeps a table. @throws with row and column when it is malformed; nothing is kept then. */
  async bring(
    name: string,
    source: Blob | string,
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal },
  ): Promise<TableRef> {
    const ref = await this.#keep(name, source, options);
    this.recent = [ref, ...this.recent.filter((other) => other.hash !== ref.hash)];
    return ref;
  }

  /** Decodes a picture and keeps its grey values as a table. @throws with the reason when it is none; nothing is kept then. */
  async bringPicture(file: File): Promise<TableRef> {
    return this.#keep(file.name.slice(-MAX_NAME), pictureCsv(await decodePicture(file)), {});
  }

  async #keep(
    name: string,
    source: Blob | string,
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal },
  ): Promise<StoredTable> {
    const { hash, summary } = await this.#backend.parse(name, source, options);
    const csv = typeof source === 'string' ? new Blob([source], { type: 'text/csv' }) : source;
    await this.#backend.store(hash, name, csv);
    const ref = { source: 'stored', hash, name } as const;
    this.#asked.add(hash);
    this.#summaries = new Map([...this.#summaries, [hash, summary]]);
    return ref;
  }
}
