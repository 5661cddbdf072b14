/** One writer per experiment among the tabs of this browser, by the Web Locks API. */

/** The part of `LockManager` that is used; tests bring their own. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    held: (lock: unknown) => Promise<void>,
  ): Promise<unknown>;
}

/** A lock that is held until `release`. */
export interface HeldLock {
  release(): void;
}

/** Undefined outside a secure context and in old browsers: then only revisions guard against a second writer. */
export function browserLocks(): Locks | undefined {
  const manager = globalThis.navigator?.locks as LockManager | undefined;
  return (
    manager && {
      request: (name, options, held) => manager.request(name, options, (lock) => held(lock)),
    }
  );
}

/** Takes the lock at once, or answers null when another tab holds it. */
export function tryLock(locks: Locks, name: string): Promise<HeldLock | null> {
  return acquire(locks, name, { ifAvailable: true });
}

/** Waits for the lock. Resolves with null when `signal` was aborted first. */
export async function waitForLock(
  locks: Locks,
  name: string,
  signal: AbortSignal,
): Promise<HeldLock | null> {
  try {
    return await acquire(locks, name, { signal });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function acquire(
  locks: Locks,
  name: string,
  options: { ifAvailable?: boolean; signal?: AbortSignal },
): Promise<HeldLock | null> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, (lock) => {
        if (lock === null) {
          resolve(null);
          return Promise.resolve();
        }
        return new Promise<void>((release) => resolve({ release }));
      })
      .catch(reject);
  });
}

/** The lock that the one writing tab of an experiment holds. */
export function lockName(id: string): string {
  return `adjoint.experiment.${id}`;
}
