/** Lets long computations on the host yield to the event loop, say how far they are, and stop when they are no longer wanted. */

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 20;
/** Milliseconds between two reports. */
const REPORT = 100;

export interface Pacer {
  /** Cheap; call it in loops. True when it is time to `await pause()`. */
  due(): boolean;
  /** Lets other work run, then throws the signal's reason if it was aborted. */
  pause(): Promise<void>;
  /** Says which share of the work is done, from 0 to 1; passed on at most ten times a second. */
  progress(fraction: number): void;
}

const watchers = new WeakMap<AbortSignal, (seconds: number) => void>();
const audiences = new WeakMap<AbortSignal, (fraction: number) => void>();

/** Tells how long work under a signal has computed, a slice at a time. What the listener throws ends that work. */
export function watchPace(signal: AbortSignal, listener: (seconds: number) => void): void {
  watchers.set(signal, listener);
}

/** Hears how far the work under a signal is, where it has no report of its own. */
export function watchProgress(signal: AbortSignal, listener: (fraction: number) => void): void {
  audiences.set(signal, listener);
}

export function createPacer(
  signal: AbortSignal,
  report: ((fraction: number) => void) | undefined = audiences.get(signal),
): Pacer {
  let last = performance.now();
  // The first report is due when the work has taken long enough to be worth one.
  let said = last;
  return {
    due: () => performance.now() - last > SLICE,
    async pause() {
      watchers.get(signal)?.((performance.now() - last) / 1000);
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      signal.throwIfAborted();
      last = performance.now();
    },
    progress(fraction) {
      const now = performance.now();
      if (!report || now - said < REPORT) return;
      said = now;
      report(fraction);
    },
  };
}

/** The pacer of a part of the work: its 0 and 1 are `from` and `to` of the whole. */
export function partOf(pacer: Pacer, from: number, to: number): Pacer {
  return {
    due: () => pacer.due(),
    pause: () => pacer.pause(),
    progress: (fraction) => pacer.progress(from + fraction * (to - from)),
  };
}
