import type { TableColumn } from '../graph/node-definition.ts';
import { grouped } from './limits.ts';
import type { TableLimits } from './limits.ts';
import { shownCell, TableError } from './table-error.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MISSING = /^(?:nan|na|n\/a|null|\?)?$/i;
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

export function isNumber(cell: string): boolean {
  return NUMBER.test(cell);
}

interface Entry {
  readonly code: number;
  /** NaN for a text. */
  readonly value: number;
}

interface FoundText {
  readonly row: number;
  readonly cell: string;
}

/**
 * Collects one column whose kind is known only at its end. While few distinct cells have been seen, each is kept in a
 * dictionary (it may be a category, and its number is parsed once); after that only numbers are kept.
 */
export class ColumnBuilder {
  readonly #table: string;
  readonly #index: number;
  readonly #name: string;
  readonly #limits: TableLimits;
  #size = 0;
  #values = new Float64Array(64);
  #codes: Int32Array | null = new Int32Array(64);
  #dictionary = new Map<string, Entry>();
  #numbers = 0;
  #firstText: FoundText | null = null;

  /** `index` is 0-based. */
  constructor(table: string, index: number, name: string, limits: TableLimits) {
    this.#table = table;
    this.#index = index;
    this.#name = name;
    this.#limits = limits;
  }

  /** `row` is 1-based, as in the file. */
  push(raw: string, row: number): void {
    const cell = raw.trim();
    let entry = this.#dictionary.get(cell);
    if (entry === undefined) {
      entry = { code: this.#dictionary.size, value: this.#parse(cell, row) };
      if (this.#codes !== null) {
        if (this.#dictionary.size < this.#limits.categories) this.#dictionary.set(cell, entry);
        else {
          this.#codes = null;
          this.#dictionary.clear();
        }
      }
    }
    if (this.#size === this.#values.length) this.#grow();
    if (Number.isNaN(entry.value)) this.#firstText ??= { row, cell };
    else {
      this.#numbers++;
    }
    this.#values[this.#size] = entry.value;
    if (this.#codes !== null) this.#codes[this.#size] = entry.code;
    this.#size++;
  }

  finish(): TableColumn {
    const name = this.#name;
    const text = this.#firstText;
    if (text === null) {
      return { name, kind: 'numeric', values: this.#values.slice(0, this.#size) };
    }
    if (DECIMAL_COMMA.test(text.cell)) {
      throw this.#error(
        'decimal-comma',
        text.row,
        'a decimal point',
        shownCell(text.cell),
        'Export the table with points as decimal marks.',
      );
    }
    const texts = this.#size - this.#numbers;
    if (this.#numbers >= texts) {
      throw this.#error(
        'text-among-numbers',
        text.row,
        'a number',
        shownCell(text.cell),
        `The column has ${count(this.#numbers, 'number')} and ${count(texts, 'text')}. Correct the cell, or remove the row.`,
      );
    }
    if (this.#codes === null) {
      throw this.#error(
        'too-many-categories',
        undefined,
        `at most ${grouped(this.#limits.categories)} distinct texts`,
        'more',
        'Remove the column (an identifier is no feature), or group its values.',
      );
    }
    return {
      name,
      kind: 'categorical',
      codes: this.#codes.slice(0, this.#size),
      categories: [...this.#dictionary.keys()],
    };
  }

  #parse(cell: string, row: number): number {
    if (NUMBER.test(cell)) {
      const value = Number(cell);
      if (Number.isFinite(value)) return value;
    } else if (MISSING.test(cell)) {
      throw this.#error(
        'missing',
        row,
        'a value',
        cell === '' ? 'an empty cell' : shownCell(cell),
        'Fill the cell in, or remove the row or the column.',
      );
    } else if (!INFINITE.test(cell)) {
      return NaN;
    }
    throw this.#error(
      'not-finite',
      row,
      'a number below 1.8e308',
      shownCell(cell),
      'Correct the cell, or remove the row.',
    );
  }

  #grow(): void {
    const values = new Float64Array(2 * this.#values.length);
    values.set(this.#values);
    this.#values = values;
    if (this.#codes === null) return;
    const codes = new Int32Array(2 * this.#codes.length);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  #error(
    code: TableError['code'],
    row: number | undefined,
    expected: string,
    got: string,
    remedy: string,
  ): TableError {
    const place = { row, column: this.#index + 1, columnName: this.#name };
    return new TableError(code, this.#table, place, expected, got, remedy);
  }
}

function count(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
}
