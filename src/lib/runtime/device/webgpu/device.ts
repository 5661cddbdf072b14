/** The WebGPU device: fused kernels, recorded steps, and tfjs as its eager counterpart. */
import type { HostArray, Program } from '../../ir/types.ts';
import type { Device, Stepper, StepperSpec } from '../device.ts';
import { DeviceError } from '../errors.ts';
import { EagerStepper } from '../tfjs/eager-stepper.ts';
import type { EagerHost } from '../tfjs/eager-stepper.ts';
import { download, onBackend, upload } from '../tfjs/engine.ts';
import { requestGpu } from './adapter.ts';
import { EagerGpu } from './backend.ts';
import type { EagerKernels } from './backend.ts';
import { CapturedStepper } from './captured-stepper.ts';
import { Gpu } from './gpu.ts';
import type { KernelOptions } from './gpu.ts';
import { refuseHostWork } from './host-work.ts';
import { bytesOf, checkBytes, layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { makePlan } from './plan.ts';
import { disagreement } from './verify.ts';

const VERIFY_STEPS = 3;

export class WebGpuDevice implements Device {
  readonly name = 'webgpu';
  readonly precision = 'float32';
  readonly description: string;
  /** A software adapter computes on the CPU. */
  readonly software: boolean;
  readonly gpu: Gpu;
  private readonly layouts = new WeakMap<Program, Layout>();
  private eager: Promise<EagerGpu> | undefined;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.software = gpu.handle.software;
    const how = this.software ? 'WebGPU in software, float32' : 'WebGPU, float32';
    this.description = `${gpu.handle.label} (${how})`;
  }

  get lost(): Promise<string> {
    return this.gpu.lost;
  }

  async execute(program: Program, inputs: readonly HostArray[]): Promise<HostArray[]> {
    const { gpu } = this;
    gpu.check();
    const layout = this.layoutOf(program);
    for (const slot of layout.slots) checkBytes('webgpu.execute', slot.bytes, gpu.device.limits);
    const pipelines = await gpu.compile(layout);
    const buffers: GPUBuffer[] = [];
    const own = (buffer: GPUBuffer): GPUBuffer => {
      buffers.push(buffer);
      return buffer;
    };
    try {
      const outputs = await gpu.allocate(layout.scratchBytes, () => {
        const from = inputs.map((x) => own(gpu.uploadNew(x, 'input')));
        const to = program.outputs.map((v) => own(gpu.buffer(bytesOf(v), 'output')));
        const scratch = gpu.scratch(layout, 'scratch');
        for (const buffer of scratch) if (buffer) own(buffer);
        gpu.submit(gpu.record(layout, pipelines, scratch, from, to));
        return to;
      });
      return await gpu.read(outputs, program.outputs);
    } finally {
      for (const buffer of buffers) gpu.free(buffer);
    }
  }

  /** Operation by operation; for checks. */
  async executeEager(
    program: Program,
    inputs: readonly HostArray[],
    kernels: EagerKernels = 'tfjs',
  ): Promise<HostArray[]> {
    this.gpu.check();
    const eager = await this.eagerGpu();
    const { tf } = eager;
    const outputs = onBackend(tf, 'webgpu', () => {
      const compiled = eager.compile(program, kernels);
      const tensors = inputs.map((x) => upload(tf, x));
      const results = compiled.run(tensors);
      tf.dispose(tensors);
      compiled.dispose();
      return results;
    });
    const hosts = await this.gpu.guard(
      Promise.all(outputs.map((x, i) => download(x, program.outputs[i].dtype))),
    );
    tf.dispose(outputs);
    return hosts;
  }

  /** Records the step; falls back to eager execution, saying why, when that fails or its first steps disagree with eager execution. Work for the host it refuses. */
  async createStepper(spec: StepperSpec): Promise<Stepper> {
    this.gpu.check();
    for (const program of [spec.step, spec.metrics]) refuseHostWork(program);
    let captured: CapturedStepper | undefined;
    let reason: string | undefined;
    try {
      captured = await CapturedStepper.create(this.gpu, spec);
      reason = await this.verify(captured, spec);
    } catch (error) {
      captured?.dispose();
      // Neither a loss nor a lack of memory is cured by eager execution.
      if (error instanceof DeviceError && error.code !== 'unsupported') throw error;
      reason = error instanceof Error ? error.message : String(error);
      captured = undefined;
    }
    if (captured && reason === undefined) return captured;
    captured?.dispose();
    return this.createEagerStepper(spec, `Not recorded: ${reason}`);
  }

  async createEagerStepper(spec: StepperSpec, note?: string): Promise<Stepper> {
    this.gpu.check();
    const eager = await this.eagerGpu();
    const host: EagerHost = {
      tf: eager.tf,
      backend: 'webgpu',
      compile: (program) => eager.compile(program, this.eagerKernels),
      asynchronous: true,
      settled: () => eager.settled(),
      check: () => this.gpu.check(),
    };
    return new EagerStepper(host, spec, note);
  }

  /** Bytes of GPU buffers in use. */
  async memoryBytes(): Promise<number> {
    return this.gpu.bytes + (this.eager ? (await this.eager).bytes : 0);
  }

  dispose(): void {
    void this.eager?.then((eager) => eager.dispose());
    this.gpu.close();
  }

  /** tfjs's products and reductions wait at barriers, which take a software adapter tens of milliseconds each. */
  private get eagerKernels(): EagerKernels {
    return this.software ? 'own' : 'tfjs';
  }

  private eagerGpu(): Promise<EagerGpu> {
    return (this.eager ??= EagerGpu.create(this.gpu));
  }

  private layoutOf(program: Program): Layout {
    let layout = this.layouts.get(program);
    if (!layout) {
      layout = layOut(makePlan(program, this.gpu.limits));
      this.layouts.set(program, layout);
    }
    return layout;
  }

  /** Both executions do each step from the recorded state; then the stepper is put back to the start. */
  private async verify(captured: CapturedStepper, spec: StepperSpec): Promise<string | undefined> {
    const steps = spec.verifySteps ?? VERIFY_STEPS;
    const live = spec.live.map((x): HostArray => ({
      shape: [],
      dtype: 'float',
      data: Float64Array.of(x),
    }));
    let before = spec.state;
    for (let step = 1; step <= steps; step += 1) {
      const eager = await this.executeEager(
        spec.step,
        [...before, ...spec.data, ...live],
        this.eagerKernels,
      );
      await captured.advance(1, Number.MAX_SAFE_INTEGER);
      const recorded = await captured.readState();
      const difference = disagreement(before, recorded, eager);
      if (difference !== undefined)
        return `at step ${step} the recording disagreed with eager execution (${difference}).`;
      before = recorded;
    }
    captured.restore(spec.state, 0, 0);
    return undefined;
  }
}

/** Opens the machine's GPU. Throws DeviceError 'unavailable' where there is none. */
export async function createWebGpu(options: KernelOptions = {}): Promise<WebGpuDevice> {
  try {
    return new WebGpuDevice(new Gpu(await requestGpu(), options));
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeviceError(
      'unavailable',
      `webgpu: expected the GPU to open, got ${reason}. Use cpu64 or wasm.`,
    );
  }
}
