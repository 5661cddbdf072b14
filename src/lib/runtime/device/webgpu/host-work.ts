import { hostWork } from '../../ir/host-work.ts';
import type { Program } from '../../ir/types.ts';
import { DeviceError } from '../errors.ts';

/** Kernels cannot wait for the host, neither recorded nor one by one. @throws DeviceError 'unsupported' with what the program asks for */
export function refuseHostWork(program: Program): void {
  const work = hostWork(program);
  if (work === undefined) return;
  throw new DeviceError(
    'unsupported',
    `webgpu: expected a program of GPU kernels alone, got ${work}. Use cpu64 or wasm.`,
  );
}
