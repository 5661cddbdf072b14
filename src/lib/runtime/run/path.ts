/**
 * The iterates that a run keeps, so that its path can be drawn. They are measured with the metrics, at the same steps whatever the chunks and
 * the device: every measured step of a few unknowns; of up to 512, the multiples of the power of two that leaves 16 to 31 for each doubling of
 * the step count; of more, none.
 */
import type { Path } from './run-value.ts';
import { isMeasured } from './series.ts';

const FEW = 16;
const MOST = 512;
const STEPS_PER_DOUBLING = 16;

/** Numbers of an iterate that are kept: all of the unknowns, or 0. */
export function pathWidth(unknowns: number): number {
  return unknowns <= MOST ? unknowns : 0;
}

export function isOnPath(step: number, pace: number, width: number): boolean {
  if (width === 0 || !isMeasured(step, pace)) return false;
  if (width <= FEW) return true;
  let stride = 1;
  // Ends since steps are below 2⁵³.
  while (step >= 2 * STEPS_PER_DOUBLING * stride) stride *= 2;
  return step % stride === 0;
}

export class PathTable {
  readonly width: number;
  private readonly pace: number;
  private readonly steps: number[] = [];
  private readonly numbers: number[] = [];

  constructor(width: number, pace: number) {
    this.width = width;
    this.pace = pace;
  }

  /** Adds an iterate where the step is one of the path; steps that are not newer than the last are left out. */
  push(step: number, iterate: ArrayLike<number>): void {
    if (step <= (this.steps.at(-1) ?? -1) || !isOnPath(step, this.pace, this.width)) return;
    this.steps.push(step);
    for (let i = 0; i < this.width; i++) this.numbers.push(iterate[i]);
  }

  /** Drops the iterates after `step`. */
  cut(step: number): void {
    // Ends since each turn drops a step.
    while ((this.steps.at(-1) ?? -1) > step) {
      this.steps.pop();
      this.numbers.length -= this.width;
    }
  }

  /** A copy up to a step, which later iterates do not change. */
  snapshot(until: number): Path {
    const kept = this.steps.filter((step) => step <= until).length;
    return {
      steps: this.steps.slice(0, kept),
      iterates: Float64Array.from(this.numbers.slice(0, kept * this.width)),
    };
  }

  /** Takes the path of a checkpoint; it stays empty where that is of other unknowns. */
  load({ steps, iterates }: Path): void {
    this.cut(-1);
    if (iterates.length !== steps.length * this.width) return;
    steps.forEach((step, i) =>
      this.push(step, iterates.subarray(i * this.width, (i + 1) * this.width)),
    );
  }
}
