import type { PrimitiveName } from '../types.ts';
import { binaryKernels } from './binary.ts';
import { indexingKernels } from './indexing.ts';
import type { KernelFactory } from './kernel.ts';
import { matmulKernel } from './matmul.ts';
import { randomKernels } from './random.ts';
import { reductionKernels } from './reduction.ts';
import { shapingKernels } from './shaping.ts';
import { transportKernel } from './transport.ts';
import { unaryKernels } from './unary.ts';

/** Every primitive but `loop`, whose body the interpreter compiles. */
export const kernels: { [P in Exclude<PrimitiveName, 'loop'>]: KernelFactory<P> } = {
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...shapingKernels,
  ...indexingKernels,
  ...randomKernels,
  matmul: matmulKernel,
  transport: transportKernel,
};
