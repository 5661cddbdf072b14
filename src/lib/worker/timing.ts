/** How long the page waits for the worker, in milliseconds. */
export interface Timing {
  /** Between pings while something is under way. */
  readonly pingMs: number;
  /** Silence after which the person is asked, and without announced work the worker counts as dead. */
  readonly askMs: number;
  /** A `stop` or `rewind` unanswered for so long ends the worker. */
  readonly stopMs: number;
  /** A `pause` waits longer: the step under way is kept if it ends soon. */
  readonly pauseMs: number;
  /** A change of the graph waits until the work that it makes stale has taken so long. */
  readonly staleMs: number;
  /** For answers that wait in the page's queue behind a late timer. */
  readonly graceMs: number;
  /** A worker that lived so long did not die of being started. */
  readonly livedMs: number;
}

export const TIMING: Timing = {
  pingMs: 1_000,
  askMs: 10_000,
  stopMs: 150,
  pauseMs: 1_000,
  staleMs: 1_000,
  graceMs: 20,
  livedMs: 3_000,
};
