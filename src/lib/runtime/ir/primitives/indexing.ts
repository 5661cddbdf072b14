import { indexingKernels } from '../kernels/indexing.ts';
import { gather, scatterAdd } from '../ops/indexing.ts';
import { indexingShapes } from '../shape-rules/indexing.ts';
import { sizeOf } from '../shape.ts';
import type { RuleTable } from './rule.ts';

export const indexingRules: RuleTable<keyof typeof indexingKernels> = {
  gather: {
    shape: indexingShapes.gather,
    float64: indexingKernels.gather,
    jvp: ({ inputs, tangents }) => tangents[0] && gather(tangents[0], inputs[1]),
    vjp: ({ inputs: [operand, indices], cotangent }) => [
      scatterAdd(indices, cotangent, operand.shape[0]),
      null,
    ],
    flops: () => 0,
  },
  scatterAdd: {
    shape: indexingShapes.scatterAdd,
    float64: indexingKernels.scatterAdd,
    jvp: ({ params, inputs, tangents }) =>
      tangents[1] && scatterAdd(inputs[0], tangents[1], params.size),
    vjp: ({ inputs, cotangent }) => [null, gather(cotangent, inputs[0])],
    flops: (_params, [, updates]) => sizeOf(updates.shape),
  },
};
