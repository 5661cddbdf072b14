/** Work that is not to be begun again: stopped by a person, or fatal to the worker. Held by the page, for it outlives workers. */
import type { OffMark, Work } from '../runtime/run/protocol.ts';

/** An off-mark with what the page needs to show and lift it. */
export interface KeptMark extends OffMark {
  readonly nodeId?: string;
}

/** Where marks survive a reload, and where work is noted that the page may not survive. */
export interface MarkStore {
  load(): readonly KeptMark[];
  save(marks: readonly KeptMark[]): void;
  /** The worker is silent inside this work; null when it was heard again. */
  note(work: Work | null): void;
}

/** The oldest go first. */
const MOST_MARKS = 64;

export class OffMarks {
  private kept: readonly KeptMark[];
  private readonly store: MarkStore | undefined;

  constructor(store?: MarkStore) {
    this.store = store;
    this.kept = store?.load() ?? [];
  }

  get all(): readonly KeptMark[] {
    return this.kept;
  }

  has({ kind, key }: Pick<OffMark, 'kind' | 'key'>): boolean {
    return this.kept.some((mark) => mark.kind === kind && mark.key === key);
  }

  add({ kind, key, nodeId }: Work, reason: string): void {
    const others = this.kept.filter((mark) => mark.kind !== kind || mark.key !== key);
    const mark: KeptMark = { kind, key, reason, ...(nodeId === undefined ? {} : { nodeId }) };
    this.set([...others, mark].slice(-MOST_MARKS));
  }

  /** @returns whether there were such marks */
  lift(matches: (mark: KeptMark) => boolean): boolean {
    const left = this.kept.filter((mark) => !matches(mark));
    if (left.length === this.kept.length) return false;
    this.set(left);
    return true;
  }

  note(work: Work | null): void {
    this.store?.note(work);
  }

  private set(marks: readonly KeptMark[]): void {
    this.kept = marks;
    this.store?.save(marks);
  }
}
