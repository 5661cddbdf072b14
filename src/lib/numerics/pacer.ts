/** Lets long computations on the host yield to the event loop and stop when they are no longer wanted. */

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 20;

export interface Pacer {
  /** Cheap; call it in loops. True when it is time to `await pause()`. */
  due(): boolean;
  /** Lets other work run, then throws the signal's reason if it was aborted. */
  pause(): Promise<void>;
}

export function createPacer(signal: AbortSignal): Pacer {
  let last = performance.now();
  return {
    due: () => performance.now() - last > SLICE,
    async pause() {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      signal.throwIfAborted();
      last = performance.now();
    },
  };
}
