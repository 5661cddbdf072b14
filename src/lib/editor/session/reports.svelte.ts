/**
 * What the engine says about each node, one slot a node, so that a card renders again only when its own report changes.
 * Messages arrive at any rate; `Reports` applies the latest of each node once per animation frame. Pictures take longest to
 * draw, so a frame takes only one of them and the others wait for theirs: four runs that train leave the page smooth.
 */
import type { ViewData } from '../../runtime/graph/view-data.ts';
import type { NodeReport, RunReport } from '../../runtime/run/protocol.ts';

export class NodeSlot {
  report = $state.raw<NodeReport | null>(null);
  run = $state.raw<RunReport | null>(null);
  /** The latest picture; kept while the node is evaluated again, so that an edit does not blank the card. */
  view = $state.raw<ViewData | null>(null);
  status = $state.raw('');
}

/** Cards that change in one frame; those of a very large graph take turns. */
const REPORTS_A_FRAME = 40;

const KEEPS_VIEW = new Set<NodeReport['state']>(['stale', 'evaluating']);

export class Reports {
  /** Nodes that were reported on at least once, in order of appearance. */
  readonly #slots = new Map<string, NodeSlot>();
  readonly #nodes = new Map<string, NodeReport>();
  #runs = new Map<string, RunReport>();
  /** Pictures that wait for a frame, the longest waiting first; a newer one takes the place of the older. */
  readonly #views = new Map<string, ViewData>();
  #scheduled = false;
  /** Every run by node id; replaced once per frame at most. */
  runs = $state.raw<ReadonlyMap<string, RunReport>>(new Map());
  /** Ids of nodes that show a picture; replaced only when the set changes. */
  viewIds = $state.raw<readonly string[]>([]);
  /** Ids of nodes in error; replaced only when the set changes. */
  errorIds = $state.raw<readonly string[]>([]);

  slot(nodeId: string): NodeSlot {
    let slot = this.#slots.get(nodeId);
    if (!slot) {
      slot = new NodeSlot();
      this.#slots.set(nodeId, slot);
    }
    return slot;
  }

  receiveNodes(reports: readonly NodeReport[]): void {
    for (const report of reports) this.#nodes.set(report.nodeId, report);
    this.#schedule();
  }

  receiveRuns(reports: readonly RunReport[]): void {
    for (const report of reports) this.#runs.set(report.nodeId, report);
    this.#schedule();
  }

  /** Forgets everything about nodes that are no longer in the document; an undo brings them back through the engine. */
  retain(nodeIds: ReadonlySet<string>): void {
    const runs = [...this.runs].filter(([id]) => nodeIds.has(id));
    if (runs.length !== this.runs.size) this.runs = new Map(runs);
    this.#index(nodeIds);
  }

  /** Applies what has arrived; called once per frame, or at once in a hidden tab, which has no frames. */
  flush = (): void => {
    this.#scheduled = false;
    let room = REPORTS_A_FRAME;
    const some = this.#nodes.size > 0;
    for (const [id, report] of this.#nodes) {
      if (room-- === 0) break;
      this.#nodes.delete(id);
      const slot = this.slot(id);
      slot.report = report;
      if (report.view) {
        if (slot.view) this.#views.set(id, report.view);
        else slot.view = report.view;
      } else if (!KEEPS_VIEW.has(report.state)) {
        this.#views.delete(id);
        slot.view = null;
      }
      if (report.status !== undefined) slot.status = report.status;
      else if (!KEEPS_VIEW.has(report.state)) slot.status = '';
    }
    if (this.#runs.size > 0) {
      const runs = new Map(this.runs);
      for (const [id, run] of this.#runs) {
        this.slot(id).run = run;
        runs.set(id, run);
      }
      this.runs = runs;
    }
    if (some) this.#index();
    this.#runs = new Map();
    for (const [id, view] of this.#views) {
      this.#views.delete(id);
      this.slot(id).view = view;
      if (document.visibilityState !== 'hidden') break;
    }
    if (this.#views.size > 0 || this.#nodes.size > 0) this.#schedule();
  };

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.visibilityState === 'hidden') setTimeout(this.flush, 250);
    else requestAnimationFrame(this.flush);
  }

  #present: ReadonlySet<string> | null = null;

  #index(nodeIds = this.#present): void {
    this.#present = nodeIds;
    const present = [...this.#slots].filter(([id]) => !nodeIds || nodeIds.has(id));
    const ids = (keep: (slot: NodeSlot) => boolean) =>
      present.filter(([, slot]) => keep(slot)).map(([id]) => id);
    const views = ids((slot) => slot.view !== null);
    const errors = ids((slot) => slot.report?.state === 'error');
    if (views.join() !== this.viewIds.join()) this.viewIds = views;
    if (errors.join() !== this.errorIds.join()) this.errorIds = errors;
  }
}
