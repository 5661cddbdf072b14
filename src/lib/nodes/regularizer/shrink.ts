import { div, greater, maximum, select, sub } from '../../runtime/ir/ops.ts';
import type { Operand } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** max(1 − threshold/length, 0), the factor of block soft thresholding; 0 at length 0. */
export function shrinkFactor(length: Value, threshold: Operand): Value {
  const rest = maximum(sub(length, threshold), 0);
  return div(rest, select(greater(length, 0), length, 1));
}
