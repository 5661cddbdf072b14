/** float32 on the CPU: tfjs's WebAssembly backend, one thread. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostArray, Program } from '../../ir/types.ts';
import type { Device, Stepper, StepperSpec } from '../device.ts';
import { DeviceError } from '../errors.ts';
import { compile, tableChooser } from './compile.ts';
import { EagerStepper } from './eager-stepper.ts';
import type { EagerHost } from './eager-stepper.ts';
import { download, loadTf, onBackend, upload } from './engine.ts';
import type { Tf } from './engine.ts';
import type { LoweringTable } from './lowering.ts';
import { TFJS_LOWERINGS } from './table.ts';

export interface WasmOptions {
  /**
   * Where the binaries are: a folder URL ending in a slash, or one URL per file name of tfjs.
   * @default beside the package's script (Node)
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
}

/**
 * tfjs's fast product is of untransposed matrices alone; a copy of a transposed operand costs little beside the other, which is up to
 * sixteen times slower.
 */
const WASM_LOWERINGS: LoweringTable = {
  ...TFJS_LOWERINGS,
  matmul(context, { transposeA, transposeB }, [a, b], outputs) {
    const plain = { transposeA: false, transposeB: false };
    const operands = [
      transposeA ? swapped(context.tf, a) : a,
      transposeB ? swapped(context.tf, b) : b,
    ];
    return TFJS_LOWERINGS.matmul(context, plain, operands, outputs);
  },
};

function swapped(tf: Tf, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** A macrotask boundary: messages to the worker are handled here. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

class WasmDevice implements Device {
  readonly name = 'wasm';
  readonly precision = 'float32';
  readonly description = 'CPU (WebAssembly, float32)';
  /** Linear memory does not go away while the worker lives. */
  readonly lost = new Promise<string>(() => {});
  private readonly tf: Tf;
  private readonly chooser = tableChooser(WASM_LOWERINGS);
  private disposed = false;

  constructor(tf: Tf) {
    this.tf = tf;
  }

  async execute(program: Program, inputs: readonly HostArray[]): Promise<HostArray[]> {
    this.check();
    const outputs = onBackend(this.tf, 'wasm', () => {
      const compiled = this.compile(program);
      const tensors = inputs.map((x) => upload(this.tf, x));
      try {
        return compiled.run(tensors);
      } finally {
        this.tf.dispose(tensors);
        compiled.dispose();
      }
    });
    const hosts = await Promise.all(outputs.map((x, i) => download(x, program.outputs[i].dtype)));
    this.tf.dispose(outputs);
    return hosts;
  }

  async createStepper(spec: StepperSpec): Promise<Stepper> {
    this.check();
    const host: EagerHost = {
      tf: this.tf,
      backend: 'wasm',
      compile: (program) => this.compile(program),
      asynchronous: false,
      settled: nextTask,
      check: () => this.check(),
    };
    return new EagerStepper(host, spec);
  }

  dispose(): void {
    this.disposed = true;
  }

  private compile(program: Program): ReturnType<typeof compile> {
    return compile(this.tf, program, this.chooser, { lazyBroadcast: true });
  }

  private check(): void {
    if (this.disposed)
      throw new DeviceError(
        'disposed',
        'wasm: expected a device in use, got a disposed one. Create a new device.',
      );
  }
}

/**
 * In Node the compiled module listens for uncaught exceptions and throws them again from its own source, which hides where they came from and
 * prints the whole module. The listeners it adds are removed.
 */
async function keepingListeners<T>(load: () => Promise<T>): Promise<T> {
  if (typeof process === 'undefined' || typeof process.rawListeners !== 'function') return load();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.rawListeners(event)));
  try {
    return await load();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event))
        if (!before[i].has(listener)) process.removeListener(event, listener as () => void);
    });
  }
}

/** Loads tfjs and its WebAssembly backend. The backend itself stays loaded for the life of the thread. */
export async function createWasm(options: WasmOptions = {}): Promise<Device> {
  const tf = await loadTf();
  if (!tf.findBackend('wasm')) {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    if (options.wasmPaths !== undefined) wasm.setWasmPaths(options.wasmPaths);
    // SharedArrayBuffer needs cross-origin isolation, which a static site does not have: one thread everywhere.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await keepingListeners(() => tf.setBackend('wasm'))))
      throw new DeviceError(
        'unavailable',
        'wasm: expected the WebAssembly backend to load, got a failure. Serve its .wasm files, or use cpu64.',
      );
  }
  return new WasmDevice(tf);
}
