export type StorageErrorKind =
  /** No room left for this site. */
  | 'quota'
  /** This browser offers no database here (private window, switched off). */
  | 'unavailable'
  /** Another tab holds an older version of the database open. */
  | 'blocked'
  /** The database was closed under this page by a newer version in another tab, or by the browser. */
  | 'closed'
  /** A newer version of the app has taken the library over. */
  | 'superseded'
  /** Someone else wrote since this page read. */
  | 'conflict'
  /** Another tab has the experiment open for writing. */
  | 'locked'
  | 'not-found'
  | 'unknown';

/** The library could not do what was asked; the message tells a person what happened and what helps. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly kind: StorageErrorKind;
  constructor(kind: StorageErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The names under which a cause may hide: its own and that of what Dexie wrapped. */
function names(error: unknown): string[] {
  const found: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    found.push(at.name);
    at = 'inner' in at ? at.inner : at.cause;
  }
  return found;
}

/** What the browser or Dexie threw, as a StorageError. */
export function toStorageError(error: unknown, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const all = names(error);
  const text = error instanceof Error ? error.message : String(error);
  const has = (...wanted: string[]) => wanted.some((name) => all.includes(name));
  if (has('QuotaExceededError') || /quota/i.test(text))
    return new StorageError(
      'quota',
      `${doing}: expected room in this browser's storage, got none left. Export your work, then remove experiments or free disk space.`,
      { cause: error },
    );
  if (has('DatabaseClosedError', 'InvalidStateError'))
    return new StorageError(
      'closed',
      `${doing}: expected an open library, got one that was closed (${text}). Reload the page; export unsaved work first.`,
      { cause: error },
    );
  if (has('MissingAPIError', 'OpenFailedError', 'SecurityError', 'VersionError', 'TimeoutError'))
    return unavailable(doing, error);
  return new StorageError(
    'unknown',
    `${doing}: expected the browser's storage to answer, got ${text}. Export your work, then reload the page.`,
    { cause: error },
  );
}

export function superseded(doing: string): StorageError {
  return new StorageError(
    'superseded',
    `${doing}: expected to be the newest version of Adjoint in this browser, got a newer one in another tab. This tab no longer saves. Export what you changed here since, then reload it.`,
  );
}

/** The browser's own words for this differ and help nobody; they are kept as the cause. */
export function unavailable(doing: string, cause?: unknown): StorageError {
  return new StorageError(
    'unavailable',
    `${doing}: expected storage in this browser, got none (a private window, or storage is switched off or damaged). Export your work to keep it.`,
    { cause },
  );
}
