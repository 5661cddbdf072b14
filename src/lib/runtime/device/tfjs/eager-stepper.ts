/** Steps operation by operation on a tfjs backend. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../ir/shape.ts';
import type { HostArray, Program } from '../../ir/types.ts';
import type { MetricRows, Stepper, StepperSpec } from '../device.ts';
import { DeviceError } from '../errors.ts';
import type { Compiled } from './compile.ts';
import { download, onBackend, upload } from './engine.ts';
import type { BackendName, Tf } from './engine.ts';

/** What the stepper needs of its device. */
export interface EagerHost {
  readonly tf: Tf;
  readonly backend: BackendName;
  compile(program: Program): Compiled;
  /** Whether work goes on after a call returns, so that only `settled` tells how long it took. */
  readonly asynchronous: boolean;
  /** Resolves when the work issued so far is done, after a macrotask boundary; rejects with DeviceError when the device is lost. */
  settled(): Promise<void>;
  /** Throws when the device is lost or disposed. */
  check(): void;
}

/** The thread is given back at least this often, so that a cancellation is seen promptly. */
const YIELD_AFTER_MS = 40;

export class EagerStepper implements Stepper {
  stepsDone = 0;
  readonly mode: Stepper['mode'];
  private readonly host: EagerHost;
  private readonly spec: StepperSpec;
  private readonly step: Compiled;
  private readonly metrics: Compiled;
  private readonly data: Tensor[];
  private state: Tensor[];
  private live: Tensor[];
  private seconds = 0;
  private disposed = false;

  constructor(host: EagerHost, spec: StepperSpec, note?: string) {
    this.host = host;
    this.spec = spec;
    this.mode = note === undefined ? { kind: 'eager' } : { kind: 'eager', note };
    const { tf } = host;
    [this.step, this.metrics, this.data, this.state, this.live] = onBackend(
      tf,
      host.backend,
      () => [
        host.compile(spec.step),
        host.compile(spec.metrics),
        spec.data.map((x) => upload(tf, x)),
        spec.state.map((x) => upload(tf, x)),
        spec.live.map((x) => tf.scalar(x, 'float32')),
      ],
    );
  }

  async advance(count: number, every: number): Promise<MetricRows> {
    this.check();
    const steps: number[] = [];
    const seconds: number[] = [];
    const rows: Tensor[][] = [];
    let window = new Window();
    const measure = (): void => {
      rows.push(window.timed('metrics', () => this.measure()));
      steps.push(this.stepsDone);
      window.mark();
    };
    const close = async (): Promise<void> => {
      // Where calls return early, the queue's time counts too; where they do not, the wait is idle.
      if (!this.host.asynchronous) window.stop();
      await this.host.settled();
      this.check();
      this.seconds = window.close(this.seconds, seconds);
      window = new Window();
    };
    if (this.stepsDone === 0) measure();
    for (let i = 0; i < count; i += 1) {
      window.timed('step', () => this.advanceOne());
      this.stepsDone += 1;
      if (this.stepsDone % every === 0) measure();
      if (window.age > YIELD_AFTER_MS) await close();
    }
    await close();
    const sizes = this.spec.metrics.outputs.map(({ shape }) => sizeOf(shape));
    const values = new Float64Array(rows.length * sizes.reduce((a, b) => a + b, 0));
    let at = 0;
    for (const row of rows) {
      for (const [m, tensor] of row.entries()) {
        values.set(await tensor.data(), at);
        at += sizes[m];
        tensor.dispose();
      }
    }
    return { steps, values, seconds };
  }

  setLive(live: readonly number[]): void {
    const { tf, backend } = this.host;
    if (live.length !== this.live.length)
      throw new DeviceError(
        'unsupported',
        `setLive: expected ${this.live.length} numbers, got ${live.length}. Build a new stepper when their count changes.`,
      );
    onBackend(tf, backend, () => {
      tf.dispose(this.live);
      this.live = live.map((x) => tf.scalar(x, 'float32'));
    });
  }

  async readState(): Promise<HostArray[]> {
    this.check();
    return Promise.all(this.state.map((x, i) => download(x, this.spec.state[i].dtype)));
  }

  restore(state: readonly HostArray[], stepsDone: number, seconds: number): void {
    const { tf, backend } = this.host;
    onBackend(tf, backend, () => {
      tf.dispose(this.state);
      this.state = state.map((x) => upload(tf, x));
    });
    this.stepsDone = stepsDone;
    this.seconds = seconds;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    onBackend(this.host.tf, this.host.backend, () => {
      this.host.tf.dispose([...this.state, ...this.data, ...this.live]);
      this.step.dispose();
      this.metrics.dispose();
    });
  }

  private check(): void {
    if (this.disposed)
      throw new DeviceError(
        'disposed',
        'stepper: expected to be in use, got a disposed one. Create a new stepper.',
      );
    this.host.check();
  }

  private advanceOne(): void {
    const { tf, backend } = this.host;
    const next = onBackend(tf, backend, () =>
      this.step.run([...this.state, ...this.data, ...this.live]),
    );
    tf.dispose(this.state);
    this.state = next;
  }

  private measure(): Tensor[] {
    const { tf, backend } = this.host;
    return onBackend(tf, backend, () =>
      this.metrics.run([...this.state, ...this.data, ...this.live]),
    );
  }
}

/** Time between two points where the queue is empty, divided between steps and metrics as the calls took. */
class Window {
  private readonly start = performance.now();
  private end: number | undefined;
  private readonly milliseconds = { step: 0, metrics: 0 };
  private readonly marks: number[] = [];

  get age(): number {
    return performance.now() - this.start;
  }

  timed<T>(what: 'step' | 'metrics', work: () => T): T {
    const start = performance.now();
    const result = work();
    this.milliseconds[what] += performance.now() - start;
    return result;
  }

  /** A row was measured here. */
  mark(): void {
    this.marks.push(this.milliseconds.step);
  }

  stop(): void {
    this.end = performance.now();
  }

  /** Appends the seconds of the marked rows; returns the solver seconds at the end of the window. */
  close(before: number, rows: number[]): number {
    const { step, metrics } = this.milliseconds;
    if (step === 0) {
      rows.push(...this.marks.map(() => before));
      return before;
    }
    const elapsed = ((this.end ?? performance.now()) - this.start) / 1000;
    const solver = (elapsed * step) / (step + metrics);
    rows.push(...this.marks.map((mark) => before + (solver * mark) / step));
    return before + solver;
  }
}
