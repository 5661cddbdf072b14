/**
 * Off-marks in this browser, whatever experiment they came from: they go by content, so a link opened again meets them too. What
 * the worker is silent in is noted for this tab; a note that is still there when the page opens was left by a page that died.
 */
import type { Work } from '../../runtime/run/protocol.ts';
import type { KeptMark, MarkStore } from '../../worker/off-marks.ts';

const MARKS = 'adjoint.off';
const NOTE = 'adjoint.silent';
const KINDS: readonly string[] = ['evaluation', 'chunk', 'certificate'] satisfies Work['kind'][];

type Keeps = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The two storages of a page, or fakes of them. Where storage is forbidden, asking for it throws. */
export interface MarkStorages {
  readonly lasting: () => Keeps;
  readonly ofTab: () => Keeps;
}

export function createMarkStore({ lasting, ofTab }: MarkStorages): MarkStore {
  return {
    load() {
      const marks = read(lasting, MARKS);
      const kept = Array.isArray(marks) ? marks.filter(isMark) : [];
      const note = read(ofTab, NOTE);
      quietly(() => ofTab().removeItem(NOTE));
      if (!isWork(note)) return kept;
      const { kind, key, nodeId } = note;
      const what = kind === 'chunk' ? 'computed a step of it' : 'evaluated it';
      const reason = `The page ended while the worker ${what}`;
      const found: KeptMark = { kind, key, reason, ...(nodeId === undefined ? {} : { nodeId }) };
      const all = [...kept.filter((mark) => mark.kind !== kind || mark.key !== key), found];
      this.save(all);
      return all;
    },
    save(marks) {
      quietly(() => lasting().setItem(MARKS, JSON.stringify(marks)));
    },
    note(work) {
      if (work && !KINDS.includes(work.kind)) return;
      quietly(() =>
        work ? ofTab().setItem(NOTE, JSON.stringify(work)) : ofTab().removeItem(NOTE),
      );
    },
  };
}

/** A full or forbidden storage leaves the marks to this page. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing else depends on it.
  }
}

function read(storage: () => Keeps, name: string): unknown {
  try {
    return JSON.parse(storage().getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

function isWork(value: unknown): value is Pick<Work, 'kind' | 'key' | 'nodeId'> {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, key, nodeId } = value as Record<string, unknown>;
  return (
    typeof kind === 'string' &&
    KINDS.includes(kind) &&
    typeof key === 'string' &&
    (nodeId === undefined || typeof nodeId === 'string')
  );
}

function isMark(value: unknown): value is KeptMark {
  return isWork(value) && typeof (value as { reason?: unknown }).reason === 'string';
}
