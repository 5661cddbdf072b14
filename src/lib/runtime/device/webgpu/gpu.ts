/** The GPU side of plans: buffers, pipelines, bind groups, submission and readback on one GPUDevice. */
import type { ArrayType, HostArray } from '../../ir/types.ts';
import { DeviceError } from '../errors.ts';
import { toHost } from '../readback.ts';
import type { GpuHandle } from './adapter.ts';
import type { FusionLimits } from './fuse.ts';
import { bytesOf, checkBytes } from './layout.ts';
import type { Dispatch, Layout } from './layout.ts';
import type { Kernel } from './kernels/kernel.ts';
import type { ProductKernel } from './kernels/product-choice.ts';

/** A recorded dispatch, ready to be encoded; or a repetition. */
export type Op =
  | {
      readonly pipeline: GPUComputePipeline;
      readonly bindGroup: GPUBindGroup;
      readonly x: number;
      readonly y: number;
    }
  | { readonly steps: number; readonly even: readonly Op[]; readonly odd: readonly Op[] };

const STORAGE = 0x80;
const COPY = 0x4 | 0x8; // COPY_SRC | COPY_DST
const MAP_READ = 0x1;
const COPY_DST = 0x8;

/** What kernels a device uses. */
export interface KernelOptions {
  /**
   * Whether reductions and products use workgroups that wait at barriers.
   * @default true, but false on a software adapter
   */
  readonly barriers?: boolean;
  /** The kernel of every matrix product, for tests and comparisons. @default by its shape */
  readonly product?: ProductKernel;
}

export class Gpu {
  readonly handle: GpuHandle;
  readonly device: GPUDevice;
  /** Bytes of live buffers made here. */
  bytes = 0;
  private readonly immediate = new Map<string, GPUComputePipeline>();
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  private reason: string | undefined;
  private failure: string | undefined;
  private readonly loss: Promise<string>;
  private readonly options: KernelOptions;
  private closing = false;

  constructor(handle: GpuHandle, options: KernelOptions = {}) {
    this.handle = handle;
    this.options = options;
    this.device = handle.device;
    this.loss = new Promise((resolve) => {
      void handle.device.lost.then((info) => {
        if (this.closing) return;
        this.reason = info.message || info.reason || 'unknown reason';
        resolve(this.reason);
      });
    });
    handle.device.addEventListener('uncapturederror', (event) => {
      this.failure ??= (event as GPUUncapturedErrorEvent).error.message;
    });
  }

  /** What plans for this device must keep to. */
  get limits(): FusionLimits {
    return {
      bindings: this.device.limits.maxStorageBuffersPerShaderStage,
      barriers: this.options.barriers ?? !this.handle.software,
      ...(this.options.product && { product: this.options.product }),
    };
  }

  get lost(): Promise<string> {
    return this.loss;
  }

  /** Throws when the device is lost, closed, or has reported an error. */
  check(): void {
    if (this.reason !== undefined) throw this.lossError(this.reason);
    if (this.closing)
      throw new DeviceError(
        'disposed',
        'webgpu: expected a device in use, got a disposed one. Create a new device.',
      );
    if (this.failure !== undefined) {
      const message = this.failure;
      this.failure = undefined;
      throw new DeviceError('unsupported', `internal: webgpu reported ${message}`);
    }
  }

  /** The promise's result, or a DeviceError as soon as the device is lost. */
  async guard<T>(work: Promise<T>): Promise<T> {
    try {
      const outcome = await Promise.race([
        work.then((value) => ({ value })),
        this.loss.then((reason) => ({ reason })),
      ]);
      if ('reason' in outcome) throw this.lossError(outcome.reason);
      this.check();
      return outcome.value;
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      // A map that fails because the device is going away rejects before `lost` resolves.
      const reason = await Promise.race([
        this.loss,
        new Promise<undefined>((r) => setTimeout(r, 50)),
      ]);
      if (reason !== undefined) throw this.lossError(reason);
      throw error;
    }
  }

  private lossError(reason: string): DeviceError {
    return new DeviceError(
      'lost',
      `webgpu: expected the GPU device to stay, got a loss (${reason}). Resume from the last checkpoint on a new device.`,
    );
  }

  buffer(bytes: number, label: string): GPUBuffer {
    checkBytes(label, bytes, this.device.limits);
    this.bytes += bytes;
    return this.device.createBuffer({ label, size: bytes, usage: STORAGE | COPY });
  }

  free(buffer: GPUBuffer): void {
    this.bytes -= buffer.size;
    buffer.destroy();
  }

  /** Runs an allocation; running out of memory becomes a DeviceError that names the bytes asked for. */
  async allocate<T>(bytes: number, make: () => T): Promise<T> {
    this.device.pushErrorScope('out-of-memory');
    const made = make();
    const error = await this.guard(this.device.popErrorScope());
    if (error)
      throw new DeviceError(
        'memory',
        `webgpu: expected ${bytes} bytes of GPU memory, got none (${error.message}). Use fewer samples, or the cpu64 or wasm device.`,
      );
    return made;
  }

  upload(buffer: GPUBuffer, host: HostArray): void {
    if (host.data.length === 0) return;
    const words =
      host.dtype === 'float'
        ? Float32Array.from(host.data)
        : host.dtype === 'int'
          ? Int32Array.from(host.data)
          : Int32Array.from(host.data, (x) => (x ? 1 : 0));
    this.device.queue.writeBuffer(buffer, 0, words);
  }

  uploadNew(host: HostArray, label: string): GPUBuffer {
    const buffer = this.buffer(bytesOf(host), label);
    this.upload(buffer, host);
    return buffer;
  }

  /** Reads several buffers with one copy and one map. */
  async read(buffers: readonly GPUBuffer[], types: readonly ArrayType[]): Promise<HostArray[]> {
    const bytes = types.map(bytesOf);
    const total = bytes.reduce((sum, n) => sum + n, 0);
    if (total === 0) return [];
    const staging = this.device.createBuffer({
      label: 'readback',
      size: total,
      usage: MAP_READ | COPY_DST,
    });
    const encoder = this.device.createCommandEncoder();
    let offset = 0;
    buffers.forEach((buffer, i) => {
      encoder.copyBufferToBuffer(buffer, 0, staging, offset, bytes[i]);
      offset += bytes[i];
    });
    this.device.queue.submit([encoder.finish()]);
    await this.guard(staging.mapAsync(1));
    const mapped = staging.getMappedRange();
    offset = 0;
    const hosts = types.map((type, i) => {
      const length = type.shape.reduce((size, n) => size * n, 1);
      const words =
        type.dtype === 'float'
          ? new Float32Array(mapped, offset, length)
          : new Int32Array(mapped, offset, length);
      offset += bytes[i];
      return toHost(words, type.shape, type.dtype);
    });
    staging.destroy();
    return hosts;
  }

  pipeline(kernel: Kernel): Promise<GPUComputePipeline> {
    let pipeline = this.pipelines.get(kernel.wgsl);
    if (!pipeline) {
      const module = this.device.createShaderModule({ label: kernel.label, code: kernel.wgsl });
      pipeline = this.device.createComputePipelineAsync({
        label: kernel.label,
        layout: 'auto',
        compute: { module, entryPoint: 'main' },
      });
      this.pipelines.set(kernel.wgsl, pipeline);
    }
    return pipeline;
  }

  /** For code that cannot wait. */
  pipelineNow(kernel: Kernel): GPUComputePipeline {
    let pipeline = this.immediate.get(kernel.wgsl);
    if (!pipeline) {
      const module = this.device.createShaderModule({ label: kernel.label, code: kernel.wgsl });
      pipeline = this.device.createComputePipeline({
        label: kernel.label,
        layout: 'auto',
        compute: { module, entryPoint: 'main' },
      });
      this.immediate.set(kernel.wgsl, pipeline);
    }
    return pipeline;
  }

  /** Compiles every kernel of the layout, in parallel. */
  async compile(layout: Layout): Promise<ReadonlyMap<Kernel, GPUComputePipeline>> {
    const compiled = await this.guard(
      Promise.all(
        [...kernelsOf(layout)].map(
          async (kernel) => [kernel, await this.pipeline(kernel)] as const,
        ),
      ),
    );
    return new Map(compiled);
  }

  compileNow(layout: Layout): ReadonlyMap<Kernel, GPUComputePipeline> {
    return new Map([...kernelsOf(layout)].map((kernel) => [kernel, this.pipelineNow(kernel)]));
  }

  /** Encodes and submits once. */
  submit(ops: readonly Op[]): void {
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, ops);
    pass.end();
    this.device.queue.submit([encoder.finish()]);
  }

  /** Destroys the device; every buffer goes with it. `lost` stays pending. */
  close(): void {
    this.closing = true;
    this.device.destroy();
  }

  /** Scratch and constant buffers of a layout; undefined where the caller gives the buffer. */
  scratch(layout: Layout, label: string): (GPUBuffer | undefined)[] {
    return layout.slots.map(({ bytes, source }) => {
      if (source === 'external') return undefined;
      return source === 'scratch' ? this.buffer(bytes, label) : this.uploadNew(source, label);
    });
  }

  /** Binds a layout to buffers: the recording that is replayed. */
  record(
    layout: Layout,
    pipelines: ReadonlyMap<Kernel, GPUComputePipeline>,
    scratch: readonly (GPUBuffer | undefined)[],
    inputs: readonly GPUBuffer[],
    outputs: readonly GPUBuffer[],
  ): Op[] {
    const buffers = [...scratch];
    layout.inputs.forEach((slot, i) => (buffers[slot] = inputs[i]));
    layout.outputs.forEach((slot, i) => (buffers[slot] = outputs[i]));
    const bind = (dispatches: readonly Dispatch[]): Op[] =>
      dispatches.map((item): Op => {
        if (item.kind === 'repeat')
          return { steps: item.steps, even: bind(item.even), odd: bind(item.odd) };
        const pipeline = pipelines.get(item.kernel);
        if (!pipeline) throw new Error(`internal: kernel ${item.kernel.label} is not compiled`);
        const bindGroup = this.device.createBindGroup({
          label: item.kernel.label,
          layout: pipeline.getBindGroupLayout(0),
          entries: item.slots.map((slot, binding) => {
            const buffer = buffers[slot];
            if (!buffer)
              throw new Error(`internal: slot ${slot} of ${item.kernel.label} has no buffer`);
            return { binding, resource: { buffer } };
          }),
        });
        const [x, y] = item.kernel.workgroups;
        return { pipeline, bindGroup, x, y };
      });
    return bind(layout.dispatches);
  }
}

function kernelsOf(layout: Layout): Set<Kernel> {
  const kernels = new Set<Kernel>();
  const visit = (dispatches: readonly Dispatch[]): void => {
    for (const item of dispatches)
      if (item.kind === 'dispatch') kernels.add(item.kernel);
      else {
        visit(item.even);
        visit(item.odd);
      }
  };
  visit(layout.dispatches);
  return kernels;
}

/** Encodes recorded dispatches into a pass. */
export function encode(pass: GPUComputePassEncoder, ops: readonly Op[]): void {
  for (const op of ops) {
    if ('pipeline' in op) {
      pass.setPipeline(op.pipeline);
      pass.setBindGroup(0, op.bindGroup);
      pass.dispatchWorkgroups(op.x, op.y);
    } else {
      for (let i = 0; i < op.steps; i += 1) encode(pass, i % 2 === 0 ? op.even : op.odd);
    }
  }
}

/** Dispatches that encoding the ops issues. */
export function dispatchCount(ops: readonly Op[]): number {
  let count = 0;
  for (const op of ops) {
    if ('pipeline' in op) count += 1;
    else
      count +=
        Math.ceil(op.steps / 2) * dispatchCount(op.even) +
        Math.floor(op.steps / 2) * dispatchCount(op.odd);
  }
  return count;
}
