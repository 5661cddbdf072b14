/** Tables by reference, parsed once. */
import type { TableRef } from '../graph/document.ts';
import { NodeError } from '../graph/node-error.ts';
import type { Table } from '../graph/node-definition.ts';
import { parseTable } from '../table/index.ts';
import type { ParsedTable } from '../table/index.ts';

export interface TableSource {
  /** The text of a table shipped with the app; rejects when there is none of this name. */
  builtin(name: string): Promise<Blob | string>;
  /** The bytes of a stored table by content, or null when it is not to be had. */
  stored(hash: string): Promise<Blob | string | null>;
}

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** Parsed tables kept, least recently used first out. */
const KEPT = 8;

export class Tables {
  private readonly source: TableSource;
  private readonly parsed = new Map<string, Table>();

  constructor(source: TableSource) {
    this.source = source;
  }

  async load(ref: TableRef, { signal, onProgress }: LoadOptions): Promise<Table> {
    const key = ref.source === 'builtin' ? `builtin ${ref.name}` : ref.hash;
    const kept = this.parsed.get(key);
    if (kept) {
      this.keep(key, kept);
      return kept;
    }
    const text = await this.fetch(ref);
    signal.throwIfAborted();
    const { table, hash } = await parseTable(text, {
      name: ref.name,
      signal,
      ...(onProgress ? { onProgress } : {}),
    });
    if (ref.source === 'stored' && hash !== ref.hash)
      throw new NodeError(
        'table',
        `table '${ref.name}': expected content with hash ${ref.hash.slice(0, 12)}…, got ${hash.slice(0, 12)}…. Load the original file again.`,
      );
    this.keep(key, table);
    return table;
  }

  /** A file or pasted text from the page; afterwards `load` knows it by its hash. */
  async parse(
    source: Blob | string,
    options: LoadOptions & { readonly name: string },
  ): Promise<ParsedTable> {
    const parsed = await parseTable(source, options);
    this.keep(parsed.hash, parsed.table);
    return parsed;
  }

  private async fetch(ref: TableRef): Promise<Blob | string> {
    if (ref.source === 'builtin') return this.source.builtin(ref.name);
    const stored = await this.source.stored(ref.hash);
    if (stored === null)
      throw new NodeError(
        'table',
        `table '${ref.name}': expected its content in this library, got nothing under ${ref.hash.slice(0, 12)}…. Load the file again.`,
      );
    return stored;
  }

  private keep(key: string, table: Table): void {
    this.parsed.delete(key);
    this.parsed.set(key, table);
    for (const oldest of this.parsed.keys()) {
      if (this.parsed.size <= KEPT) break;
      this.parsed.delete(oldest);
    }
  }
}
