/**
 * Keeps the open experiment in the library: saves shortly after the last edit, keeps the latest checkpoint of each run, and
 * says plainly when it cannot. An experiment that came by a link is put into the library only when it is edited or kept,
 * always as a new one.
 */
import type { EditSession } from '../../experiments/session.ts';
import { StorageError } from '../../experiments/errors.ts';
import type { Library } from '../../experiments/library.ts';
import type { Fingerprint, GraphDocument } from '../../runtime/graph/document.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';
import type { Checkpoint } from '../../runtime/run/protocol.ts';
import { storedTables } from '../../experiments/records.ts';
import type { Notices } from './notices.svelte.ts';
import type { Opened } from './open.ts';

export type KeepState =
  | 'new'
  | 'saved'
  | 'saving'
  | 'unsaved'
  | 'failed'
  | 'unkept'
  | 'readonly'
  /** A newer version of the app has the library: nothing is saved from here any more. */
  | 'superseded';

const SAVE_DELAY_MS = 600;
const CHECKPOINT_DELAY_MS = 1500;

export interface KeeperOptions {
  readonly library: Library;
  readonly registry: NodeRegistry;
  readonly opened: Opened;
  readonly notices: Notices;
  readonly document: () => GraphDocument;
  /** The experiment has an id now; the address should say so. */
  readonly onkept: (id: string) => void;
  /** Another tab wrote, or this one may write again: shows that document. */
  readonly onreplace: (document: GraphDocument) => void;
  readonly onexport: () => void;
}

export class Keeper {
  state = $state.raw<KeepState>('saved');
  detail = $state.raw('');
  readonly #options: KeeperOptions;
  #held: EditSession | null;
  #saved: GraphDocument | null;
  #fingerprint: Fingerprint | null | undefined;
  /** The latest checkpoint of each run, and those of them that are not written yet. */
  readonly #known: Map<string, Checkpoint>;
  readonly #checkpoints = new Map<string, Checkpoint>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #checkpointTimer: ReturnType<typeof setTimeout> | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { held, checkpoints, origin } = options.opened;
    this.#held = held;
    this.#saved = held?.experiment.document ?? null;
    this.#known = new Map(checkpoints.map((checkpoint) => [checkpoint.nodeId, checkpoint]));
    if (held) this.#watch(held);
    else this.state = origin === 'link' ? 'unkept' : 'new';
    void options.library.superseded.then((error) => this.#failed(error));
  }

  /** Edits go nowhere: another tab writes, or a newer version of the app. */
  get #barred(): boolean {
    return this.state === 'readonly' || this.state === 'superseded';
  }

  get id(): string | null {
    return this.#held?.id ?? null;
  }

  edited(): void {
    if (this.#barred) return;
    this.state = 'unsaved';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_DELAY_MS);
  }

  settled(fingerprint: Fingerprint | null): void {
    this.#fingerprint = fingerprint;
    if (this.#held && !this.#barred) void this.save();
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.#known.set(checkpoint.nodeId, checkpoint);
    this.#checkpoints.set(checkpoint.nodeId, checkpoint);
    this.#checkpointTimer ??= setTimeout(() => void this.#saveCheckpoints(), CHECKPOINT_DELAY_MS);
  }

  /** The latest checkpoint of each run that is still in the graph. */
  checkpoints(): readonly Checkpoint[] {
    const ids = new Set(this.#options.document().nodes.map((node) => node.id));
    return [...this.#known.values()].filter((checkpoint) => ids.has(checkpoint.nodeId));
  }

  /** Puts what came by a link into the library. */
  keep(): void {
    void this.save();
  }

  /** Writes what is not written yet; called at once when the page is about to go. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#working = this.#working.then(() => this.#save());
    return this.#working;
  }

  /**
   * Puts a kept version back in the library, where the present state joins the versions, and returns it.
   * @throws StorageError
   */
  async restore(versionId: string): Promise<GraphDocument> {
    await this.save();
    const held = this.#held;
    if (!held || this.state === 'failed' || this.state === 'superseded')
      throw new StorageError(
        'unknown',
        `restore: expected an experiment that is saved, got one that is not. ${this.detail}`.trim(),
      );
    const restored = this.#working.then(() => held.restore(versionId));
    this.#working = restored.then(
      () => undefined,
      () => undefined,
    );
    return (this.#saved = (await restored).document);
  }

  async flush(): Promise<void> {
    if (this.state === 'unsaved') await this.save();
    if (this.#checkpoints.size > 0 && !this.#barred) await this.#saveCheckpoints();
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#held?.close();
  }

  async #save(): Promise<void> {
    const document = this.#options.document();
    const fingerprint = this.#fingerprint;
    if (this.#barred) return;
    if (this.#held && document === this.#saved && fingerprint === undefined) {
      this.state = 'saved';
      return;
    }
    this.state = 'saving';
    try {
      if (this.#held) await this.#held.save(document, fingerprint);
      else await this.#create(document, fingerprint ?? null);
      this.#saved = document;
      if (this.#fingerprint === fingerprint) this.#fingerprint = undefined;
      this.detail = '';
      this.#options.notices.dismissBanner('storage');
      this.state = this.#options.document() === document ? 'saved' : 'unsaved';
    } catch (error) {
      this.#failed(error);
    }
  }

  async #create(document: GraphDocument, fingerprint: Fingerprint | null): Promise<void> {
    const { library, opened, registry } = this.#options;
    const tables = storedTables(document).flatMap((hash) => {
      const table = opened.tables.get(hash);
      const csv = table && new Blob([table.csv], { type: 'text/csv' });
      return csv ? [{ hash, name: table.name, csv }] : [];
    });
    const checkpoints = this.checkpoints();
    const record = await library.create({ document, fingerprint, checkpoints, tables });
    this.#checkpoints.clear();
    this.#held = await library.open(record.id, registry);
    this.#watch(this.#held);
    this.#options.onkept(record.id);
  }

  async #saveCheckpoints(): Promise<void> {
    clearTimeout(this.#checkpointTimer);
    this.#checkpointTimer = undefined;
    if (this.#barred) return;
    if (!this.#held || this.#held.access === 'read' || this.#checkpoints.size === 0) return;
    const checkpoints = [...this.#checkpoints.values()];
    this.#checkpoints.clear();
    try {
      await this.#held.saveCheckpoints(checkpoints);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const kind = error instanceof StorageError ? error.kind : 'unknown';
    this.state = kind === 'superseded' ? 'superseded' : 'failed';
    this.detail = error instanceof Error ? error.message : String(error);
    const { notices, onexport } = this.#options;
    notices.banner({
      kind: 'storage',
      tone: 'error',
      text: this.detail,
      action:
        kind === 'conflict' || kind === 'locked'
          ? { label: 'Save as a copy', run: () => void this.#copy() }
          : { label: 'Export', run: onexport },
    });
  }

  /** Goes on as a new experiment. */
  async #copy(): Promise<void> {
    const before = this.#held;
    this.#held = null;
    this.#saved = null;
    this.state = 'unsaved';
    this.#options.notices.dismissBanner('storage');
    this.#options.notices.dismissBanner('tab');
    await before?.close();
    await this.save();
  }

  #watch(held: EditSession): void {
    if (held.access === 'read') this.#readOnly();
    held.subscribe((event) => {
      if (held !== this.#held) return;
      const { notices, onreplace } = this.#options;
      if (event.kind === 'removed')
        notices.banner({
          kind: 'tab',
          tone: 'warning',
          text: 'This experiment was removed from the library in another tab.',
          action: { label: 'Keep it as a copy', run: () => void this.#copy() },
        });
      else {
        this.#saved = event.experiment.document;
        onreplace(event.experiment.document);
        if (event.kind !== 'writable') return;
        this.state = 'saved';
        notices.dismissBanner('tab');
      }
    });
  }

  #readOnly(): void {
    this.state = 'readonly';
    this.#options.notices.banner({
      kind: 'tab',
      tone: 'warning',
      text: 'This experiment is open in another tab. Changes made here are not saved; they would be lost when the other tab saves.',
      action: { label: 'Edit a copy', run: () => void this.#copy() },
    });
  }
}
