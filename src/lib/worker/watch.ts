/**
 * Whether the worker still answers. Silence is counted in turns of the page's own timer, each at most two of its intervals,
 * so that a sleeping laptop, a throttled tab and a paused page count for nothing.
 */
export interface WatchOptions {
  /** Sends a ping with this number. */
  readonly ping: (id: number) => void;
  /** Called once an interval while the worker is silent, with the milliseconds counted. */
  readonly onSilence: (silentMs: number) => void;
  /** Milliseconds between pings. */
  readonly intervalMs: number;
}

export class Watch {
  private readonly options: WatchOptions;
  private sent = 0;
  private answeredTo = 0;
  private silentMs = 0;
  private turnAt = 0;
  private busy = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: WatchOptions) {
    this.options = options;
  }

  /** Milliseconds since the worker was last heard while a ping was open. */
  get silence(): number {
    return this.silentMs;
  }

  /** Pings now. @returns what `isAnswered` takes */
  ask(): number {
    const id = ++this.sent;
    this.options.ping(id);
    this.go();
    return id;
  }

  isAnswered(id: number): boolean {
    return id <= this.answeredTo;
  }

  /** Any message is a sign of life; a pong also answers what was sent before its ping. */
  heard(pong?: number): void {
    this.silentMs = 0;
    if (pong !== undefined) this.answeredTo = Math.max(this.answeredTo, pong);
    if (!this.underWay) this.rest();
  }

  /** The worker has announced work, or that nothing is left. */
  setBusy(busy: boolean): void {
    this.busy = busy;
    if (this.underWay) this.go();
    else this.rest();
  }

  /** The worker is gone: what it did not answer will not be answered. */
  reset(): void {
    this.answeredTo = this.sent;
    this.silentMs = 0;
    this.busy = false;
    this.rest();
  }

  private get underWay(): boolean {
    return this.busy || this.answeredTo < this.sent;
  }

  private go(): void {
    if (this.timer !== undefined) return;
    this.turnAt = performance.now();
    this.timer = setInterval(this.turn, this.options.intervalMs);
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private readonly turn = (): void => {
    const now = performance.now();
    const passed = Math.min(now - this.turnAt, 2 * this.options.intervalMs);
    this.turnAt = now;
    if (this.answeredTo === this.sent) {
      this.ask();
      return;
    }
    this.silentMs += passed;
    this.options.onSilence(this.silentMs);
  };
}
