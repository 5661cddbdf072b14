/** The exact squared Wasserstein distance W₂² between two clouds as a traced function, differentiable in points and weights. */
import { add, full, mul, stopGradient, sub, sum, transport } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { sizeOfCloud, squaredDistances } from './cloud.ts';
import type { Cloud } from './cloud.ts';

/**
 * W₂² = min ⟨P, C⟩ by the network simplex, in float64 on the host.
 *
 * With the optimal plan P and potentials f, g held fixed, ⟨P, C(x, y)⟩ + ⟨f, a⟩ + ⟨g, b⟩ has its derivatives (envelope theorem) wherever plan and potentials
 * are unique, and elsewhere a subgradient; second derivatives in the points are exact too, since P is locally constant.
 *
 * Reference: G. Peyré, M. Cuturi, Computational Optimal Transport (2019), propositions 9.1 and 9.2.
 */
export function exactDistance(x: Cloud, y: Cloud): Value {
  const cost = squaredDistances(x.points, y.points);
  const { plan, f, g } = transport(
    stopGradient(cost),
    stopGradient(weightsOf(x)),
    stopGradient(weightsOf(y)),
  );
  return add(sum(mul(plan, cost)), add(derivativeOnly(x, f), derivativeOnly(y, g)));
}

function weightsOf(cloud: Cloud): Value {
  const n = sizeOfCloud(cloud);
  return cloud.weights ?? full([n], 1 / n);
}

/** 0, with the derivative `potential` in the weights. */
function derivativeOnly({ weights }: Cloud, potential: Value): Value | number {
  return weights ? sum(mul(potential, sub(weights, stopGradient(weights)))) : 0;
}
