import type { Device } from '../device.ts';
import { executeSync } from './execute.ts';
import { createCpuStepper } from './stepper.ts';

export { bufferBytes } from './compile.ts';
export { executeSync } from './execute.ts';

/** The float64 interpreter: no dependency, runs anywhere, and its results are normative. */
export function createCpu64(): Device {
  return {
    name: 'cpu64',
    precision: 'float64',
    description: 'CPU (float64)',
    // The CPU is never lost.
    lost: new Promise<string>(() => {}),
    async execute(program, inputs) {
      return executeSync(program, inputs);
    },
    async createStepper(spec) {
      return createCpuStepper(spec);
    },
    dispose() {},
  };
}
