import type { Table } from '../graph/node-definition.ts';
import type { TableSummary } from '../run/protocol.ts';

export { TABLE_LIMITS } from './limits.ts';
export type { TableLimits } from './limits.ts';
export { parseTable } from './parse-table.ts';
export type { ParsedTable, ParseOptions } from './parse-table.ts';
export { TableError } from './table-error.ts';
export type { TableErrorCode } from './table-error.ts';

/** Bytes in UTF-8 as text that has the same bytes again, a byte order mark included: a table is known by their hash. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** What the page needs of a table to offer its columns. */
export function summarizeTable(table: Table): TableSummary {
  return {
    rows: table.rows,
    columns: table.columns.map((column) =>
      column.kind === 'numeric'
        ? { name: column.name, kind: column.kind }
        : { name: column.name, kind: column.kind, categories: column.categories.length },
    ),
  };
}
