import { createPacer } from '../../../numerics/pacer.ts';

/** Runs a computation that yields its progress; between two pieces of work other work runs, and an aborted signal ends it with its reason. */
export async function paced<P, T>(
  work: Generator<P, T>,
  signal: AbortSignal,
  report: (progress: P) => void = () => undefined,
): Promise<T> {
  const pacer = createPacer(signal);
  // Ends with the work, which counts its own steps, or with the signal.
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    if (!pacer.due()) continue;
    report(next.value);
    await pacer.pause();
  }
}
