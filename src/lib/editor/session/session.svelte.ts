/** The open experiment: the document being edited, with the engine that runs it and the library that keeps it. */
import type { Library } from '../../experiments/library.ts';
import type { HistoryRecord } from '../../experiments/records.ts';
import { compareFingerprints } from '../../experiments/fingerprint.ts';
import type { Fingerprint } from '../../runtime/graph/document.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';
import type { RunReport } from '../../runtime/run/protocol.ts';
import type { EngineClient } from '../../worker/client.ts';
import type { CanvasApi } from '../canvas/arrange.ts';
import { Editing } from './editing.svelte.ts';
import { EngineLink } from './engine.svelte.ts';
import { Keeper } from './keeper.svelte.ts';
import type { Opened } from './open.ts';
import { Tables } from './tables.svelte.ts';

export interface SessionOptions {
  readonly registry: NodeRegistry;
  readonly client: EngineClient;
  readonly library: Library;
  readonly opened: Opened;
  readonly builtinTable: (name: string) => Promise<string>;
  readonly onkept: (id: string) => void;
  readonly onexport: () => void;
}

export class Session extends Editing {
  readonly engine: EngineLink;
  readonly keeper: Keeper;
  readonly tables: Tables;
  readonly library: Library;
  readonly #sent: Fingerprint | null;
  readonly #linked: Opened['tables'];
  #lastRunIds: readonly string[] = [];
  /** Nodes that run, in the order of the graph: it gives each its colour. */
  readonly runIds: readonly string[] = $derived.by(() => {
    const ids = this.document.nodes
      .filter((node) => this.registry.get(node.type)?.outputs.some((port) => port.type === 'plan'))
      .map((node) => node.id);
    this.#lastRunIds = keepEqual(ids, this.#lastRunIds);
    return this.#lastRunIds;
  });
  readonly runs: readonly RunReport[] = $derived(
    this.runIds.flatMap((id) => {
      const run = this.reports.runs.get(id);
      return run ? [run] : [];
    }),
  );

  constructor(options: SessionOptions) {
    super(options.registry, options.opened.document);
    const { client, library, opened } = options;
    this.library = library;
    this.#sent = opened.sent;
    this.#linked = opened.tables;
    this.tables = new Tables({
      parse: (name, source, rest) => client.parseTable(name, source, rest),
      store: async (hash, name, csv) => {
        await library.putTable(name, csv, hash);
      },
      read: async (hash) => (await this.readTable(hash))?.csv ?? null,
      builtin: options.builtinTable,
    });
    this.keeper = new Keeper({
      library,
      registry: this.registry,
      opened,
      notices: this.notices,
      document: () => this.document,
      onkept: options.onkept,
      onreplace: (document) => this.open(document),
      onexport: options.onexport,
    });
    this.engine = new EngineLink({
      client,
      registry: this.registry,
      reports: this.reports,
      notices: this.notices,
      listeners: {
        checkpoint: (checkpoint) => this.keeper.checkpoint(checkpoint),
        settled: (fingerprint) => this.#settled(fingerprint),
        look: (nodeId) => {
          this.flow.select([nodeId]);
          this.ui.look(nodeId);
        },
      },
      paused: opened.safe ?? false,
    });
    if (opened.origin === 'link') this.engine.distrust();
    this.engine.restore(opened.checkpoints);
    this.engine.follow(this.document);
    this.onedit((document) => {
      this.engine.follow(document);
      this.keeper.edited();
    });
    if (opened.safe) this.#openSafely();
    else if (opened.origin === 'link') this.#greet();
    if (library.notice)
      this.notices.banner({ kind: 'library', tone: 'warning', text: library.notice.message });
  }

  /** A person's table by content: from the library, or as it came in the link. */
  async readTable(hash: string): Promise<{ name: string; csv: Blob } | null> {
    const linked = this.#linked.get(hash);
    if (linked) return { name: linked.name, csv: new Blob([linked.csv], { type: 'text/csv' }) };
    return this.library.getTable(hash);
  }

  /** An earlier version is the present again, as one change that can be undone. @throws StorageError */
  async restoreVersion(version: HistoryRecord): Promise<void> {
    const document = await this.keeper.restore(version.id);
    this.commit(document, { label: 'Restore a version' });
    this.notices.announce('Version restored');
  }

  /** Closes what is open, else stops the runs. */
  escape(): void {
    if (this.ui.dismiss()) return;
    if (this.runs.some((run) => run.status === 'running') || this.engine.silence)
      this.engine.command('stop');
  }

  openConnect(nodeId: string): void {
    this.ui.connectNode = nodeId;
    this.ui.dialog = 'connect';
  }

  /** Opens the list of nodes in the middle of the canvas, or at the pointer where there is one. */
  openQuickAdd(canvas: CanvasApi, page = this.pointer): void {
    const box = document.querySelector('.svelte-flow')?.getBoundingClientRect();
    const inside =
      page &&
      box &&
      page.x > box.left &&
      page.x < box.right &&
      page.y > box.top &&
      page.y < box.bottom;
    const at = inside
      ? page
      : {
          x: (box?.left ?? 0) + (box?.width ?? 0) / 2 - 150,
          y: (box?.top ?? 0) + (box?.height ?? 0) / 3,
        };
    this.ui.quickAdd = { page: at, place: canvas.screenToFlowPosition(at), wire: null };
  }

  /** Where the pointer was last seen, in page coordinates; null before it moved, and after a key was used instead. */
  pointer: { x: number; y: number } | null = null;

  /** The page ended twice while this was opened: it is shown, and evaluated only when a person says so. */
  #openSafely(): void {
    this.ui.notesOpen = false;
    this.notices.banner({
      kind: 'safe',
      tone: 'warning',
      text: 'The page ended twice while this experiment was opened. Its notes are folded and nothing is evaluated, so that it can be changed or exported.',
      action: {
        label: 'Evaluate it',
        run: () => {
          this.notices.dismissBanner('safe');
          this.engine.release();
        },
      },
    });
  }

  /** Says where a link's experiment came from, and runs it when there are numbers to compare with. */
  #greet(): void {
    const compares = this.#sent !== null && this.runIds.length > 0;
    this.notices.banner({
      kind: 'link',
      tone: 'info',
      text: `Opened from a link${compares ? ' and run here, to compare with the numbers it carries' : ''}. Your library is as it was; the first change keeps this as a new experiment.`,
    });
    if (compares) this.engine.runUnasked();
  }

  #settled(fingerprint: Fingerprint | null): void {
    this.keeper.settled(fingerprint);
    if (!this.#sent || !fingerprint) return;
    const nameOf = (id: string) => this.nameOf(id);
    const { status, sentence } = compareFingerprints(this.#sent, fingerprint, nameOf);
    if (status === 'empty') return;
    this.notices.banner({
      kind: 'fingerprint',
      tone: status === 'reproduced' ? 'success' : 'warning',
      text: sentence,
    });
  }

  dispose(): void {
    this.flow.dispose();
    this.engine.dispose();
    void this.keeper.close();
  }
}

/** The old list where the new one has the same items, so that nothing that depends on it is computed again. */
function keepEqual(next: readonly string[], before: readonly string[]): readonly string[] {
  return next.length === before.length && next.every((id, i) => id === before[i]) ? before : next;
}
