/**
 * What the worker is computing, told to the page before it begins: a worker inside one long evaluation cannot answer, and the
 * page must know what to name and what to stop.
 */
import type { OffMark, Work } from './protocol.ts';

export class Activity {
  private readonly open: Work[] = [];
  private readonly send: (open: readonly Work[]) => void;
  private marks: ReadonlyMap<string, OffMark> = new Map();
  /** The last message still names work that has ended. */
  private behind = false;

  constructor(send: (open: readonly Work[]) => void) {
    this.send = send;
  }

  /** @returns what to call when the work has ended; calls after the first do nothing */
  begin(work: Work): () => void {
    const entry = { ...work };
    this.open.push(entry);
    this.tell();
    return () => {
      const at = this.open.indexOf(entry);
      if (at < 0) return;
      this.open.splice(at, 1);
      // Else the next beginning tells it soon enough: a run goes from chunk to chunk.
      if (this.open.length > 0) this.tell();
      else this.behind = true;
    };
  }

  /** Nothing more will begin for now. */
  rest(): void {
    if (this.behind) this.tell();
  }

  setMarks(marks: readonly OffMark[]): void {
    this.marks = new Map(marks.map((mark) => [nameOf(mark), mark]));
  }

  /** The mark that forbids this work. */
  off(kind: Work['kind'], key: string): OffMark | undefined {
    return this.marks.get(nameOf({ kind, key }));
  }

  private tell(): void {
    this.behind = false;
    this.send([...this.open]);
  }
}

function nameOf({ kind, key }: Pick<OffMark, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}
