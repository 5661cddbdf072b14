import { randomKernels } from '../kernels/random.ts';
import { FEISTEL_ROUNDS } from '../random-bits.ts';
import { randomShapes } from '../shape-rules/random.ts';
import { sizeOf } from '../shape.ts';
import type { RuleTable } from './rule.ts';

/** Integer operations of a Threefry block, for each of its two words. */
const THREEFRY = 40;
/** Integer operations of one Feistel round. */
const ROUND = 10;

export const randomRules: RuleTable<keyof typeof randomKernels> = {
  randomBits: {
    shape: randomShapes.randomBits,
    float64: randomKernels.randomBits,
    jvp: null,
    vjp: null,
    flops: (_params, _inputs, [output]) => THREEFRY * sizeOf(output.shape),
  },
  randomPermutation: {
    shape: randomShapes.randomPermutation,
    float64: randomKernels.randomPermutation,
    jvp: null,
    vjp: null,
    flops: (_params, _inputs, [output]) => ROUND * FEISTEL_ROUNDS * sizeOf(output.shape),
  },
};
