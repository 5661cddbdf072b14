/**
 * The engine as the page sees it: follows the document, passes commands on, and spreads what comes back over the reports,
 * the log and whoever keeps checkpoints.
 */
import type { Fingerprint, GraphDocument } from '../../runtime/graph/document.ts';
import type { NodeTable } from '../../runtime/graph/node-table.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';
import type {
  Checkpoint,
  DeviceReport,
  FromWorker,
  NodeReport,
  OffMark,
  RunCommand,
} from '../../runtime/run/protocol.ts';
import { describeCost } from '../../runtime/run/budget.ts';
import type { Cost } from '../../runtime/run/budget.ts';
import type { EngineClient, Silence } from '../../worker/client.ts';
import { silenceText } from '../../worker/words.ts';
import { toast } from '../../ui/toasts.svelte.ts';
import { liveChanges } from './live.ts';
import type { Notices } from './notices.svelte.ts';
import type { Reports } from './reports.svelte.ts';

export interface EngineListeners {
  checkpoint?: (checkpoint: Checkpoint) => void;
  settled?: (fingerprint: Fingerprint | null) => void;
  /** Brings a node before the person's eyes. */
  look?: (nodeId: string) => void;
}

const DOCUMENT_DELAY_MS = 120;

export class EngineLink {
  state = $state.raw<'starting' | 'ready' | 'failed'>('starting');
  device = $state.raw<DeviceReport | null>(null);
  /** What the worker is inside without an answer; null while it answers. */
  silence = $state.raw<Silence | null>(null);
  /** Numbers of the runs that have all ended, for a link; null while any is under way. */
  fingerprint = $state.raw<Fingerprint | null>(null);
  /** What nodes would take that are held. */
  readonly #held = new Map<string, Cost>();
  /** Nothing is sent to the worker until `release`: the experiment is only looked at. */
  paused = $state.raw(false);
  readonly #client: EngineClient;
  readonly #registry: NodeRegistry;
  readonly #reports: Reports;
  readonly #notices: Notices;
  readonly #listeners: EngineListeners;
  #sent: GraphDocument | null = null;
  #pending: GraphDocument | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: {
    client: EngineClient;
    registry: NodeRegistry;
    reports: Reports;
    notices: Notices;
    listeners: EngineListeners;
    /** @default false */
    paused?: boolean;
  }) {
    this.#client = options.client;
    this.#registry = options.registry;
    this.#reports = options.reports;
    this.#notices = options.notices;
    this.#listeners = options.listeners;
    this.paused = options.paused ?? false;
    this.#client.onMessage(this.#receive);
    this.#client.onSilence((silence) => this.#hearNothing(silence));
  }

  /** All rows of what a node shows; null where its picture holds them. */
  exportTable(nodeId: string): Promise<NodeTable | null> {
    return this.#client.exportTable(nodeId);
  }

  /** Follows the document: at once when its shape changed, shortly after the last keystroke otherwise. */
  follow(document: GraphDocument): void {
    const before = this.#pending ?? this.#sent;
    if (before) {
      for (const { nodeId, param, value } of liveChanges(before, document, this.#registry))
        this.#client.setLive(nodeId, param, value);
      if (before.device !== document.device) this.#client.setDevice(document.device);
    }
    const sameShape =
      before !== null &&
      before.edges === document.edges &&
      before.nodes.length === document.nodes.length;
    this.#pending = document;
    clearTimeout(this.#timer);
    if (sameShape) this.#timer = setTimeout(this.flush, DOCUMENT_DELAY_MS);
    else this.flush();
  }

  /** Sends a document that still waits for the last keystroke. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    if (!this.#pending || this.paused) return;
    this.#sent = this.#pending;
    this.#pending = null;
    this.fingerprint = null;
    this.#client.setDocument(this.#sent);
  };

  /** Evaluates what was only looked at so far. */
  release(): void {
    this.paused = false;
    this.flush();
  }

  /** A person's command also ends the pause. */
  command(command: RunCommand, nodeIds?: readonly string[]): void {
    this.release();
    this.fingerprint = null;
    this.#client.command(command, nodeIds);
  }

  /** Begins the runs without a person's word: those that were stopped stay so. */
  runUnasked(): void {
    this.flush();
    this.fingerprint = null;
    this.#client.runUnasked();
  }

  /** Before the first document: it came by a link, and nothing heavy of it may begin unasked. */
  distrust(): void {
    this.#client.distrust();
  }

  /** Evaluates what is held for its cost: one node, or all. */
  allow(nodeId?: string): void {
    this.flush();
    this.#notices.dismissBanner('cost');
    this.#client.allow(nodeId === undefined ? undefined : [nodeId]);
  }

  /** One question for all that waits for a yes. */
  #askForHeld(reports: readonly NodeReport[]): void {
    const before = this.#held.size;
    for (const { nodeId, state, cost } of reports)
      if (state === 'held' && cost) this.#held.set(nodeId, cost);
      else this.#held.delete(nodeId);
    const present = new Set(this.#sent?.nodes.map(({ id }) => id));
    for (const id of this.#held.keys()) if (!present.has(id)) this.#held.delete(id);
    if (this.#held.size === before) return;
    if (this.#held.size === 0) {
      this.#notices.dismissBanner('cost');
      return;
    }
    const costs = [...this.#held.values()];
    const weight = ({ seconds, stepSeconds = 0, bytes }: Cost) =>
      seconds + stepSeconds + bytes / 1e9;
    const [largest] = [...this.#held].reduce((most, other) =>
      weight(other[1]) > weight(most[1]) ? other : most,
    );
    const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
    const steps = sum((cost) => cost.stepSeconds ?? 0);
    const figures = describeCost({
      bytes: sum((cost) => cost.bytes),
      seconds: sum((cost) => cost.seconds),
      ...(steps > 0 ? { stepSeconds: steps } : {}),
    });
    const nodes = this.#held.size === 1 ? 'One node waits' : `${this.#held.size} nodes wait`;
    this.#notices.banner({
      kind: 'cost',
      tone: 'warning',
      text: `${nodes} for your consent: evaluating would take at least ${figures.replace('about ', '')}. Nothing of it has begun.`,
      first: {
        label: this.#held.size === 1 ? 'Look at it' : 'Look at the largest',
        run: () => this.#listeners.look?.(largest),
      },
      action: { label: 'Run it anyway', run: () => this.allow() },
    });
  }

  /** Stops what this node is computing; it is off until it changes. */
  stopWork(nodeId?: string): void {
    this.#notices.dismissBanner('silence');
    this.#client.stopWork(nodeId);
  }

  /** Work that was stopped, or in which the worker died, may begin again. */
  startAgain(mark: Pick<OffMark, 'kind' | 'key'>): void {
    this.#client.startAgain(mark);
  }

  /** Again from the initial weights, with the present values, whatever it is doing. */
  runFromStart(nodeIds: readonly string[]): void {
    this.command('rewind', nodeIds);
    this.command('run', nodeIds);
  }

  restore(checkpoints: readonly Checkpoint[]): void {
    if (checkpoints.length > 0) this.#client.restore(checkpoints);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#client.dispose();
  }

  /** The text does not count on, so that it is read out once. */
  #hearNothing(silence: Silence | null): void {
    this.silence = silence;
    if (!silence?.asks) {
      this.#notices.dismissBanner('silence');
      return;
    }
    const { work, seconds } = silence;
    if (this.#notices.has('silence')) return;
    this.#notices.banner({
      kind: 'silence',
      tone: 'warning',
      text: silenceText(work, seconds),
      action: { label: 'Stop it', run: () => this.stopWork() },
      instead: {
        label: 'Keep waiting',
        run: () => {
          this.#notices.dismissBanner('silence');
          this.#client.keepWaiting();
        },
      },
    });
  }

  /** A device that was asked for and is not there is said, not only shown. */
  #explainDevice(report: DeviceReport): void {
    const asked = report.available.find(({ name }) => name === report.choice);
    if (!asked || asked.available) this.#notices.dismissBanner('device');
    else
      this.#notices.banner({
        kind: 'device',
        tone: 'warning',
        text: `This experiment asks for ${asked.name}, which is not to be had here (${asked.note}). Choose another device above.`,
      });
  }

  readonly #receive = (message: FromWorker): void => {
    switch (message.type) {
      case 'ready':
        this.state = 'ready';
        this.#notices.dismissBanner('engine');
        break;
      case 'nodes':
        this.#reports.receiveNodes(message.reports);
        this.#askForHeld(message.reports);
        break;
      case 'runs':
        this.#reports.receiveRuns(message.reports);
        break;
      case 'device':
        this.device = message.report;
        this.#explainDevice(message.report);
        break;
      case 'checkpoint':
        this.#listeners.checkpoint?.(message.checkpoint);
        break;
      case 'settled':
        this.fingerprint = message.fingerprint;
        this.#listeners.settled?.(message.fingerprint);
        break;
      case 'log':
        this.#notices.write(message.level, message.message);
        if (message.level === 'error')
          this.#notices.banner({ kind: 'engine', tone: 'error', text: message.message });
        else if (message.level === 'warning') toast(message.message, { kind: 'warning' });
        break;
      case 'work':
      case 'starting':
      case 'pong':
      case 'need-table':
      case 'parse-progress':
      case 'parsed':
      case 'parse-failed':
        // Answered by the client itself.
        break;
    }
  };
}
