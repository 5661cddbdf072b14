/**
 * One run: a plan that is advanced in chunks on a device. Operations are queued, so each begins when the chunk before it
 * has come back; nothing here depends on how long a chunk is.
 */
import { DeviceError } from '../device/errors.ts';
import type { Device, Stepper } from '../device/device.ts';
import type { Certificate } from '../graph/ports.ts';
import { hostScalar } from '../ir/host.ts';
import type { CompiledPlan } from './compile-plan.ts';
import { judge } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Checkpoint, RunReport } from './protocol.ts';
import type { RunStatus, RunValue } from './run-value.ts';
import { Seat } from './seat.ts';
import type { State } from './seat.ts';
import { SeriesTable, isMeasured, measuring, nextMeasured } from './series.ts';

/** Milliseconds a chunk should take: short enough for prompt commands, long enough to amortise the readback. */
const CHUNK_MS = 40;
/** Between snapshots, which nodes downstream show and from which overshoots are undone. */
const SNAPSHOT_MS = 250;
const CHECKPOINT_MS = 2_000;
const MAX_RECOVERIES = 3;

export type LiveNumbers = Readonly<Record<string, number>>;

export interface RunHost {
  /** Milliseconds, monotonic. */
  now(): number;
  chooseDevice(
    compiled: CompiledPlan,
  ): Promise<{ readonly device: Device; readonly reason: string }>;
  /** The report changed; with `snapshot`, so did the value that nodes downstream see. */
  changed(run: Run, snapshot: boolean): void;
  checkpoint(checkpoint: Checkpoint): void;
  log(level: 'info' | 'warning' | 'error', message: string): void;
}

export class Run {
  readonly id: string;
  readonly hash: string;
  readonly compiled: CompiledPlan;
  /** Set by the engine. */
  label: string;
  certificate: Certificate | null = null;
  certificateKey: string | null = null;

  private readonly host: RunHost;
  private readonly series: SeriesTable;
  private live: LiveNumbers;
  private statusNow: RunStatus = 'idle';
  private message = '';
  private edited = false;
  private latest: State;
  /** Where overshoots are undone from: the last snapshot at a measured step. */
  private base: State;
  private ending: Outcome | null = null;
  private readonly seat = new Seat();
  private chooseAgain = false;
  private chunkSteps = 1;
  private snapshotAt = -Infinity;
  private checkpointAt = -Infinity;
  private recoveries = 0;
  private disposed = false;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    id: string,
    hash: string,
    label: string,
    compiled: CompiledPlan,
    live: LiveNumbers,
    host: RunHost,
  ) {
    this.id = id;
    this.hash = hash;
    this.label = label;
    this.compiled = compiled;
    this.live = live;
    this.host = host;
    this.series = new SeriesTable(compiled.columns, compiled.pace);
    this.latest = { step: 0, seconds: 0, state: compiled.spec.state };
    this.base = this.latest;
  }

  get status(): RunStatus {
    return this.statusNow;
  }
  get isEdited(): boolean {
    return this.edited;
  }
  get maxSteps(): number {
    return this.compiled.plan.maxSteps;
  }

  /** Begins or goes on; an ended run starts again from the initial weights. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      if (this.statusNow === 'running') return;
      if (this.statusNow !== 'idle' && this.statusNow !== 'paused') this.reset();
      this.setStatus('running', '');
    });
  }

  /** One chunk, if running. */
  chunk(): Promise<void> {
    return this.enqueue(async () => {
      if (this.statusNow === 'running') await this.advance(this.chunkSteps);
    });
  }

  /** One step, then stands still. */
  step(): Promise<void> {
    return this.enqueue(async () => {
      if (!['idle', 'paused', 'running'].includes(this.statusNow)) return;
      this.statusNow = 'running';
      await this.advance(1);
      // An overshoot that is being undone goes on by itself.
      if (this.statusNow === 'running' && !this.ending) await this.halt('paused', '');
    });
  }

  pause(): Promise<void> {
    return this.enqueue(async () => {
      if (this.statusNow === 'running' && !this.ending) await this.halt('paused', '');
    });
  }

  stop(): Promise<void> {
    return this.enqueue(async () => {
      const { statusNow } = this;
      if ((statusNow !== 'running' && statusNow !== 'paused') || this.ending) return;
      await this.halt('cancelled', `stopped at step ${this.stepsDone}.`);
      this.seat.release();
    });
  }

  /** Back to the same initial weights, with the present live values. */
  rewind(): Promise<void> {
    return this.enqueue(async () => {
      this.reset();
      this.setStatus('idle', '');
      this.host.changed(this, true);
      this.saveCheckpoint();
    });
  }

  /** New live values by key; keys the plan does not read are ignored. */
  setLive(values: LiveNumbers): Promise<void> {
    return this.enqueue(async () => {
      if (!this.compiled.liveKeys.some((key) => values[key] !== this.live[key])) return;
      if (this.stepsDone > 0) {
        // What comes before the change must not be repeated with the new values.
        if (this.seat.stepper) await this.takeSnapshot();
        this.base = this.latest;
        this.edited = true;
      }
      this.live = values;
      if (this.stepsDone === 0) this.reset();
      else this.seat.stepper?.setLive(this.liveList());
      this.host.changed(this, true);
    });
  }

  /** Takes a checkpoint of the same content; false, and unchanged, when it does not fit or the run has begun. */
  restore(checkpoint: Checkpoint): boolean {
    if (checkpoint.hash !== this.hash || this.stepsDone > 0 || this.statusNow !== 'idle')
      return false;
    const expected = this.compiled.spec.state;
    const fits =
      checkpoint.state.length === expected.length &&
      checkpoint.state.every(
        ({ dtype, shape }, i) =>
          dtype === expected[i].dtype && shape.join() === expected[i].shape.join(),
      );
    if (!fits || !this.series.load(checkpoint.series)) return false;
    const { stepsDone: step, seconds, state } = checkpoint;
    this.latest = this.base = { step, seconds, state };
    this.edited = checkpoint.edited;
    this.seat.name = checkpoint.device;
    this.seat.precision = checkpoint.device === 'cpu64' ? 'float64' : 'float32';
    this.setStatus(checkpoint.status, checkpoint.message);
    this.host.changed(this, true);
    return true;
  }

  /** The device is gone: what it held is taken from the last snapshot. */
  loseDevice(device: Device, reason: string): void {
    if (this.seat.lose(device, reason)) this.series.cut(this.latest.step);
  }

  /** Another device was chosen. A run that has begun stays where it is until it is rewound. */
  changeDevice(): Promise<void> {
    return this.enqueue(async () => {
      this.chooseAgain = true;
      if (this.stepsDone === 0) this.reset();
    });
  }

  /** The live values it reads. */
  liveNumbers(): LiveNumbers {
    return Object.fromEntries(this.compiled.liveKeys.map((key) => [key, this.live[key]]));
  }

  dispose(): void {
    this.disposed = true;
    this.seat.break();
    void this.queue.then(() => this.seat.release());
  }

  value(): RunValue {
    const { plan } = this.compiled;
    return {
      kind: 'run',
      nodeId: this.id,
      plan: { ...plan, label: this.label },
      status: this.statusNow,
      message: this.message,
      step: this.latest.step,
      parameters: this.compiled.parameters(this.latest.state),
      initialParameters: this.compiled.x0,
      series: this.series.snapshot(),
      device: this.seat.name,
      precision: this.seat.precision,
      certificate: this.certificate,
    };
  }

  report(): RunReport {
    return {
      nodeId: this.id,
      label: this.label,
      status: this.statusNow,
      message: this.message,
      step: this.stepsDone,
      maxSteps: this.maxSteps,
      seconds: this.secondsDone(),
      objective: this.series.value('objective'),
      device: this.seat.name,
      precision: this.seat.precision,
      mode: this.seat.mode,
      edited: this.edited,
    };
  }

  checkpoint(): Checkpoint {
    const { step, seconds, state } = this.latest;
    const series = this.series.snapshot();
    const kept = series.step.filter((at) => at <= step).length;
    return {
      nodeId: this.id,
      hash: this.hash,
      device: this.seat.name,
      stepsDone: step,
      seconds,
      status: this.statusNow,
      message: this.message,
      state,
      series: Object.fromEntries(
        Object.entries(series).map(([name, column]) => [name, column.slice(0, kept)]),
      ),
      edited: this.edited,
    };
  }

  private get stepsDone(): number {
    return this.seat.stepper?.stepsDone ?? this.latest.step;
  }

  private async advance(wanted: number): Promise<void> {
    const stepper = await this.ready();
    if (!stepper) return;
    const from = stepper.stepsDone;
    const { pace } = this.compiled;
    const { stride, until } = measuring(from, pace);
    const limit = this.ending ? this.ending.step : this.maxSteps;
    const due = this.host.now() - this.snapshotAt >= SNAPSHOT_MS;
    const count = Math.min(
      wanted,
      until - from,
      limit - from,
      due ? nextMeasured(from, pace) - from : Infinity,
    );
    if (count > 0) {
      const started = this.host.now();
      const rows = await this.seat.hold(stepper.advance(count, stride));
      this.adapt(count, this.host.now() - started);
      const width = this.compiled.columns.length;
      rows.steps.forEach((step, i) => {
        const row = rows.values.subarray(i * width, (i + 1) * width);
        if (!this.ending) this.take(step, rows.seconds[i], row);
      });
    }
    if (!this.ending && stepper.stepsDone >= this.maxSteps) {
      await this.measureTail();
      this.ending ??= {
        status: 'maxSteps',
        step: this.maxSteps,
        message: `stopped after ${this.maxSteps} steps.`,
      };
    }
    if (this.ending) await this.approachEnd(stepper, this.ending);
    else if (due && isMeasured(stepper.stepsDone, pace)) {
      await this.takeSnapshot();
      this.base = this.latest;
      this.host.changed(this, true);
      if (this.host.now() - this.checkpointAt >= CHECKPOINT_MS) this.saveCheckpoint();
    } else this.host.changed(this, false);
  }

  /** Undoes an overshoot by going back to the last snapshot and forward again, then ends. */
  private async approachEnd(stepper: Stepper, ending: Outcome): Promise<void> {
    const step = Math.max(ending.step, this.base.step);
    this.ending = { ...ending, step };
    if (stepper.stepsDone > step) {
      stepper.restore(this.base.state, this.base.step, this.base.seconds);
      this.series.cut(step);
    }
    if (stepper.stepsDone < step) return;
    await this.takeSnapshot();
    this.ending = null;
    this.setStatus(ending.status, ending.message);
    this.host.changed(this, true);
    this.saveCheckpoint();
    this.seat.release();
  }

  /** Adds a measured row and applies the stopping rules to it. */
  private take(step: number, seconds: number, row: ArrayLike<number>): void {
    const columns = this.compiled.columns;
    const at = (name: string) => row[columns.indexOf(name)];
    const objective = at('objective');
    const judged = isMeasured(step, this.compiled.pace) || step >= this.maxSteps;
    const outcome = judge(
      { step, objective, dataTerm: at('dataTerm'), residual: at('residual') },
      this.series.value('objective', 0) ?? objective,
      Math.max(0, this.series.lastStep),
      this.compiled.plan.tolerance,
    );
    if (outcome?.status !== 'nonfinite') this.series.push(step, seconds, row);
    if (outcome && judged) this.ending = outcome;
  }

  /** Measures the present state where the grid of measured steps does not. */
  private async measureTail(): Promise<void> {
    const { stepper } = this.seat;
    if (!stepper || this.series.lastStep >= stepper.stepsDone) return;
    const { metrics, data } = this.compiled.spec;
    const state = await this.seat.hold(stepper.readState());
    const live = this.liveList().map(hostScalar);
    const outputs = await this.seat.execute(metrics, [...state, ...data, ...live]);
    this.take(
      stepper.stepsDone,
      this.secondsDone(),
      outputs.map(({ data: [x] }) => x),
    );
  }

  private async halt(status: 'paused' | 'cancelled', message: string): Promise<void> {
    await this.measureTail();
    if (this.seat.stepper) await this.takeSnapshot();
    this.setStatus(status, message);
    this.host.changed(this, true);
    this.saveCheckpoint();
  }

  private async takeSnapshot(): Promise<void> {
    if (!this.seat.stepper) return;
    const { stepsDone: step } = this.seat.stepper;
    const seconds = this.secondsDone();
    this.latest = { step, seconds, state: await this.seat.hold(this.seat.stepper.readState()) };
    this.snapshotAt = this.host.now();
  }

  private saveCheckpoint(): void {
    this.checkpointAt = this.host.now();
    this.host.checkpoint(this.checkpoint());
  }

  private ready(): Promise<Stepper | null> {
    const spec = { ...this.compiled.spec, live: this.liveList() };
    return this.seat.open(
      () => this.host.chooseDevice(this.compiled),
      spec,
      this.latest,
      () => !this.disposed,
    );
  }

  private adapt(count: number, elapsed: number): void {
    const fitting = Math.floor((count * CHUNK_MS) / Math.max(elapsed, 0.05));
    this.chunkSteps = Math.max(1, Math.min(fitting, this.chunkSteps * 4, 100_000));
  }

  private reset(): void {
    const state = this.compiled.initialState(this.live);
    this.latest = this.base = { step: 0, seconds: 0, state };
    this.series.clear();
    this.ending = null;
    this.edited = false;
    this.recoveries = 0;
    if (this.chooseAgain) this.seat.release();
    this.chooseAgain = false;
    this.seat.stepper?.setLive(this.liveList());
    this.seat.stepper?.restore(state, 0, 0);
  }

  private liveList(): number[] {
    return this.compiled.liveKeys.map((key) => this.live[key]);
  }

  /** Solver seconds; between measured rows at the mean pace so far. */
  private secondsDone(): number {
    const { lastStep, lastSeconds } = this.series;
    if (!this.seat.stepper || lastStep <= 0) return this.latest.seconds;
    return lastSeconds * Math.max(1, this.stepsDone / lastStep);
  }

  private setStatus(status: RunStatus, message: string): void {
    this.statusNow = status;
    this.message = message;
    this.host.changed(this, false);
  }

  private enqueue(operation: () => Promise<void>): Promise<void> {
    const next = this.queue.then(async () => {
      if (this.disposed) return;
      try {
        await operation();
      } catch (error) {
        if (!this.disposed) this.handle(error);
      }
    });
    this.queue = next;
    return next;
  }

  private handle(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DeviceError && error.code === 'lost' && this.recoveries < MAX_RECOVERIES) {
      this.recoveries += 1;
      const reached = this.stepsDone;
      this.seat.forget();
      this.series.cut(this.latest.step);
      this.host.log(
        'warning',
        `${this.label}: the device was lost at about step ${reached} (${message}). It goes on from step ${this.latest.step}; the steps since are repeated.`,
      );
      this.host.changed(this, true);
      return;
    }
    const lost = this.stepsDone - this.latest.step;
    this.seat.release();
    this.series.cut(this.latest.step);
    this.ending = null;
    this.setStatus(
      'failed',
      lost > 0 ? `${message} ${lost} steps since step ${this.latest.step} were lost.` : message,
    );
    this.host.log('error', `${this.label}: ${message}`);
    this.host.changed(this, true);
    this.saveCheckpoint();
  }
}
