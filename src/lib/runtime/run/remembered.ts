/** Results of runs that were discarded or begun again, kept so that an undo brings them back; the oldest go first. */
import type { LiveNumbers } from '../graph/ports.ts';
import type { HostArray } from '../ir/types.ts';
import type { Checkpoint } from './protocol.ts';

const MOST = 32;
const MOST_BYTES = 64e6;

/** Whose results they are, by the content of its node. */
interface Owner {
  readonly id: string;
  readonly hash: string;
}

export class Remembered {
  /** From the oldest to the newest. */
  private kept: readonly Checkpoint[] = [];

  /** Takes the place of what is kept of the same run with the same values. */
  keep(checkpoint: Checkpoint): void {
    const owner = { id: checkpoint.nodeId, hash: checkpoint.hash };
    this.takeOf(owner, lastValues(checkpoint));
    if (bytesOf(checkpoint.state) > MOST_BYTES) return;
    this.kept = [...this.kept, checkpoint];
    let bytes = this.kept.reduce((sum, { state }) => sum + bytesOf(state), 0);
    // Ends since each turn drops one.
    while (this.kept.length > MOST || (bytes > MOST_BYTES && this.kept.length > 0)) {
      bytes -= bytesOf(this.kept[0].state);
      this.kept = this.kept.slice(1);
    }
  }

  /** Takes the results out that end with these live values. */
  takeOf(owner: Owner, live: LiveNumbers): Checkpoint | undefined {
    return this.take(this.of(owner).find((checkpoint) => agrees(checkpoint, live)));
  }

  /** Takes the run out as it stood last, whatever its values, a rewound one too. */
  takeLast(owner: Owner): Checkpoint | undefined {
    return this.take(this.of(owner).at(-1));
  }

  private take(checkpoint: Checkpoint | undefined): Checkpoint | undefined {
    this.kept = this.kept.filter((other) => other !== checkpoint);
    return checkpoint;
  }

  private of({ id, hash }: Owner): readonly Checkpoint[] {
    return this.kept.filter((checkpoint) => checkpoint.nodeId === id && checkpoint.hash === hash);
  }
}

function lastValues({ segments }: Checkpoint): LiveNumbers {
  return segments.at(-1)?.live ?? {};
}

/** The values that the results were computed with; others of the graph do not concern them. */
function agrees(checkpoint: Checkpoint, live: LiveNumbers): boolean {
  return Object.entries(lastValues(checkpoint)).every(([key, value]) => live[key] === value);
}

function bytesOf(state: readonly HostArray[]): number {
  return state.reduce((total, { data }) => total + data.byteLength, 0);
}
