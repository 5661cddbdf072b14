/**
 * Incremental evaluation: keeps the outputs of each node under its content hash, and evaluates what is missing in
 * dependency order. Results that arrive after the hash changed are dropped; their work is told to stop.
 */
import type { Device } from '../device/device.ts';
import { datasetTable } from '../graph/node-table.ts';
import type { NodeTable } from '../graph/node-table.ts';
import type { Evaluation, Table } from '../graph/node-definition.ts';
import type { PortType, PortValues, ScalarValue } from '../graph/ports.ts';
import type { Schedule, ScheduledNode } from '../graph/schedule.ts';
import type { TableRef } from '../graph/document.ts';
import { watchPace, watchProgress } from '../../numerics/pacer.ts';
import type { Activity } from './activity.ts';
import { CostError } from './budget.ts';
import type { Budget } from './budget.ts';
import { createContext } from './evaluate-context.ts';
import { keptBy } from './kept.ts';
import { createMeter } from './meter.ts';
import type { NodeReport } from './protocol.ts';
import type { RunPlan } from './run-value.ts';
import type { LoadOptions } from './tables.ts';

type Outputs = Readonly<Record<string, PortValues[PortType]>>;

interface Pending {
  readonly hash: string;
  readonly used: string;
  readonly abort: AbortController;
  /** Tells the page that it has ended. */
  readonly end: () => void;
}

/** What is known of one node. */
interface Cell {
  /** Hash under which `outputs` were evaluated; null when they were not, or failed. */
  hash: string | null;
  /** Stamps of the inputs `outputs` came from; only compared for nodes downstream of runs. */
  used: string;
  outputs: Outputs;
  table: Evaluation['table'];
  /** Changes whenever `outputs` do. */
  stamp: number;
  /** The hash and inputs of the last failure, so that it is not repeated. */
  failed: { readonly hash: string; readonly used: string } | null;
  pending: Pending | null;
  /** Milliseconds of the last evaluation; null before the first. */
  took: number | null;
  /** It did not fit beside evaluations that were going on, and waits for one of them to end. */
  waiting: boolean;
  /** Not before this time, while a run goes on. */
  notBefore: number;
  report: NodeReport;
}

export interface EvaluatorHost {
  readonly activity: Activity;
  /** An evaluation that may take long, or take the worker with it, is about to begin. */
  beforeLong(): void;
  now(): number;
  readonly cpu64: Device;
  readonly budget: Budget;
  table(ref: TableRef, options: LoadOptions): Promise<Table>;
  report(report: NodeReport): void;
  /** An optimizer was evaluated: gives the run's value, or throws what is wrong with the plan. */
  planReady(scheduled: ScheduledNode, plan: RunPlan, schedule: Schedule): PortValues['run'];
  /** An evaluation ended; others may have become possible. */
  wake(): void;
}

/** Between evaluations of a node downstream of a running run: at least this, and four times what one takes. */
const REFRESH_MS = 250;
/** An evaluation that took this long is announced to the host as long. */
const LONG_MS = 500;

export class Evaluator {
  /** Evaluations begun, for tests and diagnostics. */
  evaluations = 0;
  private readonly host: EvaluatorHost;
  private readonly cells = new Map<string, Cell>();
  private current: Schedule | null = null;
  private stamps = 0;

  constructor(host: EvaluatorHost) {
    this.host = host;
  }

  get busy(): boolean {
    return [...this.cells.values()].some((cell) => cell.pending);
  }

  setSchedule(schedule: Schedule): void {
    this.current = schedule;
    for (const [id, cell] of this.cells) {
      const scheduled = schedule.byId.get(id);
      if (cell.pending && cell.pending.hash !== scheduled?.hash) this.abandon(cell);
      if (!scheduled) {
        this.cells.delete(id);
        this.host.budget.release(id);
      }
    }
    for (const scheduled of schedule.order) {
      let cell = this.cells.get(scheduled.id);
      if (!cell) this.cells.set(scheduled.id, (cell = emptyCell(scheduled.id)));
      this.refresh(scheduled, cell);
    }
    for (const scheduled of schedule.order) {
      const failed = this.cells.get(scheduled.id)?.failed;
      if (failed && !scheduled.issue && failed.hash === scheduled.hash) this.blockBehind(scheduled);
    }
  }

  /** The run of an optimizer has a new value. */
  setRunValue(id: string, value: PortValues['run']): void {
    const cell = this.cells.get(id);
    const scheduled = this.current?.byId.get(id);
    if (!cell || !scheduled?.definition || cell.hash !== scheduled.hash) return;
    const port = scheduled.definition.outputs.find((output) => output.type === 'plan');
    if (!port) return;
    cell.outputs = { ...cell.outputs, [port.name]: value };
    cell.stamp = ++this.stamps;
  }

  /** Whether the node's outputs are those of the present document. */
  isReady(id: string): boolean {
    const cell = this.cells.get(id);
    const scheduled = this.current?.byId.get(id);
    return !!cell && !!scheduled && scheduled.hash !== '' && cell.hash === scheduled.hash;
  }

  state(id: string): NodeReport | undefined {
    return this.cells.get(id)?.report;
  }

  /** All rows of what a node shows, where its picture may hold only some: its own table, or the samples it gives. */
  table(id: string): NodeTable | null {
    const cell = this.cells.get(id);
    if (!cell || !this.isReady(id)) return null;
    if (cell.table) return cell.table();
    for (const value of Object.values(cell.outputs))
      if ('kind' in value && value.kind === 'dataset') return datasetTable(value);
    return null;
  }

  /** Scalar outputs by `nodeId.port`; those of a node that is not ready are left out. */
  scalars(): Record<string, ScalarValue> {
    const found: Record<string, ScalarValue> = {};
    for (const [id, cell] of this.cells) {
      if (!this.isReady(id)) continue;
      for (const [port, value] of Object.entries(cell.outputs))
        if ('kind' in value && value.kind === 'scalar') found[`${id}.${port}`] = value;
    }
    return found;
  }

  reports(): NodeReport[] {
    return [...this.cells.values()].map((cell) => cell.report);
  }

  /** Off-marks changed: what was off may begin again, and what is off now is given up. */
  followMarks(): void {
    for (const scheduled of this.current?.order ?? []) {
      const cell = this.cells.get(scheduled.id);
      if (!cell) continue;
      const off = this.host.activity.off('evaluation', scheduled.hash) !== undefined;
      if (cell.report.off !== undefined && !off) {
        cell.failed = null;
        this.say(cell, { nodeId: scheduled.id, state: 'stale' });
      } else if (cell.pending && off) this.abandon(cell);
    }
  }

  /** Begins the next evaluation that is due. @returns whether there was one */
  evaluateNext(someRunning: boolean): boolean {
    const schedule = this.current;
    if (!schedule) return false;
    for (const scheduled of schedule.order) {
      const cell = this.cells.get(scheduled.id);
      if (!cell || cell.pending || scheduled.issue || (cell.waiting && this.busy)) continue;
      const used = this.inputStamps(scheduled);
      if (used === null) continue;
      if (cell.hash === scheduled.hash && (!scheduled.volatile || cell.used === used)) continue;
      if (cell.failed?.hash === scheduled.hash && cell.failed.used === used) continue;
      if (
        scheduled.volatile &&
        someRunning &&
        cell.hash === scheduled.hash &&
        this.host.now() < cell.notBefore
      )
        continue;
      this.begin(scheduled, cell, used, schedule);
      return true;
    }
    return false;
  }

  dispose(): void {
    for (const cell of this.cells.values()) this.abandon(cell);
    this.cells.clear();
    this.current = null;
  }

  /** Brings the reported state in line with the schedule. */
  private refresh(scheduled: ScheduledNode, cell: Cell): void {
    const { issue, id } = scheduled;
    if (issue) {
      cell.hash = null;
      cell.failed = null;
      const { state, code, message, port } = issue;
      this.say(cell, {
        nodeId: id,
        state,
        error: { code, message, ...(port === undefined ? {} : { port }) },
      });
    } else if (cell.hash !== scheduled.hash && cell.failed?.hash !== scheduled.hash) {
      // Else a change that is taken back before it was evaluated would leave the node as if it still had to be.
      cell.failed = null;
      if (!cell.pending && cell.report.state !== 'stale')
        this.say(cell, { nodeId: id, state: 'stale' });
    }
  }

  /** Tries again what was held or refused for its cost: these contents after a yes, all where it would run on another device. */
  reconsider(keys?: readonly string[]): void {
    for (const cell of this.cells.values()) {
      const code = cell.report.error?.code;
      const costly = code === 'held' || code === 'too-large';
      if (costly && cell.failed && (keys?.includes(cell.failed.hash) ?? true)) cell.failed = null;
    }
    if (this.current) this.setSchedule(this.current);
  }

  /** Stamps of all inputs, or null while one of them is not ready. */
  private inputStamps(scheduled: ScheduledNode): string | null {
    const stamps: (number | string)[] = [];
    const refused = this.refusedRacers(scheduled);
    for (const sources of scheduled.inputs.values()) {
      for (const [id] of sources) {
        if (refused.has(id)) {
          stamps.push('refused');
          continue;
        }
        const cell = this.cells.get(id);
        if (!cell || !this.isReady(id)) return null;
        stamps.push(cell.stamp);
      }
    }
    return stamps.join();
  }

  /** Failed optimizers that a view of many runs does without; none when no other is left to show. */
  private refusedRacers(scheduled: ScheduledNode): ReadonlySet<string> {
    const refused = new Set<string>();
    for (const port of scheduled.definition?.inputs ?? []) {
      if (!port.many || port.type !== 'run') continue;
      const sources = scheduled.inputs.get(port.name) ?? [];
      const failed = sources.filter(([id]) => {
        const hash = this.cells.get(id)?.failed?.hash;
        return hash !== undefined && hash === this.current?.byId.get(id)?.hash;
      });
      if (failed.length < sources.length) for (const [id] of failed) refused.add(id);
    }
    return refused;
  }

  private begin(scheduled: ScheduledNode, cell: Cell, used: string, schedule: Schedule): void {
    const { definition, hash, id } = scheduled;
    if (!definition) return;
    const off = this.host.activity.off('evaluation', hash);
    if (off) {
      this.turnOff(scheduled, cell, { hash, used }, off.reason);
      return;
    }
    if (cell.took === null || cell.took >= LONG_MS) this.host.beforeLong();
    const { name } = scheduled;
    const end = this.host.activity.begin({ kind: 'evaluation', nodeId: id, name, key: hash });
    const pending = { hash, used, abort: new AbortController(), end };
    cell.pending = pending;
    cell.waiting = false;
    this.evaluations += 1;
    const started = this.host.now();
    const refreshing = cell.hash === hash;
    const done = (evaluation: Evaluation) => {
      if (cell.pending !== pending) return;
      cell.pending = null;
      try {
        this.accept(scheduled, cell, evaluation, pending, meter.kept);
      } catch (error) {
        this.failOrWait(scheduled, cell, error, pending);
      }
    };
    const { budget } = this.host;
    const meter = createMeter(this.host.cpu64, (cost, remedy) => {
      pending.abort.signal.throwIfAborted();
      budget.admit(id, scheduled.name, hash, cost, remedy);
    });
    // A picture that follows a run is no new work.
    const spend = (seconds: number) => {
      if (!refreshing) budget.spend(hash, seconds);
    };
    watchPace(pending.abort.signal, spend);
    watchProgress(pending.abort.signal, (fraction) => {
      if (refreshing || cell.pending !== pending) return;
      this.say(cell, { nodeId: id, state: 'evaluating', progress: { fraction } });
    });
    const failed = (error: unknown) => {
      if (cell.pending !== pending) return;
      cell.pending = null;
      this.failOrWait(scheduled, cell, error, pending);
    };
    const finished = () => {
      end();
      const now = this.host.now();
      cell.took = now - started;
      cell.notBefore = now + Math.max(REFRESH_MS, 4 * cell.took);
    };
    try {
      budget.admit(id, scheduled.name, hash, { bytes: 0, seconds: 0 }, '');
      const refused = this.refusedRacers(scheduled);
      const inputs = new Map(
        [...scheduled.inputs].map(([port, sources]) => [
          port,
          sources.filter(([source]) => !refused.has(source)),
        ]),
      );
      const context = createContext({ ...scheduled, inputs }, definition, {
        schedule,
        signal: pending.abort.signal,
        meter,
        output: ([source, port]) => this.cells.get(source)?.outputs[port],
        table: (ref, load) => this.host.table(ref, load),
        progress: (progress) => this.say(cell, { nodeId: id, state: 'evaluating', progress }),
      });
      const result = definition.evaluate(context);
      if (!(result instanceof Promise)) {
        done(result);
        if (!refreshing) budget.note(hash, (this.host.now() - started) / 1000);
        finished();
        return;
      }
      if (!refreshing) this.say(cell, { nodeId: id, state: 'evaluating' });
      void result.then(done, failed).then(() => {
        finished();
        this.host.wake();
      });
    } catch (error) {
      failed(error);
      finished();
    }
  }

  private accept(
    scheduled: ScheduledNode,
    cell: Cell,
    evaluation: Evaluation,
    { hash, used }: { readonly hash: string; readonly used: string },
    hidden: number,
  ): void {
    // The name and the live values may have changed since it began; the content has not.
    const schedule = this.current;
    const present = schedule?.byId.get(scheduled.id);
    if (!schedule || !present) return;
    // What it held on the way is free again, before its run asks for memory.
    this.host.budget.keep(scheduled.id, [], hidden);
    const outputs: Record<string, PortValues[PortType]> = {};
    for (const { name, type, needs } of scheduled.definition?.outputs ?? []) {
      if (needs !== undefined && !scheduled.inputs.has(needs)) continue;
      const value = evaluation.outputs?.[name];
      if (value === undefined)
        throw new Error(
          `internal: ${scheduled.node.type}: expected a value for output '${name}', got none.`,
        );
      outputs[name] =
        type === 'plan'
          ? this.host.planReady(present, value as RunPlan, schedule)
          : (value as PortValues[PortType]);
    }
    // Pictures go to the page as copies; a run's memory is counted with the run.
    const { view } = evaluation;
    const own = keptBy(Object.values(outputs).filter((value) => !isRun(value)));
    const shown = keptBy(view);
    const copied = [...shown.buffers].reduce((total, { byteLength }) => total + byteLength, 0);
    this.host.budget.keep(
      scheduled.id,
      [...own.buffers, ...shown.buffers],
      own.bytes + 2 * shown.bytes + copied + hidden,
    );
    cell.outputs = outputs;
    cell.table = evaluation.table;
    cell.hash = hash;
    cell.used = used;
    cell.failed = null;
    cell.stamp = ++this.stamps;
    const refused = [...this.refusedRacers(scheduled)].map(
      (id) => schedule.byId.get(id)?.name ?? id,
    );
    const status = [
      ...(evaluation.status === undefined ? [] : [evaluation.status]),
      ...(refused.length > 0 ? [`without ${refused.join(', ')}`] : []),
    ].join('; ');
    this.say(cell, {
      nodeId: scheduled.id,
      state: 'ready',
      ...(status === '' ? {} : { status }),
      ...(evaluation.notes?.length ? { notes: evaluation.notes } : {}),
      ...(evaluation.view === undefined ? {} : { view: evaluation.view }),
    });
  }

  private failOrWait(
    scheduled: ScheduledNode,
    cell: Cell,
    error: unknown,
    pending: { readonly hash: string; readonly used: string },
  ): void {
    if (error instanceof CostError && error.code === 'busy') {
      cell.waiting = true;
      this.host.budget.release(scheduled.id);
    } else this.fail(scheduled, cell, error, pending);
  }

  private fail(
    scheduled: ScheduledNode,
    cell: Cell,
    error: unknown,
    { hash, used }: { readonly hash: string; readonly used: string },
  ): void {
    cell.hash = null;
    cell.failed = { hash, used };
    cell.outputs = {};
    this.host.budget.release(scheduled.id);
    const { code, port } = error as { code?: unknown; port?: unknown };
    const held = code === 'held';
    this.say(cell, {
      nodeId: scheduled.id,
      // Something is still to be chosen: that is no fault.
      state: held ? 'held' : code === 'waiting' ? 'blocked' : 'error',
      ...(held ? { held: hash } : {}),
      ...(error instanceof CostError ? { cost: error.cost } : {}),
      error: {
        code: typeof code === 'string' ? code : 'evaluate',
        message: error instanceof Error ? error.message : String(error),
        ...(typeof port === 'string' ? { port } : {}),
      },
    });
    this.blockBehind(scheduled);
  }

  private turnOff(
    scheduled: ScheduledNode,
    cell: Cell,
    { hash, used }: { readonly hash: string; readonly used: string },
    reason: string,
  ): void {
    cell.hash = null;
    cell.failed = { hash, used };
    cell.outputs = {};
    const message = `${reason}: change it, or start it again.`;
    this.say(cell, {
      nodeId: scheduled.id,
      state: 'blocked',
      error: { code: 'off', message },
      off: hash,
    });
    this.blockBehind(scheduled);
  }

  /** What depends on a failed node waits for it, in words. */
  private blockBehind(failed: ScheduledNode): void {
    const behind = new Set([failed.id]);
    const off = this.cells.get(failed.id)?.report.off !== undefined;
    const held = this.cells.get(failed.id)?.report.state === 'held';
    const why = off ? 'was stopped' : held ? 'waits for your consent' : 'could not be evaluated';
    for (const scheduled of this.current?.order ?? []) {
      const sources = [...scheduled.inputs.values()].flat();
      const refused = this.refusedRacers(scheduled);
      if (scheduled.issue || !sources.some(([id]) => behind.has(id) && !refused.has(id))) continue;
      behind.add(scheduled.id);
      const cell = this.cells.get(scheduled.id);
      if (!cell) continue;
      if (cell.pending) this.abandon(cell);
      cell.hash = null;
      this.say(cell, {
        nodeId: scheduled.id,
        state: 'blocked',
        error: {
          code: 'upstream',
          message: `Waits for ${failed.name}, which ${why}.`,
        },
      });
    }
  }

  private abandon(cell: Cell): void {
    if (!cell.pending) return;
    cell.pending.abort.abort(new DOMException('superseded by a change', 'AbortError'));
    cell.pending.end();
    cell.pending = null;
    if (cell.hash === null) this.host.budget.release(cell.report.nodeId);
  }

  private say(cell: Cell, report: NodeReport): void {
    const { state, error } = cell.report;
    cell.report = report;
    const repeated =
      report.state === state &&
      (state === 'error' || state === 'blocked' || state === 'held') &&
      report.error?.message === error?.message;
    if (!repeated) this.host.report(report);
  }
}

function isRun(value: PortValues[PortType]): boolean {
  return 'kind' in value && value.kind === 'run';
}

function emptyCell(id: string): Cell {
  return {
    hash: null,
    used: '',
    outputs: {},
    table: undefined,
    stamp: 0,
    failed: null,
    pending: null,
    took: null,
    waiting: false,
    notBefore: 0,
    report: { nodeId: id, state: 'stale' },
  };
}
