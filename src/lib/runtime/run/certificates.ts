import type { Certificate, ObjectiveValue } from '../graph/ports.ts';
import type { Activity } from './activity.ts';
import { liveRefsOf } from './compile-plan.ts';
import type { OffMark, Work } from './protocol.ts';
import type { LiveNumbers } from './trajectory.ts';

/** The certificate is not computed: a person stopped it, or the worker died in it. */
export class CertificateOff extends Error {
  override readonly name = 'CertificateOff';
  readonly mark: OffMark;
  constructor(mark: OffMark) {
    super(`${mark.reason}: change the objective, or start it again.`);
    this.mark = mark;
  }
}

interface Entry {
  readonly work: Work;
  readonly abort: AbortController;
  readonly result: Promise<Certificate>;
}

/** Certificates of f*, computed once per objective and live values and shared by all runs on it. */
export class Certificates {
  private readonly known = new WeakMap<ObjectiveValue, Map<string, Entry>>();
  private readonly computing = new Set<Entry>();
  private readonly activity: Activity;

  constructor(activity: Activity) {
    this.activity = activity;
  }

  /** Some are being computed. */
  get busy(): boolean {
    return this.computing.size > 0;
  }

  /** What the certificate of an objective depends on besides itself. */
  key(objective: ObjectiveValue, live: LiveNumbers): string {
    return liveRefsOf(objective)
      .map((ref) => `${ref.key}=${live[ref.key]}`)
      .join(' ');
  }

  /**
   * Null where the objective offers none. Rejects with what went wrong.
   *
   * @param work what the page is told; its key, which off-marks name, is this one's content
   * @throws CertificateOff
   */
  async get(objective: ObjectiveValue, live: LiveNumbers, work: Work): Promise<Certificate | null> {
    if (!objective.certify) return null;
    const mark = this.activity.off('certificate', work.key);
    if (mark) throw new CertificateOff(mark);
    let byLive = this.known.get(objective);
    if (!byLive) this.known.set(objective, (byLive = new Map()));
    const key = this.key(objective, live);
    let entry = byLive.get(key);
    if (!entry || entry.abort.signal.aborted)
      byLive.set(key, (entry = this.begin(objective, live, work)));
    return entry.result;
  }

  /** Gives up what a mark has turned off. */
  followMarks(): void {
    for (const { work, abort } of this.computing) {
      const mark = this.activity.off('certificate', work.key);
      if (mark) abort.abort(new CertificateOff(mark));
    }
  }

  dispose(): void {
    for (const { abort } of this.computing) abort.abort();
  }

  private begin(objective: ObjectiveValue, live: LiveNumbers, work: Work): Entry {
    const abort = new AbortController();
    const { signal } = abort;
    // A later turn, so that it does not delay the first chunk.
    const result = Promise.resolve().then(async () => {
      const end = this.activity.begin(work);
      try {
        const value = await objective.certify?.(live, signal);
        signal.throwIfAborted();
        if (!value) throw new Error('internal: expected a certificate, got nothing.');
        return value;
      } finally {
        end();
        this.computing.delete(entry);
      }
    });
    const entry: Entry = { work, abort, result };
    this.computing.add(entry);
    return entry;
  }
}
