/** When a worker that computes is ended for what a person asked: a command, a change of the graph, or that it stop. */
import type { GraphDocument } from '../runtime/graph/document.ts';
import type { RunCommand, Work } from '../runtime/run/protocol.ts';
import type { Supervisor } from './supervisor.ts';
import type { Timing } from './timing.ts';
import { interruptedText, stopReason } from './words.ts';

export type HashOf = (document: GraphDocument, nodeId: string) => string | undefined;

export class Interruptions {
  private readonly supervisor: Supervisor;
  private readonly timing: Timing;
  private readonly hashOf: HashOf | undefined;

  constructor(supervisor: Supervisor, timing: Timing, hashOf: HashOf | undefined) {
    this.supervisor = supervisor;
    this.timing = timing;
    this.hashOf = hashOf;
  }

  /** A command was sent, followed by this ping. `run` and `step` wait. */
  afterCommand(id: number, command: RunCommand, nodeIds: readonly string[] | undefined): void {
    if (command === 'run' || command === 'step') return;
    const ms = command === 'pause' ? this.timing.pauseMs : this.timing.stopMs;
    this.supervisor.whenUnanswered(id, ms, () => this.obey(command, nodeIds));
  }

  /** A document was sent, followed by this ping: work that it makes stale is not worth waiting for. */
  afterDocument(id: number, ms = this.timing.stopMs): void {
    this.supervisor.whenUnanswered(id, ms, () => {
      const { ledger } = this.supervisor;
      const work = ledger.current;
      if (!work || !this.isStale(work)) return;
      // Work that is known to end soon is let go to its end.
      const { staleMs } = this.timing;
      const allowed = Math.max(staleMs, Math.min(ledger.tookBefore(work) ?? 0, 3 * staleMs));
      const left = allowed - ledger.currentMs;
      if (left > 0) this.afterDocument(id, left);
      else
        this.supervisor.cut(
          `${interruptedText(work, ledger.currentMs)}, since the graph has changed`,
        );
    });
  }

  /** Stops what a node, or without one the worker, is computing, and turns it off. */
  stopWork(nodeId: string | undefined): void {
    const { supervisor } = this;
    const { ledger } = supervisor;
    const work =
      nodeId === undefined
        ? ledger.current
        : ledger.works.findLast((other) => other.nodeId === nodeId);
    if (!work) return;
    const ms = ledger.currentMs;
    supervisor.turnOff(work, stopReason(ms));
    const id = supervisor.postMarks();
    supervisor.whenUnanswered(id, this.timing.stopMs, () =>
      supervisor.cut(`${interruptedText(work, ms)}, as you asked`),
    );
  }

  private obey(command: RunCommand, nodeIds: readonly string[] | undefined): void {
    const { supervisor } = this;
    const { ledger } = supervisor;
    const work = ledger.current;
    if (!work) return;
    const ms = ledger.currentMs;
    const runs = [...ledger.reached.values()].filter(
      ({ nodeId, status }) =>
        (status === 'running' || status === 'paused') && (nodeIds?.includes(nodeId) ?? true),
    );
    // A picture that is drawn again and again stops with its run; other work is what was to be stopped.
    const drawn = ledger.tookBefore(work) !== undefined && runs.length > 0;
    if (command === 'stop' && work.kind !== 'chunk' && !drawn)
      supervisor.turnOff(work, stopReason(ms));
    supervisor.show(runs.map((run) => ledger.after(command, run)));
    supervisor.cut(`${interruptedText(work, ms)} to ${command}`);
  }

  private isStale({ nodeId }: Work): boolean {
    const { followedDocument: followed, presentDocument: present } = this.supervisor;
    if (nodeId === undefined || !followed || !present || !this.hashOf) return false;
    return this.hashOf(followed, nodeId) !== this.hashOf(present, nodeId);
  }
}
