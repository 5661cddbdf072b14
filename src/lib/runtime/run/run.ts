/**
 * One run: its status, the commands a person gives, and what the page and the nodes downstream see of it. Operations are
 * queued, so each begins when the chunk before it has come back.
 */
import { DeviceError } from '../device/errors.ts';
import { precisionOf } from '../device/device.ts';
import type { Device, DeviceName } from '../device/device.ts';
import type { LiveNumbers, ObjectiveValue } from '../graph/ports.ts';
import type { Activity } from './activity.ts';
import type { Cost } from './budget.ts';
import type { CompiledPlan } from './compile-plan.ts';
import { alarmOf, shortfallOf, valued } from './optimality.ts';
import type { Checkpoint, RunReport } from './protocol.ts';
import { Recovery } from './recovery.ts';
import type { RunStatus, RunValue } from './run-value.ts';
import { changesBetween } from './segments.ts';
import type {
  CertificateState,
  ChangeOnTheWay,
  LiveChange,
  RunStanding,
  Stretch,
} from './segments.ts';
import type { ChosenDevice } from './seat.ts';
import { Trajectory } from './trajectory.ts';

const CHECKPOINT_MS = 2_000;
/** Numbers of a state that are copied to the page that often. */
const CHECKPOINT_NUMBERS = 1e6;
/** What is under way on the device when a run is to stop may take this long to come back; then it is let go. */
const STOP_MS = 100;

export interface RunHost {
  readonly activity: Activity;
  /** Milliseconds, monotonic. */
  now(): number;
  /** @param without devices that the run has lost for good */
  chooseDevice(compiled: CompiledPlan, without: readonly DeviceName[]): Promise<ChosenDevice>;
  /** What is known of f* at these values. */
  certificate(objective: ObjectiveValue, live: LiveNumbers): CertificateState;
  /** The name of a live parameter for a person. */
  nameOf(liveKey: string): string;
  /** The report changed; with `snapshot`, so did the value that nodes downstream see. */
  changed(run: Run, snapshot: boolean): void;
  checkpoint(checkpoint: Checkpoint): void;
  /** Results that make way for others. */
  replaced(results: Checkpoint): void;
  log(level: 'info' | 'warning' | 'error', message: string): void;
}

export class Run {
  readonly id: string;
  readonly hash: string;
  readonly compiled: CompiledPlan;
  /** Set by the engine: the person's name for the node, or the plan's. */
  label: string;
  /** What it takes, by its programs. */
  cost: Cost | null = null;

  private readonly host: RunHost;
  private readonly path: Trajectory;
  /** The graph's. */
  private live: LiveNumbers;
  private statusNow: RunStatus = 'idle';
  private message = '';
  private chooseAgain = false;
  private checkpointAt = -Infinity;
  private savedStep = 0;
  private recovery = new Recovery();
  private alarmNow: string | null = null;
  private shortfallNow: string | null = null;
  private disposed = false;
  /** Something is under way that may take long; `turn` tells one operation from the next. */
  private atWork = false;
  private turn = 0;
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
    this.path = new Trajectory(compiled, live, () => host.now());
  }

  get status(): RunStatus {
    return this.statusNow;
  }
  /** The stretches that have results, the first in any case. */
  get segments(): readonly Stretch[] {
    return this.path.segments();
  }

  /** When the last of them began, in the time of the host. */
  get changedAt(): number {
    return this.path.changedAt;
  }

  get stepsDone(): number {
    return this.path.stepsDone;
  }

  get standing(): RunStanding {
    const { segments } = this;
    if (!this.hasEnded && this.path.stepsDone === 0) return 'current';
    if (this.since(segments).length > 0) return 'outdated';
    return segments.length > 1 ? 'changed' : 'current';
  }

  /** Its numbers do not change by themselves any more. */
  get hasEnded(): boolean {
    return !['idle', 'running', 'paused'].includes(this.statusNow);
  }

  /** Begins or goes on; an ended run starts again from the initial weights. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      if (this.statusNow === 'running') return;
      if (this.hasEnded) {
        if (this.standing === 'outdated') this.host.replaced(this.checkpoint());
        this.reset();
      }
      this.setStatus('running', '');
    });
  }

  /** One chunk, if running. */
  chunk(): Promise<void> {
    return this.enqueue(async () => {
      if (this.statusNow === 'running') await this.advance();
    });
  }

  /** One step, then stands still. */
  step(): Promise<void> {
    return this.enqueue(async () => {
      if (!['idle', 'paused', 'running'].includes(this.statusNow)) return;
      this.statusNow = 'running';
      await this.advance(1);
      await this.halt('paused', '');
    });
  }

  pause(): Promise<void> {
    return this.enqueue(() => this.halt('paused', ''));
  }

  stop(): Promise<void> {
    this.urge();
    return this.enqueue(async () => {
      const halt = () => this.halt('cancelled', `stopped at step ${this.path.stepsDone}.`);
      const limit = setTimeout(() => this.path.seat.abandon(), STOP_MS);
      try {
        await halt();
      } catch (error) {
        if (!isAbandoned(error)) throw error;
        this.handle(error);
        await halt();
      } finally {
        clearTimeout(limit);
      }
      if (this.statusNow === 'cancelled') this.path.seat.release();
    });
  }

  /** Back to the same initial weights, with the present live values. */
  rewind(): Promise<void> {
    this.urge();
    return this.enqueue(async () => {
      this.reset();
      this.setStatus('idle', '', true);
      this.saveCheckpoint();
    });
  }

  /** Stands still until a person runs it again: the reason is shown. */
  hold(reason: string): Promise<void> {
    return this.enqueue(async () => {
      await this.halt('paused', '');
      if (this.statusNow === 'idle' || this.statusNow === 'paused')
        this.setStatus('paused', `${reason}: change it, or run it again.`, true);
    });
  }

  /**
   * New live values of the graph; keys the plan does not read are ignored. The next step is done with them. An ended run keeps its results,
   * which stay those of the former values.
   */
  setLive(values: LiveNumbers): void {
    const { liveKeys } = this.compiled;
    if (!liveKeys.some((key) => values[key] !== this.live[key])) return;
    this.live = values;
    this.host.changed(this, true);
    // The initial state may depend on them.
    if (this.statusNow === 'idle')
      void this.enqueue(async () => {
        if (this.statusNow !== 'idle') return;
        this.path.reset(this.live);
        this.host.changed(this, true);
      });
  }

  /** Another device was chosen. A run that has begun stays where it is until it is rewound. */
  changeDevice(): Promise<void> {
    return this.enqueue(async () => {
      this.chooseAgain = true;
      if (this.path.stepsDone === 0) this.reset();
    });
  }

  /** Takes a checkpoint of the same content; false, and unchanged, when it does not fit or the run has begun. */
  restore(checkpoint: Checkpoint): boolean {
    if (checkpoint.hash !== this.hash || this.statusNow !== 'idle' || this.path.stepsDone > 0)
      return false;
    if (!this.path.load(checkpoint)) return false;
    this.path.seat.load(checkpoint.device, checkpoint.moves ?? []);
    this.setStatus(checkpoint.status, checkpoint.message, true);
    return true;
  }

  /** An ended run that is outdated takes former results; its own make way. */
  exchange(former: Checkpoint): Promise<void> {
    return this.enqueue(async () => {
      if (!this.hasEnded || this.standing !== 'outdated') return;
      this.host.replaced(this.checkpoint());
      this.reset();
      this.setStatus('idle', '');
      this.restore(former);
      this.saveCheckpoint();
    });
  }

  /** The device is gone: what it held is taken from the last snapshot. */
  loseDevice(device: Device, reason: string): void {
    if (!this.path.seat.lose(device, reason)) return;
    this.recovery.lose();
    this.path.fallBack();
  }

  dispose(): void {
    this.disposed = true;
    this.path.seat.break();
    void this.queue.then(() => this.path.seat.release());
  }

  value(): RunValue {
    const { plan, x0 } = this.compiled;
    const { latest, seat } = this.path;
    const { segments } = this;
    const value: RunValue = {
      kind: 'run',
      nodeId: this.id,
      plan: { ...plan, label: this.label },
      status: this.statusNow,
      message: this.message,
      step: latest.step,
      parameters: this.compiled.parameters(latest.state),
      initialParameters: x0,
      series: this.path.measured(),
      path: this.path.iterates(),
      device: seat.coarsest,
      precision: precisionOf(seat.coarsest),
      segments: segments.map((stretch) => ({
        ...stretch,
        certificate: this.host.certificate(plan.objective, stretch.live),
      })),
      standing: this.standing,
      changes: this.changes(segments),
      since: this.standing === 'outdated' ? this.since(segments) : [],
    };
    const known = valued(value);
    const alarm = alarmOf(value.series, known, value.precision);
    const shortfall =
      this.statusNow === 'converged' && !alarm ? shortfallOf(value.series, known) : null;
    if (alarm !== this.alarmNow || shortfall !== this.shortfallNow) {
      this.alarmNow = alarm;
      this.shortfallNow = shortfall;
      this.host.changed(this, false);
    }
    return value;
  }

  report(): RunReport {
    const { seat, stepsDone, seconds, objective, infeasibility } = this.path;
    const { segments, standing } = this;
    const last = segments[segments.length - 1];
    const known = this.host.certificate(this.compiled.plan.objective, last.live);
    const off = known.state === 'unavailable' ? known.off : undefined;
    const fraction = known.state === 'pending' ? known.fraction : undefined;
    return {
      nodeId: this.id,
      label: this.label,
      status: this.statusNow,
      message: this.message,
      step: stepsDone,
      maxSteps: this.compiled.plan.maxSteps,
      seconds,
      objective,
      infeasibility,
      device: seat.name,
      precision: seat.precision,
      mode: seat.mode,
      standing,
      changes: this.changes(segments),
      since: standing === 'outdated' ? this.since(segments) : [],
      alarm: this.alarmNow,
      shortfall: this.statusNow === 'converged' ? this.shortfallNow : null,
      ...(seat.moved === undefined ? {} : { moved: seat.moved }),
      ...(off === undefined ? {} : { certificateOff: off }),
      ...(fraction === undefined ? {} : { certificateProgress: fraction }),
      ...(this.cost ? { cost: this.cost } : {}),
    };
  }

  checkpoint(): Checkpoint {
    const { step, seconds, state } = this.path.latest;
    return {
      nodeId: this.id,
      hash: this.hash,
      device: this.path.seat.name,
      stepsDone: step,
      seconds,
      status: this.statusNow,
      message: this.message,
      state,
      series: this.path.measured(step),
      path: this.path.iterates(),
      segments: this.segments,
      ...(this.path.seat.moves.length > 0 ? { moves: this.path.seat.moves } : {}),
    };
  }

  /** It went on on another device after it had begun. */
  get hasMoved(): boolean {
    return this.path.seat.moves.length > 0;
  }

  /** Present values that the last results were not computed with. */
  private since(segments: readonly Stretch[]): LiveChange[] {
    return this.changesTo(segments[segments.length - 1].live, this.live);
  }

  private changes(segments: readonly Stretch[]): ChangeOnTheWay[] {
    return segments.slice(1).map(({ from, live }, i) => ({
      step: from,
      changes: this.changesTo(segments[i].live, live),
    }));
  }

  private changesTo(from: LiveNumbers, to: LiveNumbers): LiveChange[] {
    return changesBetween(this.compiled.liveKeys, from, to, (key) => this.host.nameOf(key));
  }

  private async advance(most?: number): Promise<void> {
    const { seat } = this.path;
    const { moves } = seat;
    const progress = await this.working(() =>
      this.path.advance(
        () => this.host.chooseDevice(this.compiled, this.recovery.without),
        () => !this.disposed,
        this.live,
        most,
      ),
    );
    if (seat.moves.length > moves.length)
      this.host.log('warning', `${this.label} goes on on another device: ${seat.moved}.`);
    if (!progress) return;
    const { ended, snapshot } = progress;
    if (ended) {
      this.setStatus(ended.status, ended.message, true);
      this.saveCheckpoint();
      this.path.seat.release();
      return;
    }
    this.host.changed(this, snapshot);
    if (snapshot && this.host.now() - this.checkpointAt >= this.checkpointMs) this.saveCheckpoint();
  }

  private async halt(status: 'paused' | 'cancelled', message: string): Promise<void> {
    const going = this.statusNow === 'running' || this.statusNow === 'paused';
    // A run about to end, whose overshoot is being undone, ends by itself.
    if (!going || this.statusNow === status || this.path.isEnding) return;
    await this.working(() => this.path.standStill());
    this.setStatus(status, message, true);
    this.saveCheckpoint();
  }

  /** The page is told for as long as it takes. */
  private async working<T>(operation: () => Promise<T>): Promise<T> {
    const end = this.host.activity.begin({
      kind: 'chunk',
      nodeId: this.id,
      name: this.label,
      key: this.hash,
    });
    this.atWork = true;
    try {
      return await operation();
    } finally {
      this.atWork = false;
      end();
    }
  }

  /** What is under way is let go when it does not come back soon: a long chunk on a GPU, a driver that compiles. */
  private urge(): void {
    if (!this.atWork) return;
    const { turn } = this;
    setTimeout(() => {
      if (this.atWork && this.turn === turn) this.path.seat.abandon();
    }, STOP_MS);
  }

  private reset(): void {
    const { seat } = this.path;
    if (this.chooseAgain || this.recovery.without.length > 0 || seat.moves.length > 0)
      seat.release();
    this.chooseAgain = false;
    seat.moves = [];
    this.path.reset(this.live);
    this.alarmNow = null;
    this.shortfallNow = null;
    this.recovery = new Recovery();
  }

  /** The last state that was read back, if it is newer than the last checkpoint. */
  saveLatest(): void {
    if (this.path.latest.step > this.savedStep) this.saveCheckpoint();
  }

  /** Large states are copied to the page less often. */
  private get checkpointMs(): number {
    const numbers = this.path.latest.state.reduce((sum, { data }) => sum + data.length, 0);
    return CHECKPOINT_MS * Math.max(1, numbers / CHECKPOINT_NUMBERS);
  }

  private saveCheckpoint(): void {
    this.checkpointAt = this.host.now();
    this.savedStep = this.path.latest.step;
    this.host.checkpoint(this.checkpoint());
  }

  private setStatus(status: RunStatus, message: string, snapshot = false): void {
    this.statusNow = status;
    this.message = message;
    this.host.changed(this, snapshot);
  }

  private enqueue(operation: () => Promise<void>): Promise<void> {
    const next = this.queue.then(async () => {
      if (this.disposed) return;
      this.turn += 1;
      try {
        await operation();
      } catch (error) {
        if (!this.disposed) this.handle(error);
      }
    });
    this.queue = next;
    return next;
  }

  /** @returns whether it goes on from its last state on another device */
  private recover(error: unknown, message: string, reached: number, step: number): boolean {
    const { seat } = this.path;
    const device = seat.given ?? seat.name;
    const remedy = this.recovery.remedy(error, device, step > 0);
    if (!remedy) return false;
    seat.forget();
    this.path.fallBack();
    const lost = error instanceof DeviceError && error.code === 'lost';
    const what = lost
      ? `the device was lost at about step ${reached}`
      : `${device} was lost and cannot be had again`;
    const then = remedy === 'without' ? ` without ${device}` : '';
    this.host.log(
      'warning',
      `${this.label}: ${what} (${message}). It goes on from step ${step}${then}; the steps since are repeated.`,
    );
    this.host.changed(this, true);
    return true;
  }

  private handle(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const reached = this.path.stepsDone;
    const { step } = this.path.latest;
    if (this.recover(error, message, reached, step)) return;
    this.path.seat.release();
    this.path.fallBack();
    if (isAbandoned(error)) {
      const gone = reached - step;
      if (gone > 0)
        this.host.log(
          'info',
          `${this.label}: stopped within a chunk; the ${gone} steps since step ${step} are left out.`,
        );
      this.host.changed(this, true);
      return;
    }
    const gone = reached - step;
    const loss = gone > 0 ? ` ${gone} steps since step ${step} were lost.` : '';
    this.setStatus('failed', message + loss, true);
    this.host.log('error', `${this.label}: ${message}`);
    this.saveCheckpoint();
  }
}

/** A person stopped the run while the device was at work on it. */
function isAbandoned(error: unknown): boolean {
  return error instanceof DeviceError && error.code === 'abandoned';
}
