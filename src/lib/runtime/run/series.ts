/**
 * Which steps are measured, and the table of what was measured. The rule depends on the step and the plan alone, so a
 * curve is the same whatever the chunks and the device. In units of the plan's pace: every step up to 500, then 125 rows
 * for each doubling of the step count (1,875 rows at a million steps). One row off this grid may follow: the state at
 * which the run stands still. So does a row at each change of live values on the way.
 */
import type { Series } from './run-value.ts';

const DENSE = 500;
const ROWS_PER_DOUBLING = 125;
/** Measuring may take this many times the work of the steps between. */
const MEASURING_SHARE = 2;
const MAX_PACE = 32;

/** A power of two: steps between measurements where one costs much more than a step (minibatches). */
export function paceOf(stepFlops: number, metricsFlops: number): number {
  let pace = 1;
  // Ends at MAX_PACE.
  while (pace < MAX_PACE && metricsFlops > MEASURING_SHARE * pace * stepFlops) pace *= 2;
  return pace;
}

/** The measured steps after `step` are the multiples of `stride` up to and including `until`. */
export function measuring(
  step: number,
  pace: number,
): { readonly stride: number; readonly until: number } {
  const unit = Math.floor(step / pace);
  if (unit < DENSE) return { stride: pace, until: DENSE * pace };
  let until = DENSE * 2;
  // Ends since steps are below 2⁵³.
  while (until <= unit) until *= 2;
  return { stride: (until / 2 / ROWS_PER_DOUBLING) * pace, until: until * pace };
}

export function isMeasured(step: number, pace: number): boolean {
  return step === 0 || step % measuring(step - 1, pace).stride === 0;
}

/** The first measured step after `step`. */
export function nextMeasured(step: number, pace: number): number {
  const { stride } = measuring(step, pace);
  return (Math.floor(step / stride) + 1) * stride;
}

export class SeriesTable {
  readonly columns: readonly string[];
  readonly pace: number;
  private readonly steps: number[] = [];
  private readonly seconds: number[] = [];
  private readonly values: number[][];
  /** Steps off the grid whose rows stay: the ends of segments. */
  private readonly kept = new Set<number>();

  constructor(columns: readonly string[], pace: number) {
    this.columns = columns;
    this.pace = pace;
    this.values = columns.map(() => []);
  }

  get lastStep(): number {
    return this.steps.at(-1) ?? -1;
  }
  get lastSeconds(): number {
    return this.seconds.at(-1) ?? 0;
  }

  /** The last value of a column; null when nothing was measured. */
  value(column: string): number | null {
    return this.columnOf(column)?.at(-1) ?? null;
  }

  /** The first value of a column after a step; null when nothing was measured there. */
  firstAfter(column: string, step: number): number | null {
    const row = this.steps.findIndex((other) => other > step);
    return row < 0 ? null : (this.columnOf(column)?.[row] ?? null);
  }

  /** The row at this step stays, also off the grid. */
  keep(step: number): void {
    this.kept.add(step);
  }

  /** Adds a row of values in the order of `columns`; rows that are not newer than the last are left out. */
  push(step: number, seconds: number, row: ArrayLike<number>): void {
    const { lastStep } = this;
    const passing = lastStep >= 0 && !isMeasured(lastStep, this.pace) && !this.kept.has(lastStep);
    if (passing && step > lastStep) this.pop();
    if (step <= this.lastStep) return;
    this.steps.push(step);
    this.seconds.push(seconds);
    for (let i = 0; i < this.columns.length; i++) this.values[i].push(row[i]);
  }

  /** Drops the rows after `step`. */
  cut(step: number): void {
    // Ends since each turn drops a row.
    while (this.lastStep > step) this.pop();
  }

  clear(): void {
    this.cut(-1);
    this.kept.clear();
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

  private columnOf(column: string): readonly number[] | null {
    const at = this.columns.indexOf(column);
    return at < 0 ? null : this.values[at];
  }

  private pop(): void {
    this.steps.pop();
    this.seconds.pop();
    for (const column of this.values) column.pop();
  }
}
