/** The runs of a graph: made when their plan is evaluated, started and reset as commands and changes ask. */
import type { Device, DeviceChoice, DeviceName, Precision } from '../device/device.ts';
import { outputType } from '../graph/schedule.ts';
import type { Schedule, ScheduledNode } from '../graph/schedule.ts';
import { estimate } from '../ir/estimate.ts';
import { hostWork } from '../ir/host-work.ts';
import type { LiveNumbers, ObjectiveValue } from '../graph/ports.ts';
import type { Program } from '../ir/types.ts';
import type { Activity } from './activity.ts';
import { REFUSED, STRANGER_RUN_SECONDS } from './budget.ts';
import type { Budget } from './budget.ts';
import { Certificates, valuesKey } from './certificates.ts';
import type { Wanted } from './certificates.ts';
import { beginPlan, initialParameters, tracePlan } from './compile-plan.ts';
import type { CompiledPlan, TracedPlan } from './compile-plan.ts';
import { remedyOf, runCost } from './cost.ts';
import type { RunCost } from './cost.ts';
import type { DeviceManager, DeviceRequest, Expectation } from './devices.ts';
import { batchKey, initialKey } from './keys.ts';
import type { Checkpoint, FromWorker, RunCommand, RunReport } from './protocol.ts';
import { Remembered } from './remembered.ts';
import { Run } from './run.ts';
import type { RunHost } from './run.ts';
import type { RunPlan, RunValue } from './run-value.ts';
import { segmentsToCertify } from './segments.ts';
import type { CertificateState } from './segments.ts';
import type { ChosenDevice } from './seat.ts';

export interface RunsHost {
  readonly devices: DeviceManager;
  readonly activity: Activity;
  readonly budget: Budget;
  now(): number;
  send(message: FromWorker): void;
  /** There is something to do, or something ended. */
  wake(): void;
}

/** A stretch that short, in milliseconds, is one of a slider that is being dragged: its f* can wait. */
const SETTLED_MS = 250;

export class Runs {
  /** Something in the reports changed since it was last set to false. */
  changed = false;
  private readonly host: RunsHost;
  private readonly runHost: RunHost;
  private readonly certificates: Certificates;
  private readonly byId = new Map<string, Run>();
  /** Runs with a new value for the nodes downstream. */
  private readonly fresh = new Set<string>();
  /** Runs to start as soon as their plan is there. */
  private readonly toStart = new Set<string>();
  /** Runs that a link asks for and no person, and the estimated seconds of those among them that were begun. */
  private readonly unasked = new Set<string>();
  private unaskedSeconds = 0;
  /** Commands for runs that will be taken up from a checkpoint once their plan is there. */
  private readonly early = new Map<string, 'pause' | 'stop' | 'rewind'>();
  private readonly restorable = new Map<string, Checkpoint>();
  private readonly remembered = new Remembered();
  private readonly watched = new WeakSet<Device>();
  /** Until a change of live values is no more one of a slider that is being dragged. */
  private settling: ReturnType<typeof setTimeout> | null = null;
  private schedule: Schedule | null = null;
  private choice: DeviceChoice | null = null;

  constructor(host: RunsHost) {
    this.host = host;
    this.certificates = new Certificates({
      activity: host.activity,
      progress: (objective) => this.certificateChanged(objective, false),
      changed: (objective) => this.certificateChanged(objective, true),
      failed: (objective, reason) =>
        this.runHost.log('warning', `f* of ${objective.title}: ${reason}`),
    });
    this.runHost = {
      activity: host.activity,
      now: () => host.now(),
      chooseDevice: (compiled, without) => this.chooseDevice(compiled, without),
      certificate: (objective, live) => this.certificateState(objective, live),
      nameOf: (key) => this.schedule?.liveNames[key] ?? key,
      changed: (run, snapshot) => this.touch(run, snapshot),
      checkpoint: (checkpoint) => host.send({ type: 'checkpoint', checkpoint }),
      replaced: (checkpoint) => this.remembered.keep(checkpoint),
      log: (level, message) => host.send({ type: 'log', level, message }),
    };
  }

  get busy(): boolean {
    return this.certificates.busy || this.settling !== null;
  }
  all(): Run[] {
    return [...this.byId.values()];
  }
  running(): Run[] {
    return this.all().filter((run) => run.status === 'running');
  }
  reports(): RunReport[] {
    return this.all().map((run) => run.report());
  }
  /** Runs that begin as soon as their plan is there. */
  starting(): string[] {
    return [...this.toStart];
  }
  get hasFresh(): boolean {
    return this.fresh.size > 0;
  }
  /** New values since the last call. */
  takeFresh(): [string, RunValue][] {
    const values = [...this.fresh].flatMap((id): [string, RunValue][] => {
      const run = this.byId.get(id);
      return run ? [[id, run.value()]] : [];
    });
    this.fresh.clear();
    return values;
  }

  /** Keeps the runs whose content is the same, passes on live values and names, discards the others. */
  follow(schedule: Schedule): void {
    this.schedule = schedule;
    for (const [id, run] of this.byId) {
      const scheduled = schedule.byId.get(id);
      if (scheduled?.hash !== run.hash) {
        if (run.status === 'running' && scheduled?.isRun) this.toStart.add(id);
        this.discard(run);
        continue;
      }
      const label = labelOf(scheduled, run.compiled.plan);
      if (run.label !== label) {
        run.label = label;
        this.touch(run, true);
      }
      run.setLive(schedule.liveValues);
      this.bringBack(run, schedule.liveValues);
    }
    for (const id of this.toStart) if (!schedule.byId.get(id)?.isRun) this.toStart.delete(id);
    this.certify();
  }

  /** Called while an optimizer is evaluated; what is thrown here is shown on it. */
  planReady(scheduled: ScheduledNode, plan: RunPlan, { seed, liveValues }: Schedule): RunValue {
    const { id, hash } = scheduled;
    const old = this.byId.get(id);
    if (old) this.discard(old);
    const traced = tracePlan(plan);
    const expected = this.expect(traced);
    const cost = runCost(traced, expected);
    const { budget } = this.host;
    const advice = remedy(traced, cost, expected, scheduled);
    budget.admit(runKey(id), scheduled.name, hash, cost, advice);
    let compiled: CompiledPlan;
    try {
      compiled = beginPlan(traced, {
        x0: initialParameters(plan, initialKey(seed)),
        key: batchKey(seed),
        liveValues,
      });
    } catch (error) {
      budget.release(runKey(id));
      throw error;
    }
    budget.keep(runKey(id), [], cost.bytes);
    const run = new Run(id, hash, labelOf(scheduled, plan), compiled, liveValues, this.runHost);
    run.cost = cost;
    this.byId.set(id, run);
    this.changed = true;
    const restart = this.toStart.delete(id);
    if (!this.takeUp(run, this.restorable.get(id)) && !restart)
      this.takeUp(run, this.remembered.takeLast(run));
    if (restart) this.start(id);
    this.obeyEarly(run);
    return run.value();
  }

  /**
   * Without `nodeIds`, `run` begins all idle and paused runs and those whose results are not of the present values, and all only when there are
   * no such.
   */
  command(command: RunCommand, nodeIds?: readonly string[], unasked = false): void {
    const all = this.schedule?.order.filter((node) => node.isRun).map((node) => node.id) ?? [];
    const chosen = nodeIds ? all.filter((id) => nodeIds.includes(id)) : all;
    for (const id of chosen) {
      if (unasked) this.unasked.add(id);
      else this.unasked.delete(id);
    }
    if (command === 'run') {
      const open = chosen.filter((id) => {
        const run = this.byId.get(id);
        return !run || !run.hasEnded || run.standing === 'outdated';
      });
      for (const id of nodeIds || open.length === 0 ? chosen : open) this.start(id);
      this.host.wake();
      return;
    }
    for (const id of chosen) {
      this.toStart.delete(id);
      const run = this.byId.get(id);
      if (run && command === 'rewind') this.forget(run);
      if (run) void run[command]().then(() => this.host.wake());
      else if (command !== 'step' && this.restorable.has(id)) this.early.set(id, command);
    }
    this.host.wake();
  }

  /** Each running run hands out its last state as a checkpoint, for the worker may not live on. */
  saveLatest(): void {
    for (const run of this.running()) run.saveLatest();
  }

  /** Off-marks changed. */
  followMarks(): void {
    this.certificates.followMarks();
    for (const run of this.byId.values()) {
      const mark = this.host.activity.off('chunk', run.hash);
      if (mark) void run.hold(mark.reason).then(() => this.host.wake());
      this.touch(run, true);
    }
  }

  /** A run that has begun stays on its device until it is rewound. */
  setChoice(choice: DeviceChoice): void {
    if (this.choice !== null && this.choice !== choice)
      for (const run of this.byId.values()) void run.changeDevice().then(() => this.host.wake());
    this.choice = choice;
    void this.reportDevice();
  }

  restore(checkpoints: readonly Checkpoint[]): void {
    for (const checkpoint of checkpoints) {
      const run = this.byId.get(checkpoint.nodeId);
      if (!run || !this.takeUp(run, checkpoint)) this.restorable.set(checkpoint.nodeId, checkpoint);
    }
    this.host.wake();
  }

  dispose(): void {
    if (this.settling !== null) clearTimeout(this.settling);
    this.certificates.dispose();
    for (const run of this.byId.values()) run.dispose();
    this.host.devices.dispose();
  }

  private start(id: string): void {
    this.early.delete(id);
    const run = this.byId.get(id);
    if (!run) {
      this.toStart.add(id);
      return;
    }
    if (this.host.activity.off('chunk', run.hash)) return;
    if (this.unasked.delete(id)) {
      const seconds = (run.cost?.stepSeconds ?? 0) * run.compiled.plan.maxSteps;
      if (this.unaskedSeconds + seconds > STRANGER_RUN_SECONDS) {
        this.runHost.log(
          'warning',
          `${run.label} was not begun by itself, since it would compute for about ${Math.round(seconds)} s. Press Run to begin it.`,
        );
        return;
      }
      this.unaskedSeconds += seconds;
    }
    if (run.status !== 'running') this.forget(run);
    void run.start().then(() => this.host.wake());
  }

  /** Results of other values make way for those of the present ones, where there are such: a change was undone. */
  private bringBack(run: Run, live: LiveNumbers): void {
    if (!run.hasEnded || run.standing !== 'outdated') return;
    const former = this.remembered.takeOf(run, live);
    if (former) void run.exchange(former).then(() => this.host.wake());
  }

  /** A person wants other results of the present values. */
  private forget(run: Run): void {
    if (this.schedule) this.remembered.takeOf(run, this.schedule.liveValues);
  }

  private takeUp(run: Run, checkpoint: Checkpoint | undefined): boolean {
    if (!checkpoint || !run.restore(checkpoint)) return false;
    if (this.restorable.get(run.id) === checkpoint) this.restorable.delete(run.id);
    return true;
  }

  /** Asks for f* at the values of the segments of all runs that have begun, those they go by now before others. */
  private certify(): void {
    const wanted: Wanted[] = [];
    for (const run of this.byId.values()) {
      const { objective } = run.compiled.plan;
      if (run.status === 'idle' || !objective.certify) continue;
      const { segments } = run;
      const fleeting =
        !run.hasEnded && segments.length > 1 && this.host.now() - run.changedAt < SETTLED_MS;
      if (fleeting) this.certifySoon();
      for (const index of segmentsToCertify(segments, run.stepsDone)) {
        const urgent = index === segments.length - 1;
        const { live } = segments[index];
        // Nothing is begun meanwhile, and what is under way goes on.
        if (fleeting && !this.certificates.isComputing(objective, live)) continue;
        const key = `${this.objectiveHash(run)} ${valuesKey(objective, live)}`;
        const work = {
          kind: 'certificate',
          nodeId: run.id,
          name: `f* of ${objective.title}`,
          key,
        } as const;
        wanted.push({ objective, live, urgent, work });
      }
    }
    this.certificates.want(wanted);
  }

  private certifySoon(): void {
    this.settling ??= setTimeout(() => {
      this.settling = null;
      this.certify();
      this.host.wake();
    }, SETTLED_MS);
  }

  private certificateState(objective: ObjectiveValue, live: LiveNumbers): CertificateState {
    const found = this.certificates.state(objective, live);
    if (found.state !== 'pending' || this.certificates.wants(objective, live)) return found;
    const begun = [...this.byId.values()].some(
      (run) => run.compiled.plan.objective === objective && run.status !== 'idle',
    );
    // It will be asked for when a run begins, or a slider has come to rest.
    if (!begun || this.settling !== null) return found;
    return { state: 'unavailable', reason: 'f* was not computed for so few steps.' };
  }

  private certificateChanged(objective: ObjectiveValue, snapshot: boolean): void {
    for (const run of this.byId.values())
      if (run.compiled.plan.objective === objective) this.touch(run, snapshot);
    this.host.wake();
  }

  /** Content of the objective that a run minimises. */
  private objectiveHash({ id, hash }: Run): string {
    const byId = this.schedule?.byId;
    const sources = [...(byId?.get(id)?.inputs.values() ?? [])].flat();
    for (const [from, port] of sources) {
      const source = byId?.get(from);
      if (source && outputType(source, port) === 'objective') return source.hash;
    }
    return hash;
  }

  /** What was asked of the run before its plan was there, and what a mark asks of it. */
  private obeyEarly(run: Run): void {
    const command = this.early.get(run.id);
    this.early.delete(run.id);
    if (command) void run[command]().then(() => this.host.wake());
    const mark = this.host.activity.off('chunk', run.hash);
    if (mark) void run.hold(mark.reason).then(() => this.host.wake());
  }

  private discard(run: Run): void {
    const checkpoint = run.checkpoint();
    const status = checkpoint.status === 'running' ? 'paused' : checkpoint.status;
    this.remembered.keep({ ...checkpoint, status });
    run.dispose();
    this.host.budget.release(runKey(run.id));
    this.byId.delete(run.id);
    this.changed = true;
    this.certify();
  }

  private touch(run: Run, snapshot: boolean): void {
    if (this.byId.get(run.id) !== run) return;
    this.changed = true;
    if (snapshot) this.fresh.add(run.id);
    this.certify();
  }

  /** What the run is likely to execute on. */
  private expect({ step, metrics }: Pick<TracedPlan, 'step' | 'metrics'>): Expectation {
    const { devices } = this.host;
    return devices.expect?.(this.request(step, metrics)) ?? { precision: 'float64', lead: 1 };
  }

  private request(step: Program, metrics: Program): Omit<DeviceRequest, 'bytes'> {
    return {
      choice: this.choice ?? 'auto',
      flopsPerStep: estimate(step).flops,
      hostWork: hostWork(step) ?? hostWork(metrics),
    };
  }

  private async chooseDevice(
    compiled: CompiledPlan,
    without: readonly DeviceName[],
  ): Promise<ChosenDevice> {
    const { step, metrics, data, state } = compiled.spec;
    const choice = this.choice ?? 'auto';
    const chosen = await this.host.devices.choose({
      ...this.request(step, metrics),
      bytes: [...data, ...state].reduce((sum, array) => sum + 4 * array.data.length, 0),
      without,
    });
    const { device } = chosen;
    this.recount(compiled, device.precision);
    if (choice !== 'auto' && device.name !== choice && without.length === 0)
      this.runHost.log('warning', `It runs on ${device.description}: ${chosen.reason}.`);
    void this.reportDevice(chosen);
    if (!this.watched.has(device)) {
      this.watched.add(device);
      void device.lost.then((reason) => {
        this.runHost.log('warning', `${device.description} was lost: ${reason}`);
        for (const run of this.byId.values()) run.loseDevice(device, reason);
      });
    }
    return chosen;
  }

  /** Where the device is another than was expected. @throws CostError */
  private recount(compiled: CompiledPlan, precision: Precision): void {
    const run = this.all().find((other) => other.compiled === compiled);
    const scheduled = run && this.schedule?.byId.get(run.id);
    if (!run || !scheduled) return;
    const actual = { ...this.expect(compiled.traced), precision };
    const cost = runCost(compiled.traced, actual);
    const { budget } = this.host;
    const { traced } = compiled;
    budget.require(runKey(run.id), run.label, cost, remedy(traced, cost, actual, scheduled));
    budget.keep(runKey(run.id), [], cost.bytes);
    run.cost = cost;
    this.changed = true;
  }

  /** What the page shows; with `used`, the device that a run was given and why. */
  private async reportDevice(used?: ChosenDevice): Promise<void> {
    try {
      const report = await this.host.devices.report(this.choice ?? 'auto');
      const present = used && {
        chosen: used.device.name,
        reason: used.reason,
        description: used.device.description,
        precision: used.device.precision,
      };
      this.host.send({ type: 'device', report: { ...report, ...present } });
    } catch (error) {
      this.runHost.log('error', errorText(error));
    }
  }
}

/** A person's name for the node, else the plan's own. */
function labelOf(scheduled: ScheduledNode, plan: RunPlan): string {
  return scheduled.node.label || plan.label;
}

/** Points at float32 only where that would do. */
function remedy(
  traced: TracedPlan,
  cost: RunCost,
  expected: Expectation,
  { params }: ScheduledNode,
): string {
  const half =
    expected.precision === 'float64' &&
    cost.bytes > REFUSED.bytes &&
    runCost(traced, { ...expected, precision: 'float32' }).bytes <= REFUSED.bytes;
  return remedyOf(cost, params, half);
}

/** Of the budget: an optimizer's run beside its evaluation. */
function runKey(id: string): string {
  return `run ${id}`;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
