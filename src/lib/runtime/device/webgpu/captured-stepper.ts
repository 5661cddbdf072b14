/**
 * A step recorded once and replayed.
 *
 * The state lives in two sets of buffers: a step reads one and writes the other, so no dispatch reads and writes one array through two bindings.
 * Metrics are written to a ring on the device and read back once per `advance`. A submission holds as many steps as take about 40 ms, at most two
 * submissions are in the queue, and the thread is free between them.
 *
 * Seconds: a submission's duration, from its start on the queue to its completion, is divided between steps and metrics in proportion to their
 * costs, which are timed separately when the stepper is made (both can be repeated without advancing the state).
 */
import { sizeOf } from '../../ir/shape.ts';
import type { HostArray, Value } from '../../ir/types.ts';
import type { MetricRows, Stepper, StepperSpec } from '../device.ts';
import { DeviceError } from '../errors.ts';
import { dispatchCount, encode } from './gpu.ts';
import type { Gpu, Op } from './gpu.ts';
import { assemble, bufferName, grid, invocationNumber } from './kernels/kernel.ts';
import type { Kernel } from './kernels/kernel.ts';
import { checkBytes, layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { makePlan } from './plan.ts';

const TARGET_SECONDS = 0.04;
const MAX_DISPATCHES_PER_SUBMIT = 20_000;
const RING_ROWS = 1024;
const QUEUE_DEPTH = 2;
const CALIBRATION_SECONDS = 0.005;

type Parity = 0 | 1;

function flip(parity: Parity): Parity {
  return parity === 0 ? 1 : 0;
}

const COPY_LANES = 64;

function rowSizeOf(metrics: readonly Value[]): number {
  return metrics.reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** Kernels that append one row of metrics to the ring: arrays one by one, then the scalars; the last advances the cursor. */
function ringKernels(
  metrics: readonly Value[],
  ring: Value,
  cursor: Value,
  bindings: number,
): Kernel[] {
  if (metrics.length === 0) return [];
  const to = bufferName('o', ring);
  const at = bufferName('o', cursor);
  const row = `let row = u32(${at}[0]) * ${ring.shape[1]}u`;
  const places = new Map<Value, number>();
  let next = 0;
  for (const metric of metrics) {
    places.set(metric, next);
    next += sizeOf(metric.shape);
  }
  const isScalar = (metric: Value): boolean => sizeOf(metric.shape) === 1;
  const kernels = metrics
    .filter((metric) => !isScalar(metric) && sizeOf(metric.shape) > 0)
    .map((metric): Kernel => {
      const size = sizeOf(metric.shape);
      const workgroups = grid(Math.ceil(size / COPY_LANES));
      return assemble({
        label: 'metrics.ring-array',
        reads: [metric],
        writes: [ring, cursor],
        workgroups,
        workgroupSize: COPY_LANES,
        main: [
          `  let i = ${invocationNumber(workgroups, COPY_LANES)};`,
          `  if (i >= ${size}u) { return; }`,
          `  ${row} + ${places.get(metric)}u;`,
          `  ${to}[row + i] = ${bufferName('b', metric)}[i];`,
        ].join('\n'),
      });
    });
  const scalars = metrics.filter(isScalar);
  const width = bindings - 2;
  for (let first = 0; first === 0 || first < scalars.length; first += width) {
    const part = scalars.slice(first, first + width);
    const last = first + width >= scalars.length;
    kernels.push(
      assemble({
        label: 'metrics.ring',
        reads: part,
        writes: [ring, cursor],
        workgroups: [1, 1],
        workgroupSize: 1,
        main: [
          `  ${row};`,
          ...part.map((v) => `  ${to}[row + ${places.get(v)}u] = ${bufferName('b', v)}[0];`),
          ...(last ? [`  ${at}[0] += 1i;`] : []),
        ].join('\n'),
      }),
    );
  }
  return kernels;
}

export class CapturedStepper implements Stepper {
  stepsDone = 0;
  readonly mode = { kind: 'captured' } as const;
  /** Milliseconds of this thread spent on encoding and submitting. */
  hostMilliseconds = 0;
  /** Dispatches of one step. */
  readonly dispatchesPerStep: number;
  private readonly gpu: Gpu;
  private readonly spec: StepperSpec;
  private readonly buffers: GPUBuffer[];
  private readonly states: readonly [GPUBuffer[], GPUBuffer[]];
  private readonly live: GPUBuffer[];
  private readonly ring: GPUBuffer;
  private readonly rowSize: number;
  private readonly cursor: GPUBuffer;
  private readonly stepOps: readonly [Op[], Op[]];
  private readonly metricOps: readonly [Op[], Op[]];
  private readonly ringOps: Op[];
  private parity: Parity = 0;
  private seconds = 0;
  private stepSeconds = 0;
  private metricSeconds = 0;
  private disposed = false;

  static async create(gpu: Gpu, spec: StepperSpec): Promise<CapturedStepper> {
    const { limits } = gpu;
    const step = layOut(makePlan(spec.step, limits));
    const metrics = layOut(makePlan(spec.metrics, limits));
    for (const slot of [...step.slots, ...metrics.slots])
      checkBytes('webgpu.createStepper', slot.bytes, gpu.device.limits);
    const values = spec.metrics.outputs.map(({ shape }, k): Value => ({
      id: k,
      shape,
      dtype: 'float',
    }));
    const ring: Value = {
      id: values.length,
      shape: [RING_ROWS, Math.max(rowSizeOf(values), 1)],
      dtype: 'float',
    };
    const cursor: Value = { id: values.length + 1, shape: [], dtype: 'int' };
    const writers = ringKernels(values, ring, cursor, limits.bindings);
    const pipelines = new Map([
      ...(await gpu.compile(step)),
      ...(await gpu.compile(metrics)),
      ...(await Promise.all(
        writers.map(async (kernel) => [kernel, await gpu.pipeline(kernel)] as const),
      )),
    ]);
    const parts = { step, metrics, writers, pipelines, values, ring, cursor };
    const stepper = await gpu.allocate(
      step.scratchBytes + metrics.scratchBytes,
      () => new CapturedStepper(gpu, spec, parts),
    );
    await stepper.calibrate();
    return stepper;
  }

  private constructor(
    gpu: Gpu,
    spec: StepperSpec,
    parts: {
      readonly step: Layout;
      readonly metrics: Layout;
      readonly writers: readonly Kernel[];
      readonly pipelines: ReadonlyMap<Kernel, GPUComputePipeline>;
      readonly values: readonly Value[];
      readonly ring: Value;
      readonly cursor: Value;
    },
  ) {
    this.gpu = gpu;
    this.spec = spec;
    const { step, metrics, writers, pipelines, values, ring, cursor } = parts;
    const own = (buffer: GPUBuffer): GPUBuffer => {
      this.buffers.push(buffer);
      return buffer;
    };
    this.buffers = [];
    const upload = (host: HostArray, label: string): GPUBuffer => own(gpu.uploadNew(host, label));
    this.states = [
      spec.state.map((x) => upload(x, 'state.even')),
      spec.state.map((x) => upload(x, 'state.odd')),
    ];
    const data = spec.data.map((x) => upload(x, 'data'));
    this.live = spec.live.map((x) =>
      upload({ shape: [], dtype: 'float', data: Float64Array.of(x) }, 'live'),
    );
    const results = values.map(({ shape }) =>
      own(gpu.buffer(4 * Math.max(sizeOf(shape), 1), 'metric')),
    );
    this.rowSize = rowSizeOf(values);
    this.ring = own(gpu.buffer(ring.shape[0] * ring.shape[1] * 4, 'ring'));
    this.cursor = own(gpu.buffer(4, 'cursor'));

    const scratch = (layout: Layout, label: string): (GPUBuffer | undefined)[] => {
      const made = gpu.scratch(layout, label);
      for (const buffer of made) if (buffer) own(buffer);
      return made;
    };
    const stepScratch = scratch(step, 'step');
    const metricScratch = scratch(metrics, 'metrics');
    const inputs = (parity: Parity): GPUBuffer[] => [...this.states[parity], ...data, ...this.live];
    const stepOps = (parity: Parity): Op[] =>
      gpu.record(step, pipelines, stepScratch, inputs(parity), this.states[flip(parity)]);
    const metricOps = (parity: Parity): Op[] =>
      gpu.record(metrics, pipelines, metricScratch, inputs(parity), results);
    this.stepOps = [stepOps(0), stepOps(1)];
    this.metricOps = [metricOps(0), metricOps(1)];
    const ringLayout: Layout = {
      slots: [...values, ring, cursor].map(() => ({ bytes: 4, source: 'external' })),
      inputs: [...values.keys()],
      outputs: [ring.id, cursor.id],
      dispatches: writers.map((kernel) => ({
        kind: 'dispatch',
        kernel,
        slots: [...kernel.reads, ...kernel.writes].map((v) => v.id),
      })),
      scratchBytes: 0,
    };
    this.ringOps = gpu.record(ringLayout, pipelines, [], results, [this.ring, this.cursor]);
    this.dispatchesPerStep = dispatchCount(this.stepOps[0]);
  }

  async advance(count: number, every: number): Promise<MetricRows> {
    this.check();
    const rows = { steps: [] as number[], values: [] as number[], seconds: [] as number[] };
    let initial = this.stepsDone === 0;
    let remaining = count;
    // Ends after `count` steps: a lap takes at least one.
    while (initial || remaining > 0) {
      // One lap of the ring.
      const room = (RING_ROWS - 1) * every;
      const lap = Math.min(remaining, room);
      await this.lap(lap, every, initial, rows);
      remaining -= lap;
      initial = false;
    }
    return { steps: rows.steps, values: Float64Array.from(rows.values), seconds: rows.seconds };
  }

  setLive(live: readonly number[]): void {
    if (live.length !== this.live.length)
      throw new DeviceError(
        'unsupported',
        `setLive: expected ${this.live.length} numbers, got ${live.length}. Build a new stepper when their count changes.`,
      );
    live.forEach((x, i) => this.gpu.device.queue.writeBuffer(this.live[i], 0, Float32Array.of(x)));
  }

  async readState(): Promise<HostArray[]> {
    this.check();
    return this.gpu.read(this.states[this.parity], this.spec.state);
  }

  restore(state: readonly HostArray[], stepsDone: number, seconds: number): void {
    state.forEach((x, i) => this.gpu.upload(this.states[this.parity][i], x));
    this.stepsDone = stepsDone;
    this.seconds = seconds;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const buffer of this.buffers) this.gpu.free(buffer);
  }

  private check(): void {
    if (this.disposed)
      throw new DeviceError(
        'disposed',
        'stepper: expected to be in use, got a disposed one. Create a new stepper.',
      );
    this.gpu.check();
  }

  /** Steps whose rows fit the ring, then one readback. */
  private async lap(
    count: number,
    every: number,
    initial: boolean,
    rows: { steps: number[]; values: number[]; seconds: number[] },
  ): Promise<void> {
    const { device } = this.gpu;
    const { rowSize } = this;
    device.queue.writeBuffer(this.cursor, 0, Int32Array.of(0));
    let rowCount = 0;
    let remaining = count;
    let measureNow = initial;
    let previousDone = performance.now();
    const pending: Promise<void>[] = [];

    const submit = (): Promise<void> => {
      const submitted = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      const steps = Math.min(remaining, this.stepsPerSubmit(every));
      const measured: number[] = [];
      const measure = (done: number): void => {
        encode(pass, this.metricOps[this.parity]);
        encode(pass, this.ringOps);
        rows.steps.push(this.stepsDone);
        measured.push(done);
      };
      if (measureNow) measure(0);
      measureNow = false;
      for (let k = 1; k <= steps; k += 1) {
        encode(pass, this.stepOps[this.parity]);
        this.parity = flip(this.parity);
        this.stepsDone += 1;
        if (this.stepsDone % every === 0) measure(k);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
      remaining -= steps;
      rowCount += measured.length;
      this.hostMilliseconds += performance.now() - submitted;
      return this.gpu.guard(device.queue.onSubmittedWorkDone()).then(() => {
        const done = performance.now();
        const spent = (done - Math.max(previousDone, submitted)) / 1000;
        previousDone = done;
        this.account(spent, steps, measured, rows.seconds);
      });
    };

    // Ends after the steps of a lap: each submission takes at least one of them or a measurement.
    while (remaining > 0 || measureNow) {
      const work = submit();
      // Awaited below; a loss may reject several at once.
      work.catch(() => undefined);
      pending.push(work);
      if (pending.length >= QUEUE_DEPTH) await pending.shift();
    }
    await Promise.all(pending);
    if (rowCount === 0 || rowSize === 0) return;
    const [host] = await this.gpu.read(
      [this.ring],
      [{ shape: [rowCount, rowSize], dtype: 'float' }],
    );
    for (const x of host.data) rows.values.push(x);
  }

  /** Divides a submission's duration between steps and metrics, and learns from it. */
  private account(
    spent: number,
    steps: number,
    measured: readonly number[],
    seconds: number[],
  ): void {
    const metricShare = measured.length * this.metricSeconds;
    const expected = steps * this.stepSeconds + metricShare;
    const scale = expected > 0 ? spent / expected : 1;
    const perStep = this.stepSeconds * scale;
    for (const done of measured) seconds.push(this.seconds + done * perStep);
    this.seconds += steps * perStep;
    // Half of the correction at a time: a single submission may have been disturbed.
    this.stepSeconds *= Math.sqrt(scale);
    this.metricSeconds *= Math.sqrt(scale);
  }

  private stepsPerSubmit(every: number): number {
    const perStep = this.stepSeconds + this.metricSeconds / every;
    const byTime = Math.floor(TARGET_SECONDS / Math.max(perStep, 1e-9));
    const byCount = Math.floor(MAX_DISPATCHES_PER_SUBMIT / Math.max(this.dispatchesPerStep, 1));
    return Math.max(1, Math.min(byTime, byCount));
  }

  /** Times steps and metrics by repeating each on the present state. */
  private async calibrate(): Promise<void> {
    this.stepSeconds = await this.time(this.stepOps[this.parity]);
    this.metricSeconds = await this.time(this.metricOps[this.parity]);
  }

  private async time(ops: readonly Op[]): Promise<number> {
    const { device } = this.gpu;
    const run = async (repeats: number): Promise<number> => {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let i = 0; i < repeats; i += 1) encode(pass, ops);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await this.gpu.guard(device.queue.onSubmittedWorkDone());
      return (performance.now() - start) / 1000;
    };
    // The first run pays for what drivers do lazily.
    await run(1);
    const once = await run(1);
    const repeats = Math.min(64, Math.ceil(CALIBRATION_SECONDS / Math.max(once, 1e-5)));
    return Math.max((await run(repeats)) / repeats, 1e-7);
  }
}
