import type { Certificate, ObjectiveValue } from '../graph/ports.ts';
import { liveRefsOf } from './compile-plan.ts';
import type { LiveNumbers } from './trajectory.ts';

/** Certificates of f*, computed once per objective and live values and shared by all runs on it. */
export class Certificates {
  private readonly known = new WeakMap<ObjectiveValue, Map<string, Promise<Certificate>>>();
  private readonly abort = new AbortController();
  private open = 0;

  /** Some are being computed. */
  get busy(): boolean {
    return this.open > 0;
  }

  /** What the certificate of an objective depends on besides itself. */
  key(objective: ObjectiveValue, live: LiveNumbers): string {
    return liveRefsOf(objective)
      .map((ref) => `${ref.key}=${live[ref.key]}`)
      .join(' ');
  }

  /** Null where the objective offers none. Rejects with what went wrong. */
  get(objective: ObjectiveValue, live: LiveNumbers): Promise<Certificate | null> {
    if (!objective.certify) return Promise.resolve(null);
    let byLive = this.known.get(objective);
    if (!byLive) this.known.set(objective, (byLive = new Map()));
    const key = this.key(objective, live);
    let certificate = byLive.get(key);
    if (!certificate) {
      this.open += 1;
      // A later turn, so that it does not delay the first chunk.
      certificate = Promise.resolve()
        .then(() => objective.certify?.(live, this.abort.signal))
        .then((value) => {
          if (!value) throw new Error('internal: expected a certificate, got nothing.');
          return value;
        })
        .finally(() => (this.open -= 1));
      byLive.set(key, certificate);
    }
    return certificate;
  }

  dispose(): void {
    this.abort.abort();
  }
}
