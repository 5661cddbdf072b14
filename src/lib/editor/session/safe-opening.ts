/**
 * A way back into an experiment that ends the page: a mark in the tab's own storage is set before an experiment is opened and
 * taken away when the page has lived for a while with it, or was left in peace. Where the mark is found twice for the same
 * experiment, the page died twice, and the experiment is opened without being evaluated.
 */

const KEY = 'adjoint-opening';
const DEATHS = 2;
/** Milliseconds that the page must live. */
const SURVIVED_MS = 5_000;

type MarkStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

interface Mark {
  readonly what: string;
  readonly deaths: number;
}

/**
 * Notes that `what` is being opened.
 * @param what names the experiment, the same each time
 * @returns whether to open it safely, and what ends the watch
 */
export function beginOpening(
  what: string,
  storage: MarkStorage | null = tabStorage(),
): { readonly safe: boolean; readonly end: () => void } {
  const before = read(storage);
  const deaths = before?.what === what ? before.deaths + 1 : 0;
  write(storage, { what, deaths });
  const end = () => {
    clearTimeout(timer);
    if (read(storage)?.what === what) write(storage, null);
  };
  const timer = setTimeout(end, SURVIVED_MS);
  return { safe: deaths >= DEATHS, end };
}

function read(storage: MarkStorage | null): Mark | null {
  try {
    const mark: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null');
    if (typeof mark !== 'object' || mark === null || !('what' in mark) || !('deaths' in mark))
      return null;
    const { what, deaths } = mark;
    return typeof what === 'string' && typeof deaths === 'number' ? { what, deaths } : null;
  } catch {
    return null;
  }
}

/** A storage that is full or switched off leaves no mark: then nothing is opened safely. */
function write(storage: MarkStorage | null, mark: Mark | null): void {
  try {
    if (mark) storage?.setItem(KEY, JSON.stringify(mark));
    else storage?.removeItem(KEY);
  } catch {
    // As said above.
  }
}

function tabStorage(): MarkStorage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
