import { ELEMENTWISE_LOWERINGS } from './elementwise.ts';
import { loopLowering } from './loop.ts';
import type { LoweringTable } from './lowering.ts';
import { HOST_RANDOM_LOWERINGS } from './random.ts';
import { REDUCTION_LOWERINGS } from './reduction.ts';
import { SHAPING_LOWERINGS } from './shaping.ts';
import { transportLowering } from './transport.ts';

/** Every primitive as tfjs operations. The WebGPU device overrides what its tfjs kernels do not do exactly. */
export const TFJS_LOWERINGS: LoweringTable = {
  ...ELEMENTWISE_LOWERINGS,
  ...REDUCTION_LOWERINGS,
  ...SHAPING_LOWERINGS,
  ...HOST_RANDOM_LOWERINGS,
  loop: loopLowering,
  transport: transportLowering,
};
