/** Constants of the smooth part f: those of the data term plus those of the smooth regularizers, at given live values. */
import type { LiveNumbers, LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add } from '../../runtime/ir/ops.ts';
import type { Operand } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** A gradient Lipschitz constant L of f, or undefined where the data term's is unknown. */
export function lipschitzOf(objective: ObjectiveValue, live: LiveNumbers): number | undefined {
  let total = objective.constants.lipschitzGrad;
  for (const term of objective.smoothTerms) {
    const own = term.lipschitzGrad?.(live);
    if (total === undefined || own === undefined) return undefined;
    total += own;
  }
  return total;
}

/** The data term's constant plus the traced constants of the smooth regularizers. */
export function tracedLipschitz(
  objective: ObjectiveValue,
  dataConstant: Operand,
  live: LiveValues,
): Value {
  return objective.smoothTerms.reduce<Value>(
    (total, term) => {
      if (!term.tracedLipschitzGrad) {
        throw new Error(`internal: the smooth term '${term.title}' has no Lipschitz constant.`);
      }
      return add(total, term.tracedLipschitzGrad(live));
    },
    add(dataConstant, 0),
  );
}

/**
 * A strong convexity constant μ ≥ 0 of f (a lower bound). A regularizer adds its own only where it penalises every variable: an
 * intercept that goes free has no more curvature than the data term gives it.
 */
export function strongConvexityOf(objective: ObjectiveValue, live: LiveNumbers): number {
  if (!objective.convex) return 0;
  let total = objective.constants.strongConvexity ?? 0;
  if (objective.penalized.every(Boolean)) {
    for (const term of objective.smoothTerms) total += term.strongConvexity?.(live) ?? 0;
  }
  return total;
}

/** `strongConvexityOf`, traced. */
export function tracedStrongConvexity(objective: ObjectiveValue, live: LiveValues): Value {
  let total = add(objective.constants.strongConvexity ?? 0, 0);
  if (!objective.penalized.every(Boolean)) return total;
  for (const term of objective.smoothTerms) {
    if (term.tracedStrongConvexity) total = add(total, term.tracedStrongConvexity(live));
  }
  return total;
}
