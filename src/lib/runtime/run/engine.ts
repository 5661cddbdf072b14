/**
 * Ties evaluation and runs together behind the message protocol. It lives in a worker beside the page, and in the same
 * process in the headless runner and in tests.
 *
 * What starts when: data, models, losses and views are evaluated as soon as they can be; runs begin at the command `run`.
 * A structural change resets the runs that depend on it to idle; one that was running starts again from the initial
 * weights by itself. Undoing the change brings back the run as it was.
 */
import type { Device, DeviceChoice } from '../device/device.ts';
import { validateParams } from '../graph/params.ts';
import { liveKey } from '../graph/hash.ts';
import type { NodeRegistry } from '../graph/node-definition.ts';
import type { GraphDocument } from '../graph/document.ts';
import { schedule } from '../graph/schedule.ts';
import type { Schedule, ScheduledNode } from '../graph/schedule.ts';
import { createCpu64 } from '../device/cpu64/index.ts';

import { Certificates } from './certificates.ts';
import { compilePlan, initialParameters } from './compile-plan.ts';
import type { CompiledPlan } from './compile-plan.ts';
import { programFlops } from './cost.ts';
import type { DeviceManager } from './devices.ts';
import { Evaluator } from './evaluator.ts';
import { fingerprint } from './fingerprint.ts';
import { batchKey, initialKey } from './keys.ts';
import type {
  Checkpoint,
  FromWorker,
  NodeReport,
  RunCommand,
  RunReport,
  ToWorker,
} from './protocol.ts';
import { Run } from './run.ts';
import type { LiveNumbers } from './trajectory.ts';
import type { RunPlan, RunValue } from './run-value.ts';
import { summarizeTable } from '../table/index.ts';
import { Tables } from './tables.ts';
import type { TableSource } from './tables.ts';
import { yieldToLoop } from './yield.ts';

export interface EngineOptions {
  readonly registry: NodeRegistry;
  readonly devices: DeviceManager;
  readonly tables: TableSource;
  readonly send: (message: FromWorker) => void;
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
}

/** Reports of runs are sent at most this often, except when a status changes. */
const REPORT_MS = 80;
const REMEMBERED = 32;

export class Engine {
  private readonly options: EngineOptions;
  private readonly now: () => number;
  private readonly tables: Tables;
  private readonly evaluator: Evaluator;
  private readonly certificates = new Certificates();
  private readonly runs = new Map<string, Run>();
  private readonly watched = new WeakSet<object>();
  private current: Schedule | null = null;
  private document: GraphDocument | null = null;
  private revision = 0;
  private choice: DeviceChoice | null = null;
  private live: LiveNumbers = {};
  /** Runs to start as soon as their plan is there. */
  private readonly toStart = new Set<string>();
  private readonly restorable = new Map<string, Checkpoint>();
  private readonly remembered = new Map<string, Checkpoint>();
  private readonly parses = new Map<number, AbortController>();
  private readonly nodeReports = new Map<string, NodeReport>();
  private readonly fresh = new Set<string>();
  private runsChanged = false;
  private runsSentAt = -Infinity;
  private looping = false;
  private woken = false;
  private unsettled = false;
  private disposed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.tables = new Tables(options.tables);
    this.evaluator = new Evaluator({
      now: this.now,
      cpu64: createCpu64(),
      table: (ref, load) => this.tables.load(ref, load),
      report: (report) => this.nodeReports.set(report.nodeId, report),
      planReady: (scheduled, plan) => this.planReady(scheduled, plan),
      wake: () => this.wake(),
    });
  }

  /** Number of evaluations begun so far. */
  get evaluations(): number {
    return this.evaluator.evaluations;
  }

  receive(message: ToWorker): void {
    if (this.disposed) return;
    switch (message.type) {
      case 'document':
        this.setDocument(message.document, message.revision);
        break;
      case 'command':
        this.command(message.command, message.nodeIds);
        break;
      case 'live':
        this.setLive(message.nodeId, message.param, message.value);
        break;
      case 'device':
        this.setDevice(message.choice);
        break;
      case 'restore':
        this.restore(message.checkpoints);
        break;
      case 'parse':
        void this.parse(message.id, message.name, message.source);
        break;
      case 'cancel-parse':
        this.parses.get(message.id)?.abort(new DOMException('cancelled', 'AbortError'));
        break;
      case 'table':
        // Answered to whoever asked, by the table source.
        break;
    }
  }

  /** Present values of the runs, for exports. */
  runValues(): RunValue[] {
    return [...this.runs.values()].map((run) => run.value());
  }

  runReports(): RunReport[] {
    return [...this.runs.values()].map((run) => run.report());
  }

  nodeStates(): NodeReport[] {
    return this.evaluator.reports();
  }

  scalars(): ReturnType<Evaluator['scalars']> {
    return this.evaluator.scalars();
  }

  dispose(): void {
    this.disposed = true;
    this.evaluator.dispose();
    this.certificates.dispose();
    for (const run of this.runs.values()) run.dispose();
    for (const parse of this.parses.values()) parse.abort();
    this.options.devices.dispose();
  }

  private setDocument(document: GraphDocument, revision: number): void {
    const before = this.document;
    this.document = document;
    this.revision = revision;
    this.current = schedule(document, this.options.registry);
    this.live = this.current.liveValues;
    for (const [id, run] of this.runs) {
      const scheduled = this.current.byId.get(id);
      if (scheduled?.hash === run.hash) {
        if (run.label !== this.labelOf(scheduled, run.compiled.plan)) this.rename(run, scheduled);
        void run.setLive(this.live);
        if (run.status !== 'idle') this.certify(run);
        continue;
      }
      if (run.status === 'running' && scheduled?.isRun) this.toStart.add(id);
      this.discard(run);
    }
    for (const id of this.toStart) if (!this.current.byId.get(id)?.isRun) this.toStart.delete(id);
    this.evaluator.setSchedule(this.current);
    if (before?.device !== document.device) this.setDevice(document.device);
    this.unsettled = true;
    this.wake();
  }

  /** Without `nodeIds`, `run` begins all idle and paused runs, and the ended ones only when there are no others. */
  private command(command: RunCommand, nodeIds?: readonly string[]): void {
    const all = this.current?.order.filter((node) => node.isRun).map((node) => node.id) ?? [];
    const chosen = nodeIds ? all.filter((id) => nodeIds.includes(id)) : all;
    this.unsettled = true;
    if (command === 'run') {
      const fresh = chosen.filter((id) => {
        const status = this.runs.get(id)?.status ?? 'idle';
        return status === 'idle' || status === 'paused' || status === 'running';
      });
      for (const id of nodeIds || fresh.length === 0 ? chosen : fresh) this.start(id);
      this.wake();
      return;
    }
    for (const id of chosen) {
      this.toStart.delete(id);
      const run = this.runs.get(id);
      if (!run) continue;
      void run[command]().then(() => this.wake());
    }
  }

  private start(id: string): void {
    const run = this.runs.get(id);
    if (!run) this.toStart.add(id);
    else {
      void run.start().then(() => this.wake());
      this.certify(run);
    }
  }

  private setLive(nodeId: string, param: string, value: number): void {
    const scheduled = this.current?.byId.get(nodeId);
    const definition = scheduled?.definition;
    const key = liveKey(nodeId, param);
    if (!definition || !this.document || !Object.hasOwn(this.live, key)) return;
    const { problems } = validateParams(definition, { [param]: value });
    if (problems.length > 0) {
      this.log('warning', problems[0].message);
      return;
    }
    const nodes = this.document.nodes.map((node) =>
      node.id === nodeId ? { ...node, params: { ...node.params, [param]: value } } : node,
    );
    this.setDocument({ ...this.document, nodes }, this.revision);
  }

  private setDevice(choice: DeviceChoice): void {
    const changed = this.choice !== null && this.choice !== choice;
    this.choice = choice;
    // A run stays on its device; one that has not begun, or begins again, takes the new choice.
    if (changed)
      for (const run of this.runs.values()) void run.changeDevice().then(() => this.wake());
    void this.reportDevice();
  }

  private restore(checkpoints: readonly Checkpoint[]): void {
    for (const checkpoint of checkpoints) {
      const run = this.runs.get(checkpoint.nodeId);
      if (!run || !this.takeUp(run, checkpoint)) this.restorable.set(checkpoint.nodeId, checkpoint);
    }
    this.wake();
  }

  private takeUp(run: Run, checkpoint: Checkpoint | undefined): boolean {
    if (!checkpoint || !run.restore(checkpoint)) return false;
    this.restorable.delete(run.id);
    this.unsettled = true;
    if (run.status !== 'idle') this.certify(run);
    return true;
  }

  private async parse(id: number, name: string, source: Blob | string): Promise<void> {
    const abort = new AbortController();
    this.parses.set(id, abort);
    try {
      const { table, hash } = await this.tables.parse(source, {
        name,
        signal: abort.signal,
        onProgress: (fraction) => this.send({ type: 'parse-progress', id, fraction }),
      });
      this.send({ type: 'parsed', id, name, hash, summary: summarizeTable(table) });
    } catch (error) {
      this.send({ type: 'parse-failed', id, message: errorText(error) });
    } finally {
      this.parses.delete(id);
    }
  }

  /** Called while an optimizer is evaluated; what is thrown here is shown on it. */
  private planReady(scheduled: ScheduledNode, plan: RunPlan): RunValue {
    const { id, hash } = scheduled;
    const old = this.runs.get(id);
    if (old) this.discard(old);
    const seed = this.current?.seed ?? 0;
    const compiled = compilePlan(plan, {
      x0: initialParameters(plan, initialKey(seed)),
      key: batchKey(seed),
      liveValues: this.live,
    });
    const label = this.labelOf(scheduled, plan);
    const run = new Run(id, hash, label, compiled, this.live, {
      now: this.now,
      chooseDevice: (request) => this.chooseDevice(request),
      changed: (which, snapshot) => this.runChanged(which, snapshot),
      checkpoint: (checkpoint) => this.send({ type: 'checkpoint', checkpoint }),
      log: (level, message) => this.log(level, message),
    });
    this.runs.set(id, run);
    this.runsChanged = true;
    const remembered = this.remembered.get(this.memoryKey(run));
    if (!this.takeUp(run, this.restorable.get(id)) && !this.toStart.has(id))
      this.takeUp(run, remembered);
    if (this.toStart.delete(id) && run.status !== 'running') this.start(id);
    return run.value();
  }

  private async chooseDevice(compiled: CompiledPlan): ReturnType<DeviceManager['choose']> {
    const { step, data, state } = compiled.spec;
    const bytes = [...data, ...state].reduce((sum, array) => sum + 4 * array.data.length, 0);
    const chosen = await this.options.devices.choose({
      choice: this.choice ?? 'auto',
      flopsPerStep: programFlops(step),
      bytes,
    });
    const { device, reason } = chosen;
    void this.reportDevice({ device, reason });
    if (!this.watched.has(device)) {
      this.watched.add(device);
      void device.lost.then((reason) => {
        this.log('warning', `${device.description} was lost: ${reason}`);
        for (const run of this.runs.values()) run.loseDevice(device, reason);
      });
    }
    return chosen;
  }

  /** What the page shows; with `used`, the device that a run was given and why. */
  private async reportDevice(used?: {
    readonly device: Device;
    readonly reason: string;
  }): Promise<void> {
    try {
      const report = await this.options.devices.report(this.choice ?? 'auto');
      const present = used && {
        chosen: used.device.name,
        reason: used.reason,
        description: used.device.description,
        precision: used.device.precision,
      };
      this.send({ type: 'device', report: { ...report, ...present } });
    } catch (error) {
      this.log('error', errorText(error));
    }
  }

  /** Attaches f* at the present live values, when there is one and as soon as it is known. */
  private certify(run: Run): void {
    const { objective } = run.compiled.plan;
    const key = this.certificates.key(objective, this.live);
    if (run.certificateKey === key) return;
    run.certificateKey = key;
    run.certificate = null;
    this.certificates.get(objective, this.live).then(
      (certificate) => {
        if (this.runs.get(run.id) !== run || run.certificateKey !== key) return;
        run.certificate = certificate;
        this.runChanged(run, true);
        this.wake();
      },
      (error: unknown) => {
        this.log('warning', `f* of ${objective.title}: ${errorText(error)}`);
        this.wake();
      },
    );
  }

  private discard(run: Run): void {
    const checkpoint = run.checkpoint();
    if (checkpoint.stepsDone > 0) {
      const status = checkpoint.status === 'running' ? 'paused' : checkpoint.status;
      this.remembered.set(this.memoryKey(run), { ...checkpoint, status });
      for (const key of this.remembered.keys()) {
        if (this.remembered.size <= REMEMBERED) break;
        this.remembered.delete(key);
      }
    }
    run.dispose();
    this.runs.delete(run.id);
    this.runsChanged = true;
  }

  private memoryKey(run: Run): string {
    return JSON.stringify([run.id, run.hash, run.compiled.liveKeys.map((key) => this.live[key])]);
  }

  private rename(run: Run, scheduled: ScheduledNode): void {
    run.label = this.labelOf(scheduled, run.compiled.plan);
    this.runChanged(run, true);
  }

  private labelOf(scheduled: ScheduledNode, plan: RunPlan): string {
    return scheduled.node.label || plan.label;
  }

  private runChanged(run: Run, snapshot: boolean): void {
    if (this.runs.get(run.id) !== run) return;
    this.runsChanged = true;
    if (snapshot) this.fresh.add(run.id);
  }

  private wake(): void {
    this.woken = true;
    if (this.looping || this.disposed) return;
    this.looping = true;
    void this.loop().catch((error: unknown) => this.log('error', `internal: ${errorText(error)}`));
  }

  /** One evaluation and one chunk a turn, letting messages in between; ends when nothing is left to do. */
  private async loop(): Promise<void> {
    let turn = 0;
    let reported = new Map<string, string>();
    while (!this.disposed) {
      this.woken = false;
      await yieldToLoop();
      if (this.disposed) return;
      for (const id of this.fresh) {
        const run = this.runs.get(id);
        if (run) this.evaluator.setRunValue(id, run.value());
      }
      this.fresh.clear();
      const running = [...this.runs.values()].filter((run) => run.status === 'running');
      const evaluated = this.evaluator.evaluateNext(running.length > 0);
      if (running.length > 0) await running[turn++ % running.length].chunk();
      reported = this.flush(reported);
      if (evaluated || running.length > 0 || this.woken || this.fresh.size > 0) continue;
      break;
    }
    this.looping = false;
    this.flush(new Map());
    this.settle();
  }

  private flush(reported: Map<string, string>): Map<string, string> {
    if (this.nodeReports.size > 0) {
      this.send({
        type: 'nodes',
        revision: this.revision,
        reports: [...this.nodeReports.values()],
      });
      this.nodeReports.clear();
    }
    if (!this.runsChanged) return reported;
    const statuses = new Map([...this.runs.values()].map((run) => [run.id, run.status]));
    const same =
      statuses.size === reported.size &&
      [...statuses].every(([id, status]) => reported.get(id) === status);
    if (same && this.now() - this.runsSentAt < REPORT_MS) return reported;
    this.runsChanged = false;
    this.runsSentAt = this.now();
    this.send({
      type: 'runs',
      revision: this.revision,
      reports: this.runReports(),
    });
    return statuses;
  }

  private settle(): void {
    if (!this.unsettled || this.evaluator.busy || this.certificates.busy) return;
    this.unsettled = false;
    const runs = [...this.runs.values()];
    this.send({
      type: 'settled',
      revision: this.revision,
      fingerprint: fingerprint(runs, this.evaluator.scalars(), this.evaluator.reports()),
    });
  }

  private send(message: FromWorker): void {
    if (!this.disposed) this.options.send(message);
  }

  private log(level: 'info' | 'warning' | 'error', message: string): void {
    this.send({ type: 'log', level, message });
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
