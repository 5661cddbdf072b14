/**
 * Certificates of f*, computed once per objective and live values and shared by all runs on it; one at a time, the most urgent
 * first. What is no longer wanted is stopped, so that a slider that is dragged leaves no work behind.
 */
import { watchProgress } from '../../numerics/pacer.ts';
import type { LiveNumbers, ObjectiveValue } from '../graph/ports.ts';
import type { Activity } from './activity.ts';
import { liveRefsOf } from './compile-plan.ts';
import type { OffMark, Work } from './protocol.ts';
import type { CertificateState } from './segments.ts';

export interface Wanted {
  readonly objective: ObjectiveValue;
  readonly live: LiveNumbers;
  /** Of the values that a run goes by now: others make way for it. */
  readonly urgent: boolean;
  /** What the page is told; its key, which off-marks name, is this one's content. */
  readonly work: Work;
}

export interface CertificatesHost {
  readonly activity: Activity;
  /** One is further. */
  progress(objective: ObjectiveValue): void;
  /** One is known, or cannot be had. */
  changed(objective: ObjectiveValue): void;
  failed(objective: ObjectiveValue, reason: string): void;
}

interface Computing {
  readonly what: Wanted;
  readonly abort: AbortController;
  fraction?: number;
}

/** Kept for each objective: those of a slider that was dragged are not worth their memory. */
const MOST_KEPT = 64;
const PENDING: CertificateState = { state: 'pending' };

export class Certificates {
  private readonly host: CertificatesHost;
  private readonly found = new WeakMap<ObjectiveValue, Map<string, CertificateState>>();
  private wanted: readonly Wanted[] = [];
  private computing: Computing | null = null;
  private disposed = false;

  constructor(host: CertificatesHost) {
    this.host = host;
  }

  /** Some are wanted and not there yet. */
  get busy(): boolean {
    return this.computing !== null || this.next() !== undefined;
  }

  /** What is known; asks for nothing. */
  state(objective: ObjectiveValue, live: LiveNumbers): CertificateState {
    if (!objective.certify) return { state: 'none' };
    const found = this.found.get(objective)?.get(valuesKey(objective, live));
    if (found) return found;
    const fraction = this.isComputing(objective, live) ? this.computing?.fraction : undefined;
    return fraction === undefined ? PENDING : { state: 'pending', fraction };
  }

  isComputing(objective: ObjectiveValue, live: LiveNumbers): boolean {
    return this.computing !== null && isSame(this.computing.what, { objective, live });
  }

  wants(objective: ObjectiveValue, live: LiveNumbers): boolean {
    return this.wanted.some((other) => isSame(other, { objective, live }));
  }

  /** Computes these, urgent ones first, and no others. */
  want(wanted: readonly Wanted[]): void {
    this.wanted = [...wanted.filter(({ urgent }) => urgent), ...wanted.filter((w) => !w.urgent)];
    if (this.computing) {
      const { what, abort } = this.computing;
      const still = this.wanted.find((other) => isSame(other, what));
      if (!still || (!still.urgent && this.next()?.urgent))
        abort.abort(new DOMException('superseded by a change', 'AbortError'));
    }
    this.begin();
  }

  /** Gives up what a mark has turned off, and asks again for what no mark forbids any more. */
  followMarks(): void {
    for (const { objective, live, work } of this.wanted) {
      const known = this.state(objective, live);
      const isOff = known.state === 'unavailable' && known.off !== undefined;
      if (isOff && !this.markOf(work))
        this.found.get(objective)?.delete(valuesKey(objective, live));
    }
    if (this.computing && this.markOf(this.computing.what.work)) this.computing.abort.abort();
    this.begin();
  }

  dispose(): void {
    this.disposed = true;
    this.computing?.abort.abort();
  }

  private markOf(work: Work): OffMark | undefined {
    return this.host.activity.off('certificate', work.key);
  }

  private next(): Wanted | undefined {
    return this.wanted.find(
      ({ objective, live }) => this.state(objective, live).state === 'pending',
    );
  }

  private begin(): void {
    const what = this.next();
    if (this.computing || this.disposed || !what) return;
    const mark = this.markOf(what.work);
    if (mark) {
      this.settle(what, offState(mark));
      return;
    }
    const abort = new AbortController();
    const computing: Computing = { what, abort };
    this.computing = computing;
    watchProgress(abort.signal, (fraction) => {
      if (this.computing !== computing) return;
      computing.fraction = fraction;
      this.host.progress(what.objective);
    });
    void this.compute(what, abort.signal).then((state) => {
      this.computing = null;
      if (this.disposed) return;
      const off = this.markOf(what.work);
      if (off) this.settle(what, offState(off));
      else if (state) this.settle(what, state);
      // Superseded: asked for again where it is still wanted.
      else {
        this.begin();
        this.host.changed(what.objective);
      }
    });
  }

  /** Null when it was stopped. */
  private async compute(
    { objective, live, work }: Wanted,
    signal: AbortSignal,
  ): Promise<CertificateState | null> {
    // A later turn, so that it does not delay the first chunk.
    await Promise.resolve();
    const end = this.host.activity.begin(work);
    try {
      const certificate = await objective.certify?.(live, signal);
      signal.throwIfAborted();
      if (!certificate) throw new Error('internal: expected a certificate, got nothing.');
      return { state: 'known', certificate };
    } catch (error) {
      if (signal.aborted) return null;
      return {
        state: 'unavailable',
        reason: error instanceof Error ? error.message : String(error),
      };
    } finally {
      end();
    }
  }

  private settle({ objective, live }: Wanted, state: CertificateState): void {
    if (state.state === 'unavailable') this.host.failed(objective, state.reason);
    const byLive = this.found.get(objective) ?? new Map<string, CertificateState>();
    this.found.set(objective, byLive.set(valuesKey(objective, live), state));
    for (const key of byLive.keys()) if (byLive.size > MOST_KEPT) byLive.delete(key);
    this.begin();
    this.host.changed(objective);
  }
}

/** What the certificate of an objective depends on besides itself. */
export function valuesKey(objective: ObjectiveValue, live: LiveNumbers): string {
  return liveRefsOf(objective)
    .map((ref) => `${ref.key}=${live[ref.key]}`)
    .join(' ');
}

/** A person stopped it, or the worker died in it. */
function offState(off: OffMark): CertificateState {
  const reason = `${off.reason}: change the objective, or start it again.`;
  return { state: 'unavailable', reason, off };
}

type Values = Pick<Wanted, 'objective' | 'live'>;

function isSame(a: Values, b: Values): boolean {
  return (
    a.objective === b.objective && valuesKey(a.objective, a.live) === valuesKey(b.objective, b.live)
  );
}
