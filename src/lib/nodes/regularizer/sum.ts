import { add, constant } from '../../runtime/ir/ops.ts';
import { hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** Sum of float scalars; 0 for none. */
export function addAll(parts: readonly Value[]): Value {
  if (parts.length === 0) return constant(hostScalar(0));
  return parts.reduce((total, part) => add(total, part));
}
