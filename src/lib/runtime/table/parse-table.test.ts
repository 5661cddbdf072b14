import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Table, TableColumn } from '../graph/node-definition.ts';
import { parseTable, summarizeTable, TableError } from './index.ts';
import type { ParseOptions } from './index.ts';

const parse = async (source: Blob | string, options: Partial<ParseOptions> = {}): Promise<Table> =>
  (await parseTable(source, { name: 't.csv', ...options })).table;

async function failure(
  source: Blob | string,
  options: Partial<ParseOptions> = {},
): Promise<TableError> {
  try {
    await parse(source, options);
  } catch (error) {
    if (error instanceof TableError) return error;
    throw error;
  }
  throw new Error('the table was accepted');
}

/** Cells as strings, for comparison. */
const cells = (column: TableColumn): string[] =>
  column.kind === 'numeric'
    ? Array.from(column.values, String)
    : Array.from(column.codes, (code) => column.categories[code]);

describe('columns', () => {
  it('takes a first row without numbers as the header and the rest as numbers and categories', async () => {
    const table = await parse('x,species\n1.5,setosa\n-2e3,virginica\n.5,setosa\n');
    expect(table.rows).toBe(3);
    expect(table.columns).toEqual([
      { name: 'x', kind: 'numeric', values: Float64Array.of(1.5, -2000, 0.5) },
      {
        name: 'species',
        kind: 'categorical',
        codes: Int32Array.of(0, 1, 0),
        categories: ['setosa', 'virginica'],
      },
    ]);
  });

  it('names columns by position when the first row has numbers', async () => {
    const table = await parse('1,a\n2,b\n');
    expect(table.columns.map((column) => column.name)).toEqual(['column 1', 'column 2']);
    expect(table.rows).toBe(2);
  });

  it('keeps the text of number-like categories where texts prevail', async () => {
    const table = await parse('cabin\nA\n007\nB\nC\n');
    expect(cells(table.columns[0])).toEqual(['A', '007', 'B', 'C']);
  });

  it.each([
    ['a;b\n1;2\n3;4\n', 'semicolons'],
    ['a\tb\r\n1\t2\r\n3\t4\r\n', 'tabs and Windows line ends'],
    ['\ufeffa,b\r1,2\r3,4', 'a byte order mark and old Macintosh line ends'],
    ['"a","b"\n"1" ,2\n\n3,4\n\n', 'quotes and blank lines'],
  ])('reads %j (%s)', async (text) => {
    const table = await parse(new Blob([text]));
    expect(table.columns).toEqual([
      { name: 'a', kind: 'numeric', values: Float64Array.of(1, 3) },
      { name: 'b', kind: 'numeric', values: Float64Array.of(2, 4) },
    ]);
  });

  it('prefers the semicolon when commas are decimal marks, and then asks for points', async () => {
    const error = await failure('a;b\n1,5;2\n2,5;3\n');
    expect(error).toMatchObject({ code: 'decimal-comma', row: 2, column: 1 });
  });

  it('summarizes the columns for a choice', async () => {
    expect(summarizeTable(await parse('x,k\n1,u\n2,v\n'))).toEqual({
      rows: 2,
      columns: [
        { name: 'x', kind: 'numeric' },
        { name: 'k', kind: 'categorical', categories: 2 },
      ],
    });
  });
});

describe('the shipped tables', () => {
  it.each([
    ['diabetes', 442, 11, 'numeric'],
    ['iris', 150, 5, 'categorical'],
    ['digits', 1797, 65, 'numeric'],
  ])('%s has %i rows and %i columns', async (name, rows, columns, targetKind) => {
    const bytes = readFileSync(new URL(`../../../../static/data/${name}.csv`, import.meta.url));
    const parsed = await parseTable(new Blob([bytes]), { name });
    expect(parsed.table.rows).toBe(rows);
    expect(parsed.table.columns.length).toBe(columns);
    expect(parsed.table.columns.at(-1)?.kind).toBe(targetKind);
    expect(parsed.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(parsed.bytes).toBe(bytes.length);
  });
});

describe('malformed tables', () => {
  it.each<[string, string, Partial<TableError>, RegExp]>([
    ['no bytes', '', { code: 'empty' }, /got an empty table/],
    ['only blank lines', '\n \n\n', { code: 'empty' }, /got an empty table/],
    ['only a header', 'a,b\n', { code: 'header-only' }, /got a header alone/],
    ['a short row', 'a,b\n1,2\n3\n', { code: 'ragged', row: 3, column: 2 }, /2 cells.*got 1/],
    ['a long row', 'a,b\n1,2,3\n', { code: 'ragged', row: 2, column: 3 }, /2 cells.*got 3/],
    [
      'text among numbers',
      'a,b\n1,2\n\n3,x\n5,6\n',
      { code: 'text-among-numbers', row: 4, column: 2 },
      /row 4, column 2 \(b\).*got "x".*2 numbers and 1 text/,
    ],
    ['an empty cell', 'a,b\n1,\n', { code: 'missing', row: 2, column: 2 }, /an empty cell/],
    ['NaN', 'a,b\n1,2\nNaN,2\n', { code: 'missing', row: 3, column: 1 }, /"NaN"/],
    ['a blank line in one column', 'a\n1\n\n2\n', { code: 'missing', row: 3, column: 1 }, /empty/],
    ['infinity', 'a\n1\n-inf\n', { code: 'not-finite', row: 3, column: 1 }, /"-inf"/],
    ['overflow', 'a\n1e999\n', { code: 'not-finite', row: 2, column: 1 }, /"1e999"/],
    ['a name twice', 'a,b,a\n1,2,3\n', { code: 'duplicate-header', row: 1, column: 3 }, /column 1/],
    ['an open quote', 'a,b\n1,"2\n3,4\n', { code: 'quotes', row: 2 }, /Close the quote/],
    ['text after a quote', 'a,b\n1,"2"x\n3,4\n', { code: 'quotes', row: 2 }, /quote/],
    ['a zero byte', 'a\n1\0\n', { code: 'not-text' }, /UTF-8/],
  ])('refuses %s, naming the place', async (_, text, expected, message) => {
    for (const source of [text, new Blob([text])]) {
      const error = await failure(source);
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(/^t\.csv.*: expected .*, got .*\. \S/s);
      expect(error.message).toMatch(message);
    }
  });

  it('refuses bytes that are not UTF-8', async () => {
    const error = await failure(new Blob([Uint8Array.of(0x50, 0x4b, 0xff, 0xfe)]));
    expect(error.code).toBe('not-text');
  });

  it('refuses more distinct texts than a category can have', async () => {
    const text = `id\n${Array.from({ length: 1001 }, (_, i) => `user${i}`).join('\n')}`;
    expect(await failure(text)).toMatchObject({ code: 'too-many-categories', column: 1 });
    expect((await parse(text.slice(0, text.lastIndexOf('\n')))).columns[0].kind).toBe(
      'categorical',
    );
  });

  it('names a text that comes after many distinct numbers', async () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => String(i / 7));
    const error = await failure(`a\n${numbers.join('\n')}\noops\n`);
    expect(error).toMatchObject({ code: 'text-among-numbers', row: 5002, column: 1 });
  });
});

describe('limits', () => {
  it('refuses a large file before reading it', async () => {
    let reads = 0;
    const blob = new Blob(['a\n1\n']);
    Object.defineProperty(blob, 'size', { value: 200_000_000 });
    Object.defineProperty(blob, 'slice', { value: () => reads++ });
    const error = await failure(blob);
    expect(error.code).toBe('too-large');
    expect(error.message).toContain('at most 100,000,000 bytes, got 200,000,000');
    expect(reads).toBe(0);
  });

  it('counts the bytes of a string, not its characters', async () => {
    const text = `k\n${'é\n'.repeat(50)}`;
    expect((await failure(text, { limits: { bytes: 130 } })).code).toBe('too-large');
    expect((await parse(text, { limits: { bytes: 152 } })).rows).toBe(50);
  });

  it('refuses too many cells at the row where the count is exceeded', async () => {
    const text = `a,b\n${'1,2\n'.repeat(20)}`;
    expect((await parse(text, { limits: { cells: 40 } })).rows).toBe(20);
    const error = await failure(text, { limits: { cells: 39 } });
    expect(error).toMatchObject({ code: 'too-many-cells', row: 21 });
    expect(error.message).toContain('20 rows × 2 columns');
  });

  it('refuses too many columns', async () => {
    expect((await failure('a,b,c\n1,2,3\n', { limits: { columns: 2 } })).code).toBe(
      'too-many-columns',
    );
  });

  it('stops at a quote that is never closed instead of reading on', async () => {
    const text = `a,b\n1,"${'2,3\n'.repeat(200_000)}`;
    const error = await failure(text, { chunkSize: 1 << 16, limits: { recordLength: 100_000 } });
    expect(error).toMatchObject({ code: 'record-too-long', row: 2 });
  });

  it('stops between chunks when cancelled, and reports progress until then', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const parsing = parseTable(`a\n${'1\n'.repeat(500_000)}`, {
      name: 't.csv',
      chunkSize: 1 << 16,
      signal: controller.signal,
      onProgress: (fraction) => {
        seen.push(fraction);
        if (seen.length === 2) controller.abort(new Error('cancelled by the person'));
      },
    });
    await expect(parsing).rejects.toThrow('cancelled by the person');
    expect(seen.length).toBe(2);
    expect(seen[0]).toBeLessThan(seen[1]);
  });
});

describe('properties', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z "',;é]{0,8}$/).map((text) => `n${text.trim()}`);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const category = fc.constantFrom('red', 'dark, blue', 'he said "no"', 'двa\nlines', '水;', 'é');
  const tables = fc
    .record({
      names: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
      rows: fc.integer({ min: 1, max: 12 }),
    })
    .chain(({ names, rows }) =>
      fc.record({
        names: fc.constant(names),
        columns: fc.tuple(
          ...names.map(() =>
            fc.oneof(
              fc.array(number, { minLength: rows, maxLength: rows }),
              fc.array(category, { minLength: rows, maxLength: rows }),
            ),
          ),
        ),
        delimiter: fc.constantFrom(',', ';', '\t'),
        newline: fc.constantFrom('\n', '\r\n'),
        chunkSize: fc.integer({ min: 4, max: 60 }),
        asFile: fc.boolean(),
      }),
    );

  it('reads back what was written, for any delimiter, line end and chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (t) => {
        const lines = [
          t.names.map(quoted),
          ...t.columns[0].map((_, r) =>
            t.columns.map((column) => {
              const cell = column[r];
              return typeof cell === 'number'
                ? Object.is(cell, -0)
                  ? '-0'
                  : String(cell)
                : quoted(cell);
            }),
          ),
        ];
        const text = lines.map((line) => line.join(t.delimiter)).join(t.newline);
        const table = await parse(t.asFile ? new Blob([text]) : text, { chunkSize: t.chunkSize });
        expect(table.columns.map((column) => column.name)).toEqual(t.names.map((n) => n.trim()));
        table.columns.forEach((column, c) => {
          const written = t.columns[c];
          if (column.kind === 'numeric') expect(Array.from(column.values)).toEqual(written);
          else expect(cells(column)).toEqual(written);
        });
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('answers any text with a table or a TableError, the same for every chunk size', async () => {
    const outcome = async (text: string, chunkSize: number): Promise<unknown> => {
      try {
        const { table, hash } = await parseTable(text, { name: 't', chunkSize });
        return { columns: table.columns, hash };
      } catch (error) {
        if (!(error instanceof TableError)) throw error;
        return error.message;
      }
    };
    const fragment = fc.constantFrom(
      '1',
      '2.5',
      'a',
      '"',
      ',',
      ';',
      '\n',
      '\r\n',
      '\t',
      ' ',
      '😀',
      'nan',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 30 }), fc.nat(9), async (parts, n) => {
        const text = parts.join('');
        expect(await outcome(text, n + 1)).toEqual(await outcome(text, 1 << 20));
      }),
      { numRuns: 300, seed: 2 },
    );
  });
});
