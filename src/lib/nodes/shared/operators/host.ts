import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import { simplify } from '../../../runtime/transform/index.ts';
import type { Shape, Value } from '../../../runtime/ir/types.ts';

/** A linear operator in float64 on the host. */
export interface HostOperator {
  apply(x: Float64Array): Float64Array;
  adjoint(y: Float64Array): Float64Array;
}

export function hostOperator({ input, output, apply, adjoint }: LinearOperator): HostOperator {
  return { apply: hostMap(apply, input), adjoint: hostMap(adjoint, output) };
}

/** A traced function of one array, compiled once. */
export function hostMap(map: (x: Value) => Value, shape: Shape): (x: Float64Array) => Float64Array {
  const program = simplify(trace((x) => [map(x)], [{ shape, dtype: 'float' }]));
  return (x) => executeSync(program, [hostFloat(x, shape)])[0].data as Float64Array;
}
