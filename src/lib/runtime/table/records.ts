import Papa from 'papaparse';
import { grouped } from './limits.ts';
import type { TableLimits } from './limits.ts';
import { TableError } from './table-error.ts';
import type { TextChunk } from './text-chunks.ts';

export const DELIMITERS = ['\t', ';', ','] as const;
export type Delimiter = (typeof DELIMITERS)[number];

interface ParserResult {
  readonly data: string[][];
  readonly errors: readonly { readonly row: number; readonly message: string }[];
  readonly meta: { readonly cursor: number };
}

/** Rows, and characters at the start of the text, that the delimiter is judged by, however the text arrives in chunks. */
const SAMPLE_ROWS = 30;
const SAMPLE_LENGTH = 1 << 18;

/**
 * The delimiter under which the first rows agree best on a width above 1. Ties go to the tab, then the semicolon: they seldom
 * occur equally often in every row of a file that commas separate, while "1,5;2,5" has commas in every row.
 */
export function detectDelimiter(sample: string, complete: boolean): Delimiter {
  let best: Delimiter = ',';
  let bestAgreement = 0;
  for (const delimiter of DELIMITERS) {
    const parser = new Papa.Parser({ delimiter, newline: '\n', preview: SAMPLE_ROWS });
    const { data } = parser.parse(sample, 0, !complete) as ParserResult;
    const widths = new Map<number, number>();
    let rows = 0;
    for (const row of data.slice(0, SAMPLE_ROWS)) {
      if (isBlank(row)) continue;
      rows++;
      widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
    }
    for (const [width, count] of widths) {
      if (width > 1 && count / rows > bestAgreement) {
        bestAgreement = count / rows;
        best = delimiter;
      }
    }
  }
  return best;
}

export function isBlank(record: readonly string[]): boolean {
  return record.length === 1 && record[0].trim() === '';
}

/** Splits chunks of text into batches of records, carrying the unfinished record over. Blank lines are records of one blank cell. */
export async function* records(
  table: string,
  chunks: AsyncIterable<TextChunk>,
  limits: TableLimits,
): AsyncGenerator<{ rows: string[][]; fraction: number }, void> {
  let rest = '';
  let parser: Papa.Parser | undefined;
  let rowsBefore = 0;
  for await (const { text, fraction, last } of chunks) {
    rest += text;
    if (parser === undefined) {
      if (!last && rest.length < SAMPLE_LENGTH) continue;
      const sample = rest.slice(0, SAMPLE_LENGTH);
      const complete = (last && sample.length === rest.length) || !sample.includes('\n');
      parser = new Papa.Parser({ delimiter: detectDelimiter(sample, complete), newline: '\n' });
    }
    const result = parser.parse(rest, 0, !last) as ParserResult;
    // An error in the unfinished last record may vanish with the next chunk.
    const error = result.errors.find((found) => found.row < result.data.length);
    if (error !== undefined) {
      throw new TableError(
        'quotes',
        table,
        { row: rowsBefore + error.row + 1 },
        'a quoted cell to end with a quote before the delimiter',
        error.message.toLowerCase(),
        'Close the quote; write a quote inside a quoted cell twice.',
      );
    }
    rowsBefore += result.data.length;
    rest = last ? '' : rest.slice(result.meta.cursor);
    refuseLength(table, rest, rowsBefore, limits);
    yield { rows: result.data, fraction };
  }
}

function refuseLength(table: string, rest: string, rowsBefore: number, limits: TableLimits): void {
  if (rest.length <= limits.recordLength) return;
  throw new TableError(
    'record-too-long',
    table,
    { row: rowsBefore + 1 },
    `a row of at most ${grouped(limits.recordLength)} characters`,
    `more than ${grouped(rest.length)}`,
    'Close the quote that opens in this row, or end the row with a line break.',
  );
}
