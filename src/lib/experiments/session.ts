import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import { decodeDocument } from '../runtime/graph/schema.ts';
import type { Checkpoint } from '../runtime/run/protocol.ts';
import { StorageError } from './errors.ts';
import type { Library } from './library.ts';
import type { ExperimentRecord } from './records.ts';
import { lockName, tryLock, waitForLock, type HeldLock, type Locks } from './tab-locks.ts';

export type SessionEvent =
  /** The other tab closed: this one may write now; `experiment` is what the other left. */
  | { readonly kind: 'writable'; readonly experiment: ExperimentRecord }
  /** Another tab saved. */
  | { readonly kind: 'changed'; readonly experiment: ExperimentRecord }
  | { readonly kind: 'removed' };

/**
 * One tab's hold on an experiment. The first tab writes; later ones read, are told of changes, and may write when the first
 * has closed. Where there are no locks, revisions still keep a second writer from overwriting silently.
 */
export class EditSession {
  readonly id: string;
  readonly #library: Library;
  readonly #registry: NodeRegistry;
  #experiment: ExperimentRecord;
  #lock: HeldLock | null;
  #access: 'write' | 'read';
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  /** Saves run one after another, so each knows the revision it follows. */
  #saving: Promise<unknown> = Promise.resolve();

  private constructor(
    library: Library,
    registry: NodeRegistry,
    experiment: ExperimentRecord,
    lock: HeldLock | null,
    access: 'write' | 'read',
  ) {
    this.#library = library;
    this.#registry = registry;
    this.#experiment = experiment;
    this.#lock = lock;
    this.#access = access;
    this.id = experiment.id;
  }

  /** Called by `Library.open`. */
  static async open(
    library: Library,
    id: string,
    registry: NodeRegistry,
    locks: Locks | undefined,
  ): Promise<EditSession> {
    const lock = locks ? await tryLock(locks, lockName(id)) : null;
    try {
      const access = lock || !locks ? 'write' : 'read';
      const stored = brought(await library.load(id), registry);
      const session = new EditSession(library, registry, stored, lock, access);
      session.#closed.signal.addEventListener(
        'abort',
        library.subscribe((change) => {
          if (change.id === id && change.elsewhere) void session.#refresh();
        }),
      );
      if (locks && !lock) void session.#takeOver(locks);
      return session;
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  /** `read`: another tab writes; offer a copy, or wait for the `writable` event. */
  get access(): 'write' | 'read' {
    return this.#access;
  }

  /** As last loaded or saved, its document at the present versions. */
  get experiment(): ExperimentRecord {
    return this.#experiment;
  }

  /**
   * @throws StorageError `locked` when this tab may only read, `conflict` when another has written, `quota`, …;
   * DocumentError when it could not be opened again; the document is not lost: save it as a copy with `saveCopy`, or export it
   */
  save(document: GraphDocument, fingerprint?: Fingerprint | null): Promise<ExperimentRecord> {
    return this.#write(async () => {
      // What could not be opened again is not stored.
      decodeDocument(document, this.#registry);
      return this.#library.write(this.id, this.#experiment.revision, {
        document,
        ...(fingerprint === undefined ? {} : { fingerprint }),
      });
    });
  }

  /** Puts a version of the history back, and returns it. The present state joins the history. */
  restore(historyId: string): Promise<ExperimentRecord> {
    return this.#write(() =>
      this.#library.restore(
        this.id,
        historyId,
        this.#experiment.revision,
        (stored) => decodeDocument(stored, this.#registry).document,
      ),
    );
  }

  async saveCheckpoints(checkpoints: readonly Checkpoint[]): Promise<void> {
    this.#assertWritable();
    await this.#library.saveCheckpoints(this.id, checkpoints);
  }

  /** The document as a new experiment of the library. */
  saveCopy(document: GraphDocument, fingerprint?: Fingerprint | null): Promise<ExperimentRecord> {
    const title = `${document.title.slice(0, 195)} copy`;
    return this.#library.create({ document: { ...document, title }, fingerprint });
  }

  subscribe(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Lets another tab write. Waits for saves that are under way. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#access = 'read';
    await this.#saving;
    this.#lock?.release();
    this.#lock = null;
  }

  async #write(work: () => Promise<ExperimentRecord>): Promise<ExperimentRecord> {
    this.#assertWritable();
    const result = this.#saving.then(async () => (this.#experiment = await work()));
    this.#saving = result.catch(() => undefined);
    return result;
  }

  #assertWritable(): void {
    if (this.#access === 'write') return;
    throw new StorageError(
      'locked',
      `save: expected “${this.#experiment.title}” to be open for writing here, got it open in another tab. Close the other tab, or save this one as a copy.`,
    );
  }

  async #takeOver(locks: Locks): Promise<void> {
    const lock = await waitForLock(locks, lockName(this.id), this.#closed.signal);
    if (!lock) return;
    if (this.#closed.signal.aborted) {
      lock.release();
      return;
    }
    this.#lock = lock;
    const experiment = await this.#present();
    if (!experiment) {
      // Another tab may have better luck.
      lock.release();
      this.#lock = null;
      return;
    }
    this.#experiment = experiment;
    this.#access = 'write';
    this.#tell({ kind: 'writable', experiment });
  }

  async #refresh(): Promise<void> {
    const experiment = await this.#present();
    if (!experiment || experiment.revision <= this.#experiment.revision) return;
    // A writer keeps the revision it knows, so that its next save is refused instead of overwriting.
    if (this.#access === 'read') this.#experiment = experiment;
    this.#tell({ kind: 'changed', experiment });
  }

  /** What the library holds now; null, after telling so, when that is nothing. */
  async #present(): Promise<ExperimentRecord | null> {
    try {
      return brought(await this.#library.load(this.id), this.#registry);
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'not-found')
        this.#tell({ kind: 'removed' });
      // A library that does not answer says so at the next save.
      return null;
    }
  }

  #tell(event: SessionEvent): void {
    if (this.#closed.signal.aborted) return;
    for (const listener of this.#listeners) listener(event);
  }
}

/** What is stored may be of an older version of the app: it enters as a link or a file does. @throws DocumentError */
function brought(stored: ExperimentRecord, registry: NodeRegistry): ExperimentRecord {
  return { ...stored, document: decodeDocument(stored.document, registry).document };
}
