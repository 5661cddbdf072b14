import * as elementary from '../../../numerics/elementary/index.ts';
import { transportKernel } from '../kernels/transport.ts';
import { transportShape } from '../shape-rules/transport.ts';
import type { PrimitiveRule } from './rule.ts';

/** Operations of the network simplex for each arc and binary digit of n + m: measured on clouds in the plane, 100 to 500 points. */
const PER_ARC = 40;

/** The plan jumps between vertices, so its derivative is zero almost everywhere; that of the cost is the plan (envelope theorem), which callers write. */
export const transportRule: PrimitiveRule<'transport'> = {
  shape: transportShape,
  float64: transportKernel,
  jvp: null,
  vjp: null,
  host: 'an exact transport plan, which is found by a linear program in float64',
  flops: (_params, [{ shape }]) =>
    PER_ARC * shape[0] * shape[1] * elementary.log2(shape[0] + shape[1]),
};
