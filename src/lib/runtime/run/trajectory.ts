/**
 * The states of a run and what was measured on the way, advanced in chunks on a device. Where it ends depends on the
 * measured rows alone: an overshoot is undone by going back to the last snapshot and forward again to the exact step.
 */
import type { Stepper } from '../device/device.ts';
import { hostScalar } from '../ir/host.ts';
import type { CompiledPlan } from './compile-plan.ts';
import { judge } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { PathTable } from './path.ts';
import type { Checkpoint } from './protocol.ts';
import type { Path, Series } from './run-value.ts';
import { Seat } from './seat.ts';
import type { ChooseDevice, State } from './seat.ts';
import { SeriesTable, isMeasured, measuring, nextMeasured } from './series.ts';

/** Milliseconds a chunk should take: short enough for prompt commands, long enough to amortise the readback. */
const CHUNK_MS = 40;
/** Between snapshots, which nodes downstream show and from which overshoots are undone. */
const SNAPSHOT_MS = 250;
const MAX_CHUNK = 100_000;

export type LiveNumbers = Readonly<Record<string, number>>;

/** What one chunk brought. */
export interface Progress {
  readonly snapshot: boolean;
  readonly ended: Outcome | null;
}

export class Trajectory {
  readonly seat = new Seat();
  private readonly compiled: CompiledPlan;
  private readonly now: () => number;
  private readonly series: SeriesTable;
  private readonly path: PathTable;
  private live: LiveNumbers;
  private last: State;
  /** Where overshoots are undone from: the last snapshot at a measured step. */
  private base: State;
  private ending: Outcome | null = null;
  private chunkSteps = 1;
  private snapshotAt = -Infinity;

  constructor(compiled: CompiledPlan, live: LiveNumbers, now: () => number) {
    this.compiled = compiled;
    this.live = live;
    this.now = now;
    this.series = new SeriesTable(compiled.columns, compiled.pace);
    this.path = new PathTable(compiled.pathWidth, compiled.pace);
    this.last = { step: 0, seconds: 0, state: compiled.spec.state };
    this.base = this.last;
  }

  /** The last state that was read back. */
  get latest(): State {
    return this.last;
  }
  get stepsDone(): number {
    return this.seat.stepper?.stepsDone ?? this.last.step;
  }
  /** An overshoot is being undone; the next chunks do that. */
  get isEnding(): boolean {
    return this.ending !== null;
  }
  get objective(): number | null {
    return this.series.value('objective');
  }
  /** Solver seconds; between measured rows at the mean pace so far. */
  get seconds(): number {
    const { lastStep, lastSeconds } = this.series;
    if (!this.seat.stepper || lastStep <= 0) return this.last.seconds;
    return lastSeconds * Math.max(1, this.stepsDone / lastStep);
  }

  /** The measured rows; with `until`, those up to a step. */
  measured(until = Infinity): Series {
    const series = this.series.snapshot();
    const kept = series.step.filter((step) => step <= until).length;
    if (kept === series.step.length) return series;
    return Object.fromEntries(
      Object.entries(series).map(([name, column]) => [name, column.slice(0, kept)]),
    );
  }

  /** The iterates up to the last state that was read back; undefined where none are kept. */
  iterates(): Path | undefined {
    return this.path.width > 0 ? this.path.snapshot(this.last.step) : undefined;
  }

  /** The values of the live parameters it reads, in the order of the plan's keys. */
  liveList(): number[] {
    return this.compiled.liveKeys.map((key) => this.live[key]);
  }

  /** About one chunk of steps, at most `most`; null when it was discarded meanwhile. */
  async advance(
    choose: ChooseDevice,
    wanted: () => boolean,
    most = MAX_CHUNK,
  ): Promise<Progress | null> {
    const spec = { ...this.compiled.spec, live: this.liveList() };
    const stepper = await this.seat.open(choose, spec, this.last, wanted);
    if (!stepper) return null;
    const { pace, plan } = this.compiled;
    const from = stepper.stepsDone;
    const { stride, until } = measuring(from, pace);
    const due = this.now() - this.snapshotAt >= SNAPSHOT_MS;
    const count = Math.min(
      Math.min(this.chunkSteps, most),
      until - from,
      (this.ending?.step ?? plan.maxSteps) - from,
      due ? nextMeasured(from, pace) - from : Infinity,
    );
    if (count > 0) await this.chunk(stepper, count, stride);
    if (!this.ending && stepper.stepsDone >= plan.maxSteps) {
      await this.measureTail();
      this.ending ??= {
        status: 'maxSteps',
        step: plan.maxSteps,
        message: `stopped after ${plan.maxSteps} steps.`,
      };
    }
    if (this.ending) return this.approachEnd(stepper, this.ending);
    if (!due || !isMeasured(stepper.stepsDone, pace)) return { snapshot: false, ended: null };
    await this.takeSnapshot();
    this.base = this.last;
    return { snapshot: true, ended: null };
  }

  /** Measures and reads back the present state, off the grid of measured steps as it may be. */
  async standStill(): Promise<void> {
    await this.measureTail();
    await this.takeSnapshot();
  }

  /** @returns whether steps were done with other values before */
  async setLive(values: LiveNumbers): Promise<boolean> {
    const begun = this.stepsDone > 0;
    if (begun) {
      // What comes before the change must not be repeated with the new values.
      await this.takeSnapshot();
      this.base = this.last;
    }
    this.live = values;
    if (begun) this.seat.stepper?.setLive(this.liveList());
    else this.reset();
    return begun;
  }

  /** Back to the initial state, with the present live values. */
  reset(): void {
    const state = this.compiled.initialState(this.live);
    this.last = this.base = { step: 0, seconds: 0, state };
    this.series.clear();
    this.path.cut(-1);
    this.ending = null;
    this.seat.stepper?.setLive(this.liveList());
    this.seat.stepper?.restore(state, 0, 0);
  }

  /** Back to the last state that was read back, after what came later was lost. */
  fallBack(): void {
    this.series.cut(this.last.step);
    this.path.cut(this.last.step);
    // The rows that decided an ending are measured again, and decide it again.
    this.ending = null;
  }

  /** Takes the state and rows of a checkpoint; false, and unchanged but for rows, when they do not fit the plan. */
  load({ state, series, path, stepsDone: step, seconds }: Checkpoint): boolean {
    const expected = this.compiled.spec.state;
    const fits =
      state.length === expected.length &&
      state.every(
        ({ dtype, shape }, i) =>
          dtype === expected[i].dtype && shape.join() === expected[i].shape.join(),
      );
    if (!fits || !this.series.load(series)) return false;
    if (path) this.path.load(path);
    this.last = this.base = { step, seconds, state };
    return true;
  }

  private async chunk(stepper: Stepper, count: number, stride: number): Promise<void> {
    const started = this.now();
    const rows = await this.seat.hold(stepper.advance(count, stride));
    const fitting = Math.floor((count * CHUNK_MS) / Math.max(this.now() - started, 0.05));
    this.chunkSteps = Math.max(1, Math.min(fitting, this.chunkSteps * 4, MAX_CHUNK));
    const width = this.compiled.columns.length + this.compiled.pathWidth;
    rows.steps.forEach((step, i) => {
      const row = rows.values.subarray(i * width, (i + 1) * width);
      if (!this.ending) this.take(step, rows.seconds[i], row);
    });
  }

  private async approachEnd(stepper: Stepper, ending: Outcome): Promise<Progress> {
    const step = Math.max(ending.step, this.base.step);
    this.ending = { ...ending, step };
    if (stepper.stepsDone > step) {
      stepper.restore(this.base.state, this.base.step, this.base.seconds);
      this.series.cut(step);
      this.path.cut(step);
    }
    if (stepper.stepsDone < step) return { snapshot: false, ended: null };
    await this.takeSnapshot();
    this.ending = null;
    return { snapshot: true, ended: ending };
  }

  /** Adds a measured row and applies the stopping rules to it. */
  private take(step: number, seconds: number, row: Float64Array): void {
    const { columns, pace, plan } = this.compiled;
    const at = (name: string) => row[columns.indexOf(name)];
    const objective = at('objective');
    const outcome = judge(
      { step, objective, dataTerm: at('dataTerm'), residual: at('residual') },
      this.series.value('objective', 0) ?? objective,
      Math.max(0, this.series.lastStep),
      plan.tolerance,
    );
    if (outcome?.status !== 'nonfinite') {
      this.series.push(step, seconds, row);
      this.path.push(step, row.subarray(columns.length));
    }
    // Where a person happened to pause must not decide where the run ends.
    if (outcome && (isMeasured(step, pace) || step >= plan.maxSteps)) this.ending = outcome;
  }

  private async measureTail(): Promise<void> {
    const { stepper } = this.seat;
    if (!stepper || this.series.lastStep >= stepper.stepsDone) return;
    const { metrics, data } = this.compiled.spec;
    const state = await this.seat.hold(stepper.readState());
    const live = this.liveList().map(hostScalar);
    const outputs = await this.seat.execute(metrics, [...state, ...data, ...live]);
    const row = Float64Array.from(outputs.flatMap(({ data }) => [...data]));
    this.take(stepper.stepsDone, this.seconds, row);
  }

  private async takeSnapshot(): Promise<void> {
    const { stepper } = this.seat;
    if (!stepper) return;
    const { seconds } = this;
    const step = stepper.stepsDone;
    this.last = { step, seconds, state: await this.seat.hold(stepper.readState()) };
    this.snapshotAt = this.now();
  }
}
