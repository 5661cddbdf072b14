/**
 * Ties evaluation and runs together behind the message protocol. It lives in a worker beside the page, and in the same
 * process in the headless runner and in tests.
 *
 * What starts when: data, models, losses and views are evaluated as soon as they can be; runs begin at the command `run`.
 * A structural change resets the runs that depend on it to idle; one that was running starts again from the initial
 * weights by itself. Undoing the change brings back the run as it was.
 */
import { createCpu64 } from '../device/cpu64/index.ts';
import type { DeviceChoice } from '../device/device.ts';
import type { GraphDocument } from '../graph/document.ts';
import { setParam } from '../graph/edit.ts';
import { liveKey } from '../graph/hash.ts';
import { viewTable } from '../graph/node-table.ts';
import type { NodeTable } from '../graph/node-table.ts';
import type { NodeRegistry } from '../graph/node-definition.ts';
import { validateParams } from '../graph/params.ts';
import { schedule } from '../graph/schedule.ts';
import type { Schedule } from '../graph/schedule.ts';
import { summarizeTable } from '../table/index.ts';
import { Activity } from './activity.ts';
import type { DeviceManager } from './devices.ts';
import { Budget } from './budget.ts';
import { Evaluator } from './evaluator.ts';
import { fingerprint } from './fingerprint.ts';
import type { FromWorker, NodeReport, RunReport, ToWorker } from './protocol.ts';
import { Runs } from './runs.ts';
import type { RunStatus, RunValue } from './run-value.ts';
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
  /** Evaluates what it would hold and ask about. @default false */
  readonly allowAll?: boolean;
}

/** Reports of runs are sent at most this often, except when a status changes. */
const REPORT_MS = 80;

export class Engine {
  private readonly options: EngineOptions;
  private readonly now: () => number;
  private readonly tables: Tables;
  private readonly activity: Activity;
  private readonly budget: Budget;
  private readonly evaluator: Evaluator;
  private readonly runs: Runs;
  private readonly parses = new Map<number, AbortController>();
  private readonly nodeReports = new Map<string, NodeReport>();
  private document: GraphDocument | null = null;
  private current: Schedule | null = null;
  private revision = 0;
  private runsSentAt = -Infinity;
  private startingSent: readonly string[] = [];
  private statusesSent: ReadonlyMap<string, RunStatus> = new Map();
  private looping = false;
  private woken = false;
  private unsettled = false;
  private disposed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    const now = options.now ?? (() => performance.now());
    this.now = now;
    this.tables = new Tables(options.tables);
    const wake = () => this.wake();
    const activity = new Activity((open) => this.send({ type: 'work', open }));
    this.activity = activity;
    const budget = new Budget({ allowAll: options.allowAll ?? false });
    this.budget = budget;
    this.runs = new Runs({
      budget,
      devices: options.devices,
      activity,
      now,
      wake,
      send: (message) => this.send(message),
    });
    this.evaluator = new Evaluator({
      activity,
      now,
      wake,
      beforeLong: () => this.runs.saveLatest(),
      budget,
      cpu64: createCpu64(),
      table: (ref, load) => this.tables.load(ref, load),
      report: (report) => {
        this.nodeReports.set(report.nodeId, report);
        // Told while the evaluation goes on, when nothing else may be under way.
        if (report.progress) wake();
      },
      planReady: (scheduled, plan, within) => this.runs.planReady(scheduled, plan, within),
    });
  }

  /** Number of evaluations begun so far. */
  get evaluations(): number {
    return this.evaluator.evaluations;
  }
  runValues(): RunValue[] {
    return this.runs.all().map((run) => run.value());
  }
  runReports(): RunReport[] {
    return this.runs.reports();
  }
  nodeStates(): NodeReport[] {
    return this.evaluator.reports();
  }
  /** All numbers that a node shows; null where it shows none, or is not ready. */
  table(nodeId: string): NodeTable | null {
    const view = this.evaluator.state(nodeId)?.view;
    return this.evaluator.table(nodeId) ?? (view ? viewTable(view) : null);
  }
  scalars(): ReturnType<Evaluator['scalars']> {
    return this.evaluator.scalars();
  }

  receive(message: ToWorker): void {
    if (this.disposed) return;
    switch (message.type) {
      case 'document':
        this.setDocument(message.document, message.revision);
        break;
      case 'command':
        this.unsettled = true;
        this.runs.command(message.command, message.nodeIds, message.unasked);
        break;
      case 'live':
        this.setLive(message.nodeId, message.param, message.value);
        break;
      case 'device':
        this.setDevice(message.choice);
        break;
      case 'distrust':
        this.budget.distrust();
        break;
      case 'allow':
        this.allow(message.keys, message.trust);
        break;
      case 'restore':
        this.unsettled = true;
        this.runs.restore(message.checkpoints);
        break;
      case 'parse':
        void this.parse(message.id, message.name, message.source);
        break;
      case 'cancel-parse':
        this.parses.get(message.id)?.abort(new DOMException('cancelled', 'AbortError'));
        break;
      case 'export': {
        const table = this.evaluator.table(message.nodeId);
        this.send({ type: 'exported', id: message.id, table });
        break;
      }
      case 'ping':
        this.send({ type: 'pong', id: message.id });
        break;
      case 'off':
        this.activity.setMarks(message.marks);
        this.evaluator.followMarks();
        this.runs.followMarks();
        this.unsettled = true;
        this.wake();
        break;
      case 'table':
        // Answered to whoever asked, by the table source.
        break;
    }
  }

  dispose(): void {
    this.disposed = true;
    this.evaluator.dispose();
    this.runs.dispose();
    for (const parse of this.parses.values()) parse.abort();
  }

  private setDocument(document: GraphDocument, revision: number): void {
    const end = this.activity.begin({
      kind: 'document',
      name: document.title,
      key: String(revision),
    });
    const before = this.document;
    this.document = document;
    this.revision = revision;
    this.current = schedule(document, this.options.registry);
    this.runs.follow(this.current);
    this.evaluator.setSchedule(this.current);
    if (before?.device !== document.device) this.setDevice(document.device);
    end();
    this.unsettled = true;
    this.wake();
  }

  /** What was too much for one device may fit another. */
  private setDevice(choice: DeviceChoice): void {
    this.runs.setChoice(choice);
    this.evaluator.reconsider();
    this.wake();
  }

  private allow(keys: readonly string[], trust: boolean): void {
    for (const key of keys) this.budget.allow(key);
    if (trust) this.budget.trust();
    this.unsettled = true;
    this.evaluator.reconsider(trust ? undefined : keys);
    this.wake();
  }

  private setLive(nodeId: string, param: string, value: number): void {
    const definition = this.current?.byId.get(nodeId)?.definition;
    if (!definition || !this.document || !this.current) return;
    if (!Object.hasOwn(this.current.liveValues, liveKey(nodeId, param))) return;
    const { problems } = validateParams(definition, { [param]: value });
    if (problems.length > 0) this.log('warning', problems[0].message);
    else this.setDocument(setParam(this.document, nodeId, param, value), this.revision);
  }

  private async parse(id: number, name: string, source: Blob | string): Promise<void> {
    const abort = new AbortController();
    this.parses.set(id, abort);
    const end = this.activity.begin({ kind: 'table', name, key: String(id) });
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
      end();
      this.parses.delete(id);
      this.wake();
    }
  }

  private wake(): void {
    this.woken = true;
    if (this.looping || this.disposed) return;
    this.looping = true;
    void this.loop().catch((error: unknown) => {
      this.looping = false;
      this.log('error', `internal: ${errorText(error)}`);
    });
  }

  /** One evaluation and one chunk a turn, letting messages in between; ends when nothing is left to do. */
  private async loop(): Promise<void> {
    for (let turn = 0; !this.disposed; turn++) {
      this.woken = false;
      await yieldToLoop();
      if (this.disposed) return;
      for (const [id, value] of this.runs.takeFresh()) this.evaluator.setRunValue(id, value);
      const running = this.runs.running();
      const evaluated = this.evaluator.evaluateNext(running.length > 0);
      if (running.length > 0) await running[turn % running.length].chunk();
      const idle = !evaluated && running.length === 0 && !this.woken && !this.runs.hasFresh;
      this.flush(idle);
      if (!idle) continue;
      this.activity.rest();
      this.looping = false;
      this.settle();
      return;
    }
  }

  /** Sends what changed; reports of runs not too often, unless `all`. */
  private flush(all: boolean): void {
    if (this.nodeReports.size > 0) {
      const reports = [...this.nodeReports.values()];
      this.nodeReports.clear();
      this.send({ type: 'nodes', revision: this.revision, reports });
    }
    const starting = this.runs.starting();
    if (starting.join() !== this.startingSent.join()) {
      this.startingSent = starting;
      this.send({ type: 'starting', nodeIds: starting });
    }
    if (!this.runs.changed) return;
    const statuses = new Map(this.runs.all().map((run) => [run.id, run.status]));
    const same =
      statuses.size === this.statusesSent.size &&
      [...statuses].every(([id, status]) => this.statusesSent.get(id) === status);
    if (!all && same && this.now() - this.runsSentAt < REPORT_MS) return;
    this.runs.changed = false;
    this.runsSentAt = this.now();
    this.statusesSent = statuses;
    this.send({ type: 'runs', revision: this.revision, reports: this.runs.reports() });
  }

  private settle(): void {
    if (!this.unsettled || this.evaluator.busy || this.runs.busy) return;
    this.unsettled = false;
    const { evaluator, revision } = this;
    const numbers = fingerprint(this.runs.all(), evaluator.scalars(), evaluator.reports());
    this.send({ type: 'settled', revision, fingerprint: numbers });
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
