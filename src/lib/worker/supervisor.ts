/** The life of the worker: what it is told, what it answers, and a new one, which goes on from the checkpoints, when it is gone. */
import type { GraphDocument } from '../runtime/graph/document.ts';
import type {
  Checkpoint,
  FromWorker,
  NodeReport,
  RunReport,
  ToWorker,
  Work,
} from '../runtime/run/protocol.ts';
import { Ledger } from './ledger.ts';
import { OffMarks } from './off-marks.ts';
import type { MarkStore } from './off-marks.ts';
import type { Parses } from './parses.ts';
import type { Timing } from './timing.ts';
import { Watch } from './watch.ts';
import { deathReason, errorText, offText } from './words.ts';

/** The part of `Worker` that is used, so that tests can stand in for it. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  /** Resolves when the worker is gone, however it went; absent where that cannot be known. */
  readonly ended?: Promise<void>;
}

/** The worker is inside work and has not answered for a while. */
export interface Silence {
  readonly work: Work;
  readonly seconds: number;
  /** It is time to ask the person. */
  readonly asks: boolean;
}

export interface SupervisorOptions {
  readonly createWorker: () => WorkerLike;
  readonly provideTable: (hash: string) => Promise<Blob | string | null>;
  readonly marks: MarkStore | undefined;
  readonly maxCrashes: number;
  readonly timing: Timing;
  readonly parses: Parses;
  readonly emit: (message: FromWorker) => void;
  readonly onSilence: (silence: Silence | null) => void;
}

export class Supervisor {
  readonly ledger = new Ledger();
  readonly marks: OffMarks;
  private readonly options: SupervisorOptions;
  private readonly watch: Watch;
  private worker: WorkerLike | null = null;
  private ready = false;
  private startedAt = 0;
  private disposed = false;
  private crashes = 0;
  /** Messages that the worker may not have received, by the ping after them. */
  private unanswered: { readonly id: number; readonly message: ToWorker }[] = [];
  /** The document came from a stranger, and the person has not said yes to its cost: a new worker is told so too. */
  distrusted = false;
  /** Contents that the person has said yes to, however heavy: so in a new worker too. */
  private readonly allowed = new Set<string>();
  private document: GraphDocument | null = null;
  private revision = 0;
  /** Documents since the last one that the worker has begun to follow, by revision. */
  private readonly sent = new Map<number, GraphDocument>();
  private documentDeaths = 0;
  /** The document killed the worker, or a person stopped it: it waits for a change. */
  private refused = false;
  private silent = false;
  private askAfterMs: number;

  constructor(options: SupervisorOptions) {
    this.options = options;
    const { timing } = options;
    this.marks = new OffMarks(options.marks);
    this.askAfterMs = timing.askMs;
    this.watch = new Watch({
      intervalMs: timing.pingMs,
      ping: (id) => this.post({ type: 'ping', id }),
      onSilence: (silentMs) => this.hearNothing(silentMs),
    });
  }

  get isUp(): boolean {
    return this.worker !== null;
  }
  get presentDocument(): GraphDocument | null {
    return this.document;
  }
  /** The document that the worker follows; null before it has begun to. */
  get followedDocument(): GraphDocument | null {
    const [first] = this.sent.values();
    return first ?? null;
  }

  start(): void {
    const worker = this.options.createWorker();
    this.worker = worker;
    this.startedAt = performance.now();
    const alive = () => this.worker === worker && !this.disposed;
    worker.addEventListener('message', (event) => {
      if (alive()) this.receive(event.data as FromWorker);
    });
    const failed = (event: Event) => {
      if (!alive()) return;
      event.preventDefault?.();
      this.crashed('message' in event ? String(event.message) : 'it stopped without a message');
    };
    worker.addEventListener('error', failed);
    worker.addEventListener('messageerror', failed);
    void worker.ended?.then(() => {
      // Its last messages, which say what it was computing, may still be on their way.
      setTimeout(() => {
        if (alive()) this.crashed('it ended without a message');
      }, this.options.timing.graceMs);
    });
  }

  post(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  /** A message that a new worker is told again if this one did not receive it. @returns the ping after it */
  postSurely(message: ToWorker): number {
    this.post(message);
    const id = this.watch.ask();
    this.unanswered.push({ id, message });
    return id;
  }

  postMarks(): number {
    const marks = this.marks.all.map(({ kind, key, reason }) => ({ kind, key, reason }));
    this.post({ type: 'off', marks });
    return this.watch.ask();
  }

  /** @returns the revision and the ping after the document */
  setDocument(document: GraphDocument): { readonly revision: number; readonly id: number } {
    this.document = document;
    this.refused = false;
    this.documentDeaths = 0;
    this.revision += 1;
    this.ledger.setDocument(document);
    return { revision: this.revision, id: this.postDocument(document) };
  }

  restore(checkpoints: readonly Checkpoint[]): void {
    for (const checkpoint of checkpoints)
      this.ledger.checkpoints.set(checkpoint.nodeId, checkpoint);
    this.post({ type: 'restore', checkpoints });
  }

  /** The person says yes to these contents; with `trust` to all of the document. */
  allow(keys: readonly string[], trust: boolean): void {
    for (const key of keys) this.allowed.add(key);
    if (trust) this.distrusted = false;
    this.post({ type: 'allow', keys, trust });
  }

  /** Calls back when a ping is still unanswered after so long, in the same worker. */
  whenUnanswered(id: number, ms: number, then: () => void): void {
    const { worker } = this;
    const open = () =>
      this.worker === worker && this.ready && !this.disposed && !this.watch.isAnswered(id);
    setTimeout(() => {
      // The answer may lie in the queue behind this timer, when the page itself was busy.
      if (open()) setTimeout(() => open() && then(), this.options.timing.graceMs);
    }, ms);
  }

  keepWaiting(): void {
    this.askAfterMs = 2 * Math.max(this.askAfterMs, this.watch.silence);
  }

  /** The work is not begun again, and the page shows why; `postMarks` tells the worker. */
  turnOff(work: Work, reason: string): void {
    if (work.kind === 'document') {
      this.refused = true;
      this.show(this.ledger.going().map((run) => this.pausedBy(run, reason)));
    }
    if (work.kind === 'document' || work.kind === 'table') return;
    this.marks.add(work, reason);
    const { nodeId } = work;
    if (nodeId === undefined || work.kind === 'certificate') return;
    const run = this.ledger.reached.get(nodeId);
    if (work.kind === 'chunk') {
      if (run) this.show([this.pausedBy(run, reason)]);
      return;
    }
    const error = { code: 'off', message: `${reason}: change it, or start it again.` };
    const report: NodeReport = { nodeId, state: 'blocked', error, off: work.key };
    this.options.emit({ type: 'nodes', revision: this.revision, reports: [report] });
  }

  private pausedBy(run: RunReport, reason: string): RunReport {
    return { ...this.ledger.after('pause', run), status: 'paused', message: reason };
  }

  /** A person wants something to go on: a document that was put aside, too. */
  retry(): void {
    if (!this.refused || !this.document) return;
    this.refused = false;
    this.documentDeaths = 0;
    this.postDocument(this.document);
  }

  /** Reports of runs as they will be in a new worker, at once. */
  show(reports: readonly RunReport[]): void {
    for (const report of reports) this.ledger.reached.set(report.nodeId, report);
    if (reports.length > 0) this.options.emit({ type: 'runs', revision: this.revision, reports });
  }

  /** Ends a worker that does not answer, and starts another. */
  cut(why: string): void {
    this.end('The worker was stopped while it parsed. Try again.');
    this.log('info', `${why}; the worker was started again. ${this.ledger.goesOn()}.`);
    this.restart();
  }

  dispose(): void {
    this.disposed = true;
    this.end('The page was closed.');
    this.watch.reset();
  }

  private receive(message: FromWorker): void {
    this.watch.heard(message.type === 'pong' ? message.id : undefined);
    this.endSilence();
    const progress = this.ledger.receive(message);
    if (progress) this.crashes = 0;
    switch (message.type) {
      case 'ready':
        this.ready = true;
        break;
      case 'work':
        this.followWork(message.open);
        return;
      case 'pong':
        this.unanswered = this.unanswered.filter(({ id }) => !this.watch.isAnswered(id));
        return;
      case 'starting':
        return;
      case 'need-table':
        void this.provide(message.hash);
        return;
    }
    if (!this.options.parses.receive(message)) this.options.emit(message);
  }

  private followWork(open: readonly Work[]): void {
    this.watch.setBusy(open.length > 0);
    // What is open now, it survived the document before.
    if (!open.some(({ kind }) => kind === 'document')) this.documentDeaths = 0;
    for (const { kind, key } of open) {
      if (kind !== 'document') continue;
      for (const revision of this.sent.keys())
        if (revision < Number(key)) this.sent.delete(revision);
    }
  }

  private hearNothing(silentMs: number): void {
    if (!this.ready) return;
    const work = this.ledger.current;
    if (work) {
      this.silent = true;
      this.marks.note(work);
      const seconds = Math.round(silentMs / 1000);
      this.options.onSilence({ work, seconds, asks: silentMs >= this.askAfterMs });
    } else if (silentMs >= this.options.timing.askMs)
      this.crashed(`it did not answer for ${Math.round(silentMs / 1000)} s`);
  }

  private endSilence(): void {
    if (!this.silent) return;
    this.silent = false;
    this.askAfterMs = this.options.timing.askMs;
    this.marks.note(null);
    this.options.onSilence(null);
  }

  /** The worker is gone; what it was computing may be what it died of. */
  private crashed(reason: string): void {
    const work = this.ledger.current;
    if (performance.now() - this.startedAt >= this.options.timing.livedMs) this.crashes = 0;
    // Deaths in a node's own work end by turning that off.
    if (work === undefined || work.nodeId === undefined) this.crashes += 1;
    const fatal = work !== undefined && this.isFatal(work);
    if (fatal) this.turnOff(work, deathReason(work, reason));
    this.end(`The worker stopped while it parsed (${reason}). Try again.`);
    if (this.crashes > this.options.maxCrashes) {
      this.log(
        'error',
        `The worker stopped ${this.crashes} times in a row (${reason}). Nothing runs until the page is reloaded; the graph is not affected.`,
      );
      return;
    }
    const off = fatal ? ` ${offText(work)}` : '';
    if (this.refused) {
      this.log('error', `The worker stopped (${reason}) and was started again.${off}`);
      this.restart();
      return;
    }
    const goesOn = this.ledger.goesOn();
    this.log('warning', `The worker stopped (${reason}) and was started again.${off} ${goesOn}.`);
    this.restart();
  }

  private isFatal(work: Work): boolean {
    if (work.kind !== 'document') return this.ledger.died(work) && work.kind !== 'table';
    this.documentDeaths += 1;
    return this.documentDeaths > 1;
  }

  private end(parsing: string): void {
    this.worker?.terminate();
    this.worker = null;
    this.ready = false;
    this.endSilence();
    this.marks.note(null);
    this.options.parses.rejectAll(parsing);
  }

  /** A new worker with the same graph, going on from the last checkpoints; then what the old one did not receive. */
  private restart(): void {
    this.ledger.workerEnded();
    this.watch.reset();
    this.sent.clear();
    this.start();
    if (this.marks.all.length > 0) this.postMarks();
    if (this.allowed.size > 0) this.post({ type: 'allow', keys: [...this.allowed], trust: false });
    const { checkpoints } = this.ledger;
    if (checkpoints.size > 0)
      this.post({ type: 'restore', checkpoints: [...checkpoints.values()] });
    if (this.document && !this.refused) this.postDocument(this.document);
    const nodeIds = this.refused ? [] : this.ledger.toResume();
    if (nodeIds.length > 0) this.post({ type: 'command', command: 'run', nodeIds });
    const again = this.unanswered;
    this.unanswered = [];
    for (const { message } of again) this.postSurely(message);
  }

  private postDocument(document: GraphDocument): number {
    if (this.distrusted) this.post({ type: 'distrust' });
    const { revision } = this;
    this.sent.set(revision, document);
    this.post({ type: 'document', document, revision });
    return this.watch.ask();
  }

  private async provide(hash: string): Promise<void> {
    const to = this.worker;
    let csv: Blob | string | null = null;
    try {
      csv = await this.options.provideTable(hash);
    } catch (error) {
      this.log('error', `table ${hash.slice(0, 12)}…: ${errorText(error)}`);
    }
    if (this.worker === to) this.post({ type: 'table', hash, csv });
  }

  private log(level: 'info' | 'warning' | 'error', message: string): void {
    this.options.emit({ type: 'log', level, message });
  }
}
