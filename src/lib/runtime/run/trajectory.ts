/**
 * The states of a run and what was measured on the way, advanced in chunks on a device. Where it ends depends on the
 * measured rows alone: an overshoot is undone by going back to the last snapshot and forward again to the exact step.
 */
import type { LiveNumbers } from '../graph/ports.ts';
import type { Stepper } from '../device/device.ts';
import { hostScalar } from '../ir/host.ts';
import type { CompiledPlan } from './compile-plan.ts';
import { judge } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { PathTable } from './path.ts';
import type { Checkpoint } from './protocol.ts';
import type { Path, Series } from './run-value.ts';
import type { Stretch } from './segments.ts';
import { Seat } from './seat.ts';
import type { ChooseDevice, State } from './seat.ts';
import { SeriesTable, isMeasured, measuring, nextMeasured } from './series.ts';

/** Milliseconds a chunk should take: short enough for prompt commands, long enough to amortise the readback. */
const CHUNK_MS = 40;
/** Between snapshots, which nodes downstream show and from which overshoots are undone. */
const SNAPSHOT_MS = 250;
const MAX_CHUNK = 100_000;

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
  /** When the present stretch began. */
  changedAt = -Infinity;
  /** In the order of their beginnings; the last is under way. */
  private stretches: Stretch[];
  private last: State;
  /** Where overshoots are undone from: the last snapshot at a measured step. */
  private base: State;
  private ending: Outcome | null = null;
  private chunkSteps = 1;
  private snapshotAt = -Infinity;

  constructor(compiled: CompiledPlan, live: LiveNumbers, now: () => number) {
    this.compiled = compiled;
    this.stretches = [{ from: 0, live: this.valuesOf(live) }];
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
  get infeasibility(): number | null {
    return this.series.value('infeasibility');
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

  /** The stretches that have results, the first in any case. */
  segments(): Stretch[] {
    const reached = Math.max(this.last.step, this.series.lastStep);
    return this.stretches.filter(({ from }, i) => i === 0 || from < reached);
  }

  /** About one chunk of steps with the given live values, at most `most`; null when it was discarded meanwhile. */
  async advance(
    choose: ChooseDevice,
    wanted: () => boolean,
    live: LiveNumbers,
    most = MAX_CHUNK,
  ): Promise<Progress | null> {
    if (this.stepsDone === 0 && !this.ending && this.differs(live)) this.reset(live);
    const spec = { ...this.compiled.spec, live: this.liveList() };
    const stepper = await this.seat.open(choose, spec, this.last, wanted);
    if (!stepper) return null;
    // An overshoot is done again with the values it was done with.
    const changed = !this.ending && this.differs(live);
    if (changed) await this.open(stepper, live);
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
    if (!due || !isMeasured(stepper.stepsDone, pace)) return { snapshot: changed, ended: null };
    await this.takeSnapshot();
    this.base = this.last;
    return { snapshot: true, ended: null };
  }

  /** Measures and reads back the present state, off the grid of measured steps as it may be. */
  async standStill(): Promise<void> {
    await this.measureTail();
    await this.takeSnapshot();
  }

  /** Back to the initial state, with the given live values. */
  reset(live: LiveNumbers): void {
    const state = this.compiled.initialState(live);
    this.last = this.base = { step: 0, seconds: 0, state };
    this.stretches = [{ from: 0, live: this.valuesOf(live) }];
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
  load({ state, series, path, stepsDone: step, seconds, segments }: Checkpoint): boolean {
    const expected = this.compiled.spec.state;
    const fits =
      state.length === expected.length &&
      state.every(
        ({ dtype, shape }, i) =>
          dtype === expected[i].dtype && shape.join() === expected[i].shape.join(),
      );
    if (!fits || !this.areStretches(segments, step) || !this.series.load(series)) return false;
    this.stretches = segments.map(({ from, live }) => ({ from, live: this.valuesOf(live) }));
    for (const { from } of segments) this.series.keep(from);
    if (path) this.path.load(path);
    this.last = this.base = { step, seconds, state };
    return true;
  }

  /** Ends the present stretch with a measured row and begins another at this step. */
  private async open(stepper: Stepper, live: LiveNumbers): Promise<void> {
    await this.measureTail();
    await this.takeSnapshot();
    // What was done with the former values must not be repeated with the new ones.
    this.base = this.last;
    const from = stepper.stepsDone;
    // One without steps leaves no trace: undone before the next step, a change has not been.
    // Ends since each turn drops a stretch.
    while (this.stretches.length > 1 && this.present.from >= from) this.stretches.pop();
    if (this.differs(live)) {
      this.stretches.push({ from, live: this.valuesOf(live) });
      this.series.keep(from);
      this.changedAt = this.now();
    }
    stepper.setLive(this.liveList());
  }

  private get present(): Stretch {
    return this.stretches[this.stretches.length - 1];
  }

  private differs(live: LiveNumbers): boolean {
    return this.compiled.liveKeys.some((key) => live[key] !== this.present.live[key]);
  }

  /** The values of the live parameters that the plan reads. */
  private valuesOf(live: LiveNumbers): LiveNumbers {
    return Object.fromEntries(this.compiled.liveKeys.map((key) => [key, live[key]]));
  }

  /** Of the present stretch, in the order of the plan's keys. */
  private liveList(): number[] {
    return this.compiled.liveKeys.map((key) => this.present.live[key]);
  }

  /** Checkpoints of older versions have none, and then nobody can say what their numbers belong to. */
  private areStretches(segments: readonly Stretch[] | undefined, until: number): boolean {
    return (
      segments !== undefined &&
      segments.length > 0 &&
      segments.every(
        ({ from, live }, i) =>
          (i === 0 ? from === 0 : from > segments[i - 1].from && from <= until) &&
          this.compiled.liveKeys.every((key) => Number.isFinite(live[key])),
      )
    );
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
      this.series.firstAfter('objective', this.stretches.length > 1 ? this.present.from : -1) ??
        objective,
      Math.max(0, this.series.lastStep),
      plan,
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
