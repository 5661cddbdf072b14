/** What the splitting methods share: parameters, oracle counts, the residual of the optimality conditions. */
import type { ParamSpec } from '../../runtime/graph/node-definition.ts';
import type { LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, cast, mul, sqrt } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import type { Problem } from './composite.ts';
import type { Primal } from './primal.ts';
import { squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';

export const innerSteps = {
  kind: 'integer',
  label: 'CG steps',
  help: 'Conjugate gradient steps for the smooth part in each iteration, from a warm start.',
  default: 10,
  min: 1,
  max: 1000,
  scale: 'log',
} as const satisfies ParamSpec;

export const problemOf = (
  objective: ObjectiveValue,
  data: readonly Value[],
  live: LiveValues,
): Problem => ({ objective, data, live, terms: true });

/** What each iteration takes: gradients, products with the Hessian, proximal operators. */
export function splittingCounters(
  count: Value,
  { gradients, products, proxes }: Pick<Primal, 'gradients' | 'products' | 'proxes'>,
): ReturnType<RunPlan['counters']> {
  const iterations = cast(count, 'float');
  return {
    iterations,
    oracles: {
      gradients: mul(iterations, gradients),
      values: mul(iterations, 0),
      prox: mul(iterations, proxes),
      matvecs: mul(iterations, products),
      passes: mul(iterations, gradients + 2 * products),
    },
  };
}

/** √(‖primal‖² + ‖dual‖²). */
export const combined = (primal: Vector, dual: Vector): Value =>
  sqrt(add(squaredNorm(primal), squaredNorm(dual)));
