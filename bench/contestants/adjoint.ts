/** This runtime on each of its devices. */
import { mlpSpec } from '../../tests/contract/support/mlp-step.ts';
import { createCpu64 } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Stepper } from '../../src/lib/runtime/device/device.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import { CapturedStepper } from '../../src/lib/runtime/device/webgpu/captured-stepper.ts';
import { createWebGpu } from '../../src/lib/runtime/device/webgpu/device.ts';
import type { Contestant, Timing, Trainer } from './contestant.ts';

const NO_METRICS = Number.MAX_SAFE_INTEGER;

function trainerOf(stepper: Stepper, dispose: () => void): Trainer {
  let last = NaN;
  return {
    train: async (count): Promise<Timing> => {
      const recorded = stepper instanceof CapturedStepper ? stepper : undefined;
      const before = recorded?.hostMilliseconds ?? 0;
      const start = performance.now();
      await stepper.advance(count, NO_METRICS);
      const total = performance.now() - start;
      // Elsewhere the steps run on this thread.
      return { host: recorded ? recorded.hostMilliseconds - before : total, total };
    },
    loss: async () => {
      // A metric is measured after a step whose number is a multiple of `every`: do one more step than asked only to read it.
      const rows = await stepper.advance(1, 1);
      last = rows.values[rows.values.length - 1];
      return last;
    },
    dispose: () => {
      stepper.dispose();
      dispose();
    },
  };
}

export const recorded: Contestant = {
  name: 'adjoint webgpu, recorded',
  form: 'fused kernels, replayed; about 40 ms of steps a submission',
  prepare: async (stepSize) => {
    const device = await createWebGpu();
    const stepper = await device.createStepper(mlpSpec(stepSize));
    if (stepper.mode.kind !== 'captured')
      throw new Error(`bench: the step was not recorded: ${stepper.mode.note}`);
    return trainerOf(stepper, () => device.dispose());
  },
};

export const eager: Contestant = {
  name: 'adjoint webgpu, eager',
  form: 'operation by operation, what a run falls back to',
  prepare: async (stepSize) => {
    const device = await createWebGpu();
    return trainerOf(await device.createEagerStepper(mlpSpec(stepSize)), () => device.dispose());
  },
};

export const wasm: Contestant = {
  name: 'adjoint wasm',
  form: 'tfjs kernels under our programs, one thread',
  prepare: async (stepSize) => {
    const device = await createWasm();
    return trainerOf(await device.createStepper(mlpSpec(stepSize)), () => device.dispose());
  },
};

export const cpu64: Contestant = {
  name: 'adjoint cpu64',
  form: 'float64 interpreter, one thread',
  prepare: async (stepSize) => {
    const device = createCpu64();
    return trainerOf(await device.createStepper(mlpSpec(stepSize)), () => device.dispose());
  },
};
