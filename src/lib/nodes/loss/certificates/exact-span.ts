/** What can be said about a design matrix without rounding. */
import { add, divide, exactly, multiply, subtract } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { scaleByPower } from '../../../numerics/double-double.ts';
import { dependsExactly, fractionOf, nearestFraction } from '../../../numerics/exact-dependence.ts';
import type { Fraction } from '../../../numerics/exact-dependence.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { Dependence } from './preconditioner.ts';

/** Entries that the integer arithmetic looks at, a second or two. */
const MOST_ENTRIES = 3e6;

/** Coefficients below it are 0 but for rounding. */
const ROUNDING = 1e-20;
/** Entries looked at between two pauses. */
const ROWS_AT_ONCE = 10_000;

/**
 * The coefficients, without rounding, with which every column of `dependent` is a combination of the columns `kept`: the rounded ones as simple fractions
 * or as float64 numbers, or null where a column is neither. `exponents` are the powers of two the columns were divided by, and the coefficients those of
 * the columns as they were.
 */
export async function exactCoefficients(
  columns: readonly Float64Array[],
  exponents: Int32Array,
  kept: readonly number[],
  dependent: readonly Dependence[],
  pacer: Pacer,
): Promise<Fraction[][] | null> {
  const n = columns[0]?.length ?? 0;
  if (n * kept.length * dependent.length > MOST_ENTRIES) return null;
  const basis = kept.map((j) => rescaled(columns[j], exponents[j]));
  const all: Fraction[][] = [];
  for (const { place, from } of dependent) {
    const own = from.map((value, i) => scaleByPower(value, exponents[place] - exponents[kept[i]]));
    const column = rescaled(columns[place], exponents[place]);
    const simple = own.flatMap((value) => nearestFraction(value) ?? []);
    const asNumbers = own.map(({ hi }) => fractionOf(Math.abs(hi) < ROUNDING ? 0 : hi));
    const tried = simple.length === own.length ? [simple, asNumbers] : [asNumbers];
    let found: Fraction[] | null = null;
    for (const fractions of tried) {
      if (!found && (await isCombination(column, basis, fractions, pacer))) found = fractions;
    }
    if (!found) return null;
    all.push(found);
  }
  return all;
}

/** `dependsExactly`, some rows at a time. */
async function isCombination(
  column: Float64Array,
  basis: readonly Float64Array[],
  coefficients: readonly Fraction[],
  pacer: Pacer,
): Promise<boolean> {
  const rows = Math.ceil(ROWS_AT_ONCE / (1 + basis.length));
  for (let start = 0; start < column.length; start += rows) {
    const part = (x: Float64Array) => x.subarray(start, start + rows);
    if (!dependsExactly(part(column), basis.map(part), coefficients)) return false;
    if (pacer.due()) await pacer.pause();
  }
  return true;
}

function rescaled(column: Float64Array, exponent: number): Float64Array {
  return column.map((v) => scaleByPower({ hi: v, lo: 0 }, exponent).hi);
}

/**
 * Σ (y_i − ȳ_g)² over groups g of samples with the same features: no function of the features has a smaller sum of squares. ("Pure error"; Draper &
 * Smith 1998, section 2.1.)
 */
export async function pureError(
  columns: readonly Float64Array[],
  target: Float64Array,
  pacer: Pacer,
): Promise<Ball> {
  let total: Ball = exactly(0);
  for (const group of await sameRows(columns, target.length, pacer)) {
    const values = group.map((i) => exactly(target[i]));
    const mean = divide(values.reduce(add), exactly(values.length));
    for (const value of values) {
      const off = subtract(value, mean);
      total = add(total, multiply(off, off));
    }
    if (pacer.due()) await pacer.pause();
  }
  return total;
}

/** The groups of two and more equal rows. */
async function sameRows(
  columns: readonly Float64Array[],
  n: number,
  pacer: Pacer,
): Promise<number[][]> {
  const bits = new DataView(new ArrayBuffer(8));
  // Rows by a hash of their numbers (FNV-1a); those of one hash are compared.
  const buckets = new Map<number, number[][]>();
  for (let i = 0; i < n; i++) {
    let hash = 0x811c9dc5;
    for (const column of columns) {
      // −0 is 0.
      bits.setFloat64(0, column[i] + 0);
      hash = Math.imul(hash ^ bits.getUint32(0), 0x01000193);
      hash = Math.imul(hash ^ bits.getUint32(4), 0x01000193);
    }
    const groups = buckets.get(hash) ?? [];
    buckets.set(hash, groups);
    const own = groups.find(([first]) => columns.every((column) => column[first] === column[i]));
    if (own) own.push(i);
    else groups.push([i]);
    if (pacer.due()) await pacer.pause();
  }
  return [...buckets.values()].flat().filter(({ length }) => length > 1);
}
