/**
 * tfjs's WebGPU backend on our own GPUDevice: the eager execution that recorded steps are checked against, and that a run falls back to.
 * Floating reductions, products and shape operations are tfjs's kernels, an implementation independent of ours. Elementwise, int, bool and random
 * primitives use our WGSL: tfjs computes integers through floats and drops accuracy near zero.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Lowering } from '../tfjs/lowering.ts';
import type { Equation, PrimitiveName, PrimitiveParams, Program } from '../../ir/types.ts';
import { compile } from '../tfjs/compile.ts';
import type { Chooser, Compiled } from '../tfjs/compile.ts';
import { loadTf, TF_DTYPE } from '../tfjs/engine.ts';
import type { Tf } from '../tfjs/engine.ts';
import { TFJS_LOWERINGS } from '../tfjs/table.ts';
import { encode } from './gpu.ts';
import type { Gpu, Op } from './gpu.ts';
import { layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Kernel } from './kernels/kernel.ts';
import { makePlan } from './plan.ts';

type WebGpuModule = typeof import('@tensorflow/tfjs-backend-webgpu');

/** Right in tfjs on float32 arrays. (Its reversed cumsum along the first axis is not.) */
const BY_TFJS: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'sum',
  'max',
  'logsumexp',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'pad',
  'concat',
  'reverse',
  'matmul',
]);

/** Dispatches of ours in one submission of the backend. */
const SUBMIT_AFTER = 16;

/** A private field of tfjs's backend, which is pinned to 4.22.0: the encoder that `ensureCommandEncoderReady` makes. */
interface Internals {
  readonly commandEncoder: GPUCommandEncoder;
}

function defineBackend(module: WebGpuModule) {
  return class AdjointWebGPUBackend extends module.WebGPUBackend {
    /** tfjs's synchronous readback draws through canvases, stalls the queue, and does not exist in workers of every browser. */
    override readSync(): never {
      throw new Error('internal: webgpu tensors were expected to be read asynchronously');
    }

    /** Released when the commands that use them are submitted. */
    private readonly afterSubmit: (() => void)[] = [];

    override submitQueue(): void {
      super.submitQueue();
      for (const release of this.afterSubmit.splice(0)) release();
    }

    /** Encodes dispatches of ours after what tfjs has encoded; `release` runs when they are submitted. */
    encode(ops: readonly Op[], release: () => void): void {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      const { commandEncoder } = this as unknown as Internals;
      const pass = commandEncoder.beginComputePass();
      encode(pass, ops);
      pass.end();
      this.afterSubmit.push(release);
      if (this.afterSubmit.length >= SUBMIT_AFTER) this.submitQueue();
    }

    flush(): void {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.submitQueue();
    }

    /** Empty tensors have no buffer of their own; a binding needs one. */
    bufferOf(tensor: Tensor, empty: GPUBuffer): GPUBuffer {
      if (tensor.size === 0) return empty;
      this.uploadToGPU(tensor.dataId);
      const { resource } = this.tensorMap.get(tensor.dataId);
      if (!(resource instanceof GPUBuffer))
        throw new Error('internal: a tensor was expected to have a buffer');
      return resource;
    }

    /** A tensor whose buffer is allocated and not yet written. */
    makeTensor(tf: Tf, shape: readonly number[], dtype: 'float32' | 'int32' | 'bool'): Tensor {
      const info = this.makeTensorInfo([...shape], dtype);
      this.uploadToGPU(info.dataId);
      return tf.engine().makeTensorFromTensorInfo(info);
    }
  };
}

/** Where both have a kernel: tfjs's, which are independent of the recorded step's, or ours. */
export type EagerKernels = 'tfjs' | 'own';

type Backend = InstanceType<ReturnType<typeof defineBackend>>;

/** Kernels of one primitive on given types. */
interface Prepared {
  readonly layout: Layout;
  readonly pipelines: ReadonlyMap<Kernel, GPUComputePipeline>;
}

export class EagerGpu {
  readonly tf: Tf;
  private readonly gpu: Gpu;
  private readonly backend: Backend;
  private readonly prepared = new Map<string, Prepared>();
  private empty: GPUBuffer | undefined;

  static async create(gpu: Gpu): Promise<EagerGpu> {
    const tf = await loadTf();
    const module = await import('@tensorflow/tfjs-backend-webgpu');
    const Backend = defineBackend(module);
    const backend = new Backend(gpu.device, gpu.handle.info);
    // Small operations would run on the CPU and read their operands back.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    // Kernels stay registered under the backend's name; only the backend is ours.
    if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend);
    await tf.setBackend('webgpu');
    return new EagerGpu(tf, gpu, backend);
  }

  private constructor(tf: Tf, gpu: Gpu, backend: Backend) {
    this.tf = tf;
    this.gpu = gpu;
    this.backend = backend;
  }

  compile(program: Program, kernels: EagerKernels): Compiled {
    const chooser = kernels === 'tfjs' ? this.choose : this.chooseOwn;
    return compile(this.tf, program, chooser, { lazyBroadcast: false });
  }

  /** Bytes of tensors in use. */
  get bytes(): number {
    return this.backend.memory().numBytesInGPU;
  }

  async settled(): Promise<void> {
    this.backend.flush();
    await this.gpu.guard(this.gpu.device.queue.onSubmittedWorkDone());
  }

  /** A later device may have taken the name; then only its own backend is left registered. */
  dispose(): void {
    if (this.tf.findBackend('webgpu') === this.backend) this.tf.removeBackend('webgpu');
    else this.backend.dispose();
  }

  private readonly choose: Chooser = (primitive, inputs, outputs) => {
    const floats =
      inputs.every((x) => x.dtype === 'float32') && outputs.every((type) => type.dtype === 'float');
    if (primitive === 'loop' || (floats && BY_TFJS.has(primitive)))
      return TFJS_LOWERINGS[primitive];
    return this.own(primitive);
  };

  private readonly chooseOwn: Chooser = (primitive) =>
    primitive === 'loop' ? TFJS_LOWERINGS[primitive] : this.own(primitive);

  /** Our kernels for one equation. */
  private own<P extends PrimitiveName>(primitive: P): Lowering<P> {
    return (_context, params, inputs, outputs) => {
      const key = JSON.stringify([
        primitive,
        params,
        inputs.map((x) => [x.shape, x.dtype]),
        outputs.map((type) => type.shape),
      ]);
      let prepared = this.prepared.get(key);
      if (!prepared)
        this.prepared.set(key, (prepared = this.prepare(primitive, params, inputs, outputs)));
      const { layout, pipelines } = prepared;
      const results = outputs.map((type) =>
        this.backend.makeTensor(this.tf, type.shape, TF_DTYPE[type.dtype]),
      );
      const scratch = this.gpu.scratch(layout, primitive);
      const empty = (this.empty ??= this.gpu.device.createBuffer({ size: 4, usage: 0x80 }));
      const from = inputs.map((x) => this.backend.bufferOf(x, empty));
      const to = results.map((x) => this.backend.bufferOf(x, empty));
      this.backend.encode(this.gpu.record(layout, pipelines, scratch, from, to), () => {
        for (const buffer of scratch) if (buffer) this.gpu.free(buffer);
      });
      return results;
    };
  }

  private prepare<P extends PrimitiveName>(
    primitive: P,
    params: PrimitiveParams[P],
    inputs: readonly Tensor[],
    outputs: Parameters<Lowering<P>>[3],
  ): Prepared {
    const values = inputs.map((x, id) => ({
      id,
      shape: x.shape,
      dtype:
        x.dtype === 'float32'
          ? ('float' as const)
          : x.dtype === 'int32'
            ? ('int' as const)
            : ('bool' as const),
    }));
    const results = outputs.map((type, k) => ({
      id: values.length + k,
      shape: type.shape,
      dtype: type.dtype,
    }));
    const equation = { primitive, params, inputs: values, outputs: results } as unknown as Equation;
    const program: Program = {
      inputs: values,
      constants: new Map(),
      equations: [equation],
      outputs: results,
    };
    const layout = layOut(makePlan(program, this.gpu.limits));
    return { layout, pipelines: this.gpu.compileNow(layout) };
  }
}
