import type { LinearSystem, ObjectiveValue, VariableSpec } from '../../runtime/graph/ports.ts';
import { neg, zeros } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { grad, hvp } from '../../runtime/transform/index.ts';

/** Stationarity of a quadratic f: ∇²f x = −∇f(0). */
export function quadraticSystem(
  variables: readonly VariableSpec[],
  value: ObjectiveValue['value'],
): LinearSystem {
  const origin = (): Value[] => variables.map(({ shape }) => zeros(shape));
  return {
    formula: '\\nabla^2 f\\, x = -\\nabla f(0)',
    apply: (x, data, live) => hvp((v) => value(v, data, live), origin(), [...x]),
    rhs: (data, live) => grad((v) => value(v, data, live))(origin()).map(neg),
  };
}
