/** What a table may hold. The editor stays responsive within these; beyond them a browser tab runs out of memory. */
export interface TableLimits {
  readonly bytes: number;
  /** Rows × columns. */
  readonly cells: number;
  readonly columns: number;
  /** Characters of one record; an unclosed quote would otherwise swallow the rest of the file. */
  readonly recordLength: number;
  /** Distinct texts in a categorical column. */
  readonly categories: number;
}

export const TABLE_LIMITS: TableLimits = {
  bytes: 100_000_000,
  cells: 5_000_000,
  columns: 20_000,
  recordLength: 4_000_000,
  categories: 1000,
};

/** 5000000 → "5,000,000". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
