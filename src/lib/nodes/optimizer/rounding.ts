/** What tests of a step forgive: near a minimum f changes by less than its own rounding. */
import { abs, mul } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** Units in the last place of f. */
const FORGIVEN = 16;

/** |f| · 16 ε, float scalars; ε is the machine epsilon of the device. */
export function forgivenRounding(f: Value, epsilon: Value): Value {
  return mul(abs(f), mul(epsilon, FORGIVEN));
}
