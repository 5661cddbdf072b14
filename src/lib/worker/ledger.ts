/**
 * What the page knows of the worker's work, so that a new worker can go on where one ended: the latest checkpoint and report of
 * each run, what begins as soon as it can, what is open, and how often a worker died in it.
 */
import type { GraphDocument } from '../runtime/graph/document.ts';
import type {
  Checkpoint,
  FromWorker,
  RunCommand,
  RunReport,
  Work,
} from '../runtime/run/protocol.ts';

/** Deaths in work that had ended before, without a run getting further in between, after which it is off. */
const MOST_DEATHS = 3;

export class Ledger {
  readonly checkpoints = new Map<string, Checkpoint>();
  /** The latest report of each run. */
  readonly reached = new Map<string, RunReport>();
  private open: readonly Work[] = [];
  /** When the last entry of `open` was announced. */
  private announcedAt = 0;
  private starting: readonly string[] = [];
  /** Content that waits for a yes, by node. */
  private readonly held = new Map<string, string>();
  /** Milliseconds that work took which has ended, by its name. */
  private readonly took = new Map<string, number>();
  private readonly begun = new Map<string, number>();
  private readonly deaths = new Map<string, number>();
  private readonly furthest = new Map<string, number>();

  /** What the worker is in: it cannot answer before this pauses or ends. */
  get current(): Work | undefined {
    return this.open.at(-1);
  }
  /** What the worker is in, and what it has begun that pauses. */
  get works(): readonly Work[] {
    return this.open;
  }
  /** Milliseconds since the current work was announced. */
  get currentMs(): number {
    return performance.now() - this.announcedAt;
  }

  /** @returns whether a run got further than ever */
  receive(message: FromWorker): boolean {
    let progress = false;
    switch (message.type) {
      case 'checkpoint':
        this.checkpoints.set(message.checkpoint.nodeId, message.checkpoint);
        break;
      case 'runs':
        for (const report of message.reports) {
          this.reached.set(report.nodeId, report);
          if (report.step <= (this.furthest.get(report.nodeId) ?? 0)) continue;
          this.furthest.set(report.nodeId, report.step);
          progress = true;
        }
        if (progress) this.deaths.clear();
        break;
      case 'nodes':
        for (const { nodeId, held } of message.reports)
          if (held === undefined) this.held.delete(nodeId);
          else this.held.set(nodeId, held);
        break;
      case 'starting':
        this.starting = message.nodeIds;
        break;
      case 'work':
        this.follow(message.open);
        break;
    }
    return progress;
  }

  /** Forgets nodes that are gone. */
  setDocument(document: GraphDocument): void {
    const ids = new Set(document.nodes.map((node) => node.id));
    for (const known of [this.checkpoints, this.reached, this.held])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    this.furthest.clear();
  }

  /** Contents that wait for a yes: of these nodes, or of all. */
  heldKeys(nodeIds?: readonly string[]): string[] {
    return [...this.held].flatMap(([id, key]) => ((nodeIds?.includes(id) ?? true) ? [key] : []));
  }

  /** How long this work took when it last ended; undefined when it never did. */
  tookBefore(work: Work): number | undefined {
    return this.took.get(nameOf(work));
  }

  /** The worker died in this work. @returns whether it must not be begun again */
  died(work: Work): boolean {
    const name = nameOf(work);
    const deaths = (this.deaths.get(name) ?? 0) + 1;
    this.deaths.set(name, deaths);
    return !this.took.has(name) || deaths >= MOST_DEATHS;
  }

  /** Runs that were going, or were about to. */
  going(): RunReport[] {
    return [...this.reached.values()].filter(
      ({ status, nodeId }) => status === 'running' || this.starting.includes(nodeId),
    );
  }

  /** What each run that was going does in a new worker, in words. */
  goesOn(): string {
    const lines = this.going().map(({ nodeId, label, step }) => {
      const from = this.checkpoints.get(nodeId)?.stepsDone ?? 0;
      return `${label} goes on from step ${from}${step > from ? ` (it was at ${step})` : ''}`;
    });
    return lines.join('; ') || 'No run was under way';
  }

  /** Ids of runs to start in a new worker. */
  toResume(): string[] {
    return [...new Set([...this.going().map(({ nodeId }) => nodeId), ...this.starting])];
  }

  /** Nothing is open in a new worker. */
  workerEnded(): void {
    this.open = [];
    this.begun.clear();
  }

  /** What a run will report in a new worker after this command. */
  after(command: RunCommand, report: RunReport): RunReport {
    const checkpoint = this.checkpoints.get(report.nodeId);
    const kept = checkpoint !== undefined && command !== 'rewind' && checkpoint.stepsDone > 0;
    if (!kept)
      return { ...report, status: 'idle', message: '', step: 0, seconds: 0, objective: null };
    const { stepsDone, seconds, series } = checkpoint;
    return {
      ...report,
      status: command === 'stop' ? 'cancelled' : 'paused',
      message: command === 'stop' ? `stopped at step ${stepsDone}.` : '',
      step: stepsDone,
      seconds,
      objective: series.objective?.at(-1) ?? null,
    };
  }

  private follow(open: readonly Work[]): void {
    const now = performance.now();
    const names = new Set(open.map(nameOf));
    for (const [name, at] of this.begun) {
      if (names.has(name)) continue;
      this.took.set(name, now - at);
      this.begun.delete(name);
    }
    for (const work of open) {
      const name = nameOf(work);
      const at = this.begun.get(name);
      // A chunk after a chunk of the same run: the first has ended.
      const next = work.kind === 'chunk' && work === open.at(-1);
      if (at !== undefined && next) this.took.set(name, now - at);
      if (at === undefined || next) this.begun.set(name, now);
    }
    this.open = open;
    this.announcedAt = now;
  }
}

export function nameOf({ kind, key }: Pick<Work, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}
