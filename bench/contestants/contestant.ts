/** One way to train the network of tests/contract/support/mlp-step.ts. */
export interface Contestant {
  readonly name: string;
  /** What exactly is measured, for the report. */
  readonly form: string;
  /** Opens devices and compiles; not measured. */
  prepare(stepSize: number): Promise<Trainer>;
}

export interface Trainer {
  /** Does `count` steps and resolves when the device has finished them. */
  train(count: number): Promise<Timing>;
  loss(): Promise<number>;
  dispose(): void;
}

export interface Timing {
  /** Milliseconds in which the calling thread was busy issuing the steps. */
  readonly host: number;
  /** Milliseconds until the steps were done. */
  readonly total: number;
}

/** Times code that issues all steps without waiting, and then waits. */
export async function timed(issue: () => void, finished: () => Promise<unknown>): Promise<Timing> {
  const start = performance.now();
  issue();
  const host = performance.now() - start;
  await finished();
  return { host, total: performance.now() - start };
}
