/** Means and spreads of the columns of a table, safe against overflow and underflow of sums and squares. */
import { powerOfTwo } from './linear-algebra.ts';
import { EPSILON } from './tridiagonal.ts';

/** Numbers that differ by no more units in the last place than this are taken for one number. */
const SAME = 8;

/** Whether a difference of numbers in [1, 2) is of a few units in the last place. */
export const isSame = (difference: number): boolean => Math.abs(difference) <= SAME * EPSILON;

/** All lengths are in units of `unit`, so that none of them is too large or too small for a float64 number. */
export interface ColumnSummary {
  /** A power of two near the largest value; dividing by it is exact. */
  readonly unit: number;
  readonly mean: number;
  /** Euclidean norm of the column without its mean. */
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
  /** The values are one number, but for differences of a few units in the last place. */
  readonly constant: boolean;
}

/**
 * Of column `column` of a row-major [rows, columns] table of finite numbers, rows ≥ 1. The mean is corrected by the mean of what is left, and
 * deviations are squared as shares of the largest one: Chan, Golub & LeVeque, Algorithms for computing the sample variance (1983), section 3.
 */
export function summarizeColumn(
  table: ArrayLike<number>,
  rows: number,
  columns: number,
  column: number,
): ColumnSummary {
  const at = (i: number): number => table[i * columns + column];
  let most = 0;
  for (let i = 0; i < rows; i++) most = Math.max(most, Math.abs(at(i)));
  const unit = most === 0 ? 1 : powerOfTwo(most);
  let [low, high, mean] = [Infinity, -Infinity, 0];
  for (let i = 0; i < rows; i++) {
    const value = at(i) / unit;
    low = Math.min(low, value);
    high = Math.max(high, value);
    mean += value / rows;
  }
  let rest = 0;
  for (let i = 0; i < rows; i++) rest += (at(i) / unit - mean) / rows;
  mean += rest;
  const widest = Math.max(high - mean, mean - low);
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += ((at(i) / unit - mean) / (widest || 1)) ** 2;
  return {
    unit,
    mean,
    deviation: Math.sqrt(squares) * widest,
    low,
    high,
    constant: isSame(high - low),
  };
}
