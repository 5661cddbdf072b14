export type TableErrorCode =
  | 'too-large'
  | 'too-many-cells'
  | 'too-many-columns'
  | 'record-too-long'
  | 'not-text'
  | 'empty'
  | 'header-only'
  | 'duplicate-header'
  | 'ragged'
  | 'quotes'
  | 'missing'
  | 'text-among-numbers'
  | 'decimal-comma'
  | 'not-finite'
  | 'too-many-categories';

/** Where in the file, 1-based; the header and blank lines count as rows, a quoted cell with line breaks is one row. */
export interface TablePlace {
  readonly row?: number;
  readonly column?: number;
  /** Header of the column, where there is one. */
  readonly columnName?: string;
}

/** A table that can't be used, with the place and what to do about it. */
export class TableError extends Error {
  readonly code: TableErrorCode;
  readonly row: number | undefined;
  readonly column: number | undefined;
  readonly remedy: string;

  constructor(
    code: TableErrorCode,
    table: string,
    place: TablePlace,
    expected: string,
    got: string,
    remedy: string,
  ) {
    super(`${where(table, place)}: expected ${expected}, got ${got}. ${remedy}`);
    this.name = 'TableError';
    this.code = code;
    this.row = place.row;
    this.column = place.column;
    this.remedy = remedy;
  }
}

function where(table: string, place: TablePlace): string {
  const parts = [table];
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  if (place.column !== undefined) {
    parts.push(
      `column ${place.column}${place.columnName === undefined ? '' : ` (${place.columnName})`}`,
    );
  }
  return parts.join(', ');
}

const SHOWN = 40;

/** A cell as it appears in a message: quoted, control characters escaped, cut after 40 characters. */
export function shownCell(cell: string): string {
  return JSON.stringify(cell.length > SHOWN ? `${cell.slice(0, SHOWN)}…` : cell);
}
