import { allocate, type Buffer, type Kernel } from '../../ir/kernels/kernel.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { ArrayType, LoopParams, Program } from '../../ir/types.ts';
import type { CompiledProgram } from './compile.ts';

/** Runs the compiled body `steps` times; the carry lives in buffers of the loop. */
export function loopKernel(
  params: LoopParams,
  inputs: readonly ArrayType[],
  outputs: readonly ArrayType[],
  compile: (program: Program) => CompiledProgram,
): Kernel {
  const { steps, constants, carry: carryCount, reverse } = params;
  const body = compile(params.body);
  const index = new Int32Array(1);
  const carryTypes = inputs.slice(constants, constants + carryCount);
  const newCarry = () => carryTypes.map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)));
  const carry = newCarry();
  /** For outputs that are another carry's buffer: a swap must not read what it just wrote. */
  const staged = newCarry();
  const firstSlice = constants + carryCount;
  const sliceSizes = inputs.slice(firstSlice).map(({ shape }) => sizeOf(shape.slice(1)));
  const stackSizes = outputs.slice(carryCount).map(({ shape }) => sizeOf(shape.slice(1)));

  return (buffers, results) => {
    const args: Buffer[] = [index, ...buffers.slice(0, constants), ...carry];
    for (let j = 0; j < carryCount; j++) carry[j].set(buffers[constants + j]);
    for (let n = 0; n < steps; n++) {
      const i = reverse ? steps - 1 - n : n;
      index[0] = i;
      for (let j = 0; j < sliceSizes.length; j++) {
        const size = sliceSizes[j];
        args[1 + firstSlice + j] = buffers[firstSlice + j].subarray(i * size, (i + 1) * size);
      }
      const next = body.run(args);
      for (let j = 0; j < stackSizes.length; j++) {
        results[carryCount + j].set(next[carryCount + j], i * stackSizes[j]);
      }
      for (let j = 0; j < carryCount; j++) {
        if (next[j] !== carry[j] && carry.includes(next[j])) staged[j].set(next[j]);
      }
      for (let j = 0; j < carryCount; j++) {
        if (next[j] === carry[j]) continue;
        carry[j].set(carry.includes(next[j]) ? staged[j] : next[j]);
      }
    }
    for (let j = 0; j < carryCount; j++) results[j].set(carry[j]);
  };
}
