/**
 * Which steps are measured, and the table of what was measured. The rule depends on the step alone, so a curve is the
 * same whatever the chunks and the device: every step up to 500, then 125 rows for each doubling of the step count
 * (1,875 rows at a million steps). One row off this grid may follow: the state at which the run stands still.
 */
import type { Series } from './run-value.ts';

const DENSE = 500;
const ROWS_PER_DOUBLING = 125;

/** The measured steps after `step` are multiples of `stride` up to and including `until`. */
export function measuring(step: number): { readonly stride: number; readonly until: number } {
  if (step < DENSE) return { stride: 1, until: DENSE };
  let until = DENSE * 2;
  while (until <= step) until *= 2;
  return { stride: until / 2 / ROWS_PER_DOUBLING, until };
}

export function isMeasured(step: number): boolean {
  return step === 0 || step % measuring(step - 1).stride === 0;
}

/** The first measured step after `step`. */
export function nextMeasured(step: number): number {
  const { stride } = measuring(step);
  return (Math.floor(step / stride) + 1) * stride;
}

export class SeriesTable {
  readonly columns: readonly string[];
  private readonly steps: number[] = [];
  private readonly seconds: number[] = [];
  private readonly values: number[][];

  constructor(columns: readonly string[]) {
    this.columns = columns;
    this.values = columns.map(() => []);
  }

  get lastStep(): number {
    return this.steps.at(-1) ?? -1;
  }
  get lastSeconds(): number {
    return this.seconds.at(-1) ?? 0;
  }

  /** The last value of a column, or the first with `index` 0; null when nothing was measured. */
  value(column: string, index = -1): number | null {
    const at = this.columns.indexOf(column);
    return at < 0 ? null : (this.values[at].at(index) ?? null);
  }

  /** Adds a row of values in the order of `columns`; rows that are not newer than the last are left out. */
  push(step: number, seconds: number, row: ArrayLike<number>): void {
    if (this.lastStep >= 0 && !isMeasured(this.lastStep) && step > this.lastStep) this.pop();
    if (step <= this.lastStep) return;
    this.steps.push(step);
    this.seconds.push(seconds);
    for (let i = 0; i < this.columns.length; i++) this.values[i].push(row[i]);
  }

  /** Drops the rows after `step`. */
  cut(step: number): void {
    while (this.lastStep > step) this.pop();
  }

  clear(): void {
    this.cut(-1);
  }

  /** A copy, which later rows do not change. */
  snapshot(): Series {
    const series: Record<string, readonly number[]> = {
      step: [...this.steps],
      seconds: [...this.seconds],
    };
    this.columns.forEach((column, i) => (series[column] = [...this.values[i]]));
    return series;
  }

  /** Takes the rows of a checkpoint. Returns false, and stays empty, when its columns are not the same. */
  load(series: Series): boolean {
    this.clear();
    const names = ['step', 'seconds', ...this.columns];
    const length = series.step?.length ?? -1;
    if (!names.every((name) => series[name]?.length === length)) return false;
    this.steps.push(...series.step);
    this.seconds.push(...series.seconds);
    this.columns.forEach((column, i) => this.values[i].push(...series[column]));
    return true;
  }

  private pop(): void {
    this.steps.pop();
    this.seconds.pop();
    for (const column of this.values) column.pop();
  }
}
