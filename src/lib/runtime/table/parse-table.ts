import type { Table } from '../graph/node-definition.ts';
import { ColumnBuilder, isNumber } from './column-builder.ts';
import { grouped, TABLE_LIMITS } from './limits.ts';
import type { TableLimits } from './limits.ts';
import { isBlank, records } from './records.ts';
import { shownCell, TableError } from './table-error.ts';
import { textSource } from './text-chunks.ts';

export interface ParseOptions {
  /** Shown in errors and in the library, e.g. the file name. */
  readonly name: string;
  readonly signal?: AbortSignal;
  /** Between 0 and 1, after each chunk. */
  readonly onProgress?: (fraction: number) => void;
  /** @default TABLE_LIMITS */
  readonly limits?: Partial<TableLimits>;
  /** Bytes (of a file) or characters (of a string) read at a time. @default 1 MiB */
  readonly chunkSize?: number;
}

export interface ParsedTable {
  readonly table: Table;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
}

const CHUNK_SIZE = 1 << 20;

/**
 * Parses comma-, semicolon- or tab-separated text (RFC 4180 quoting, UTF-8) into numeric and categorical columns.
 *
 * The first row is a header when none of its cells is a number; otherwise the columns are called "column 1", "column 2", ….
 * A column is numeric when all its cells are numbers, categorical when texts prevail and few are distinct. Blank lines are
 * skipped, except in a table of one column, where they are missing cells. Throws `TableError`, or the signal's reason.
 */
export async function parseTable(
  source: Blob | string,
  options: ParseOptions,
): Promise<ParsedTable> {
  const { name, signal, onProgress } = options;
  const limits = { ...TABLE_LIMITS, ...options.limits };
  const text = textSource(name, source, limits, options.chunkSize ?? CHUNK_SIZE, signal);
  const body = new TableBody(name, limits);
  for await (const { rows, fraction } of records(name, text.chunks(), limits)) {
    for (const row of rows) body.push(row);
    onProgress?.(fraction);
    signal?.throwIfAborted();
  }
  return { table: body.finish(), hash: text.hash(), bytes: text.bytesRead() };
}

class TableBody {
  readonly #name: string;
  readonly #limits: TableLimits;
  #columns: ColumnBuilder[] | null = null;
  #record = 0;
  #rows = 0;
  #pendingBlank = 0;

  constructor(name: string, limits: TableLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  push(cells: readonly string[]): void {
    this.#record++;
    if (isBlank(cells)) {
      if (this.#columns?.length === 1 && this.#pendingBlank === 0)
        this.#pendingBlank = this.#record;
      return;
    }
    if (this.#columns === null) {
      this.#begin(cells);
      return;
    }
    if (this.#pendingBlank > 0) this.#columns[0].push('', this.#pendingBlank);
    this.#append(this.#columns, cells);
  }

  finish(): Table {
    if (this.#columns === null) {
      throw new TableError(
        'empty',
        this.#name,
        {},
        'a row of column names and rows of values',
        'an empty table',
        'Choose a file that holds data.',
      );
    }
    if (this.#rows === 0) {
      throw new TableError(
        'header-only',
        this.#name,
        {},
        'rows of values below the header',
        'a header alone',
        'Add rows, or choose another file.',
      );
    }
    return {
      name: this.#name,
      rows: this.#rows,
      columns: this.#columns.map((column) => column.finish()),
    };
  }

  #begin(cells: readonly string[]): void {
    if (cells.length > this.#limits.columns) {
      throw new TableError(
        'too-many-columns',
        this.#name,
        { row: this.#record },
        `at most ${grouped(this.#limits.columns)} columns`,
        grouped(cells.length),
        'Keep the columns you need; if samples are columns, transpose the table.',
      );
    }
    const isHeader = !cells.some((cell) => isNumber(cell.trim()));
    const names = cells.map((cell, i) => (isHeader && cell.trim()) || `column ${i + 1}`);
    const seen = new Map<string, number>();
    names.forEach((name, i) => {
      const first = seen.get(name);
      if (first !== undefined) {
        throw new TableError(
          'duplicate-header',
          this.#name,
          { row: this.#record, column: i + 1 },
          'column names that differ',
          `${shownCell(name)}, also the name of column ${first + 1}`,
          'Rename one of the two.',
        );
      }
      seen.set(name, i);
    });
    this.#columns = names.map((name, i) => new ColumnBuilder(this.#name, i, name, this.#limits));
    if (!isHeader) this.#append(this.#columns, cells);
  }

  #append(columns: readonly ColumnBuilder[], cells: readonly string[]): void {
    if (cells.length !== columns.length) {
      throw new TableError(
        'ragged',
        this.#name,
        { row: this.#record, column: Math.min(cells.length, columns.length) + 1 },
        `${columns.length} cells, as in the first row`,
        String(cells.length),
        'Add or remove cells in this row; put a text that holds the delimiter in quotes.',
      );
    }
    this.#rows++;
    if (this.#rows * columns.length > this.#limits.cells) {
      throw new TableError(
        'too-many-cells',
        this.#name,
        { row: this.#record },
        `at most ${grouped(this.#limits.cells)} cells`,
        `more (${grouped(this.#rows)} rows × ${grouped(columns.length)} columns so far)`,
        'Keep fewer rows, or only the columns you need.',
      );
    }
    for (let i = 0; i < columns.length; i++) columns[i].push(cells[i], this.#record);
  }
}
