/** What solvers do with an objective f + Σ g: gradients of f, steps through the prox of g. */
import type { LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, div } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { grad, valueAndGrad } from '../../runtime/transform/index.ts';
import { axpy, minus, norm, scaled } from './vectors.ts';
import type { Vector } from './vectors.ts';

/** An objective at given data and live values; with `terms` false, of its smooth part alone. */
export interface Problem {
  readonly objective: ObjectiveValue;
  readonly data: readonly Value[];
  readonly live: LiveValues;
  readonly terms: boolean;
}

/** f, the smooth part. */
export const smoothValue = ({ objective, data, live }: Problem, x: Vector): Value =>
  objective.value(x, data, live);

export const smoothGradient = (problem: Problem, x: Vector): Value[] =>
  grad((v) => smoothValue(problem, v))([...x]);

export const smoothValueAndGradient = (problem: Problem, x: Vector): [Value, Value[]] =>
  valueAndGrad((v) => smoothValue(problem, v))([...x]);

/** Σ g(x), or undefined where there are no terms. */
export function termsValue({ objective, live, terms }: Problem, x: Vector): Value | undefined {
  if (!terms) return undefined;
  const composed = objective.composed ?? [];
  const values = [
    ...objective.terms.map((g) => g.value(x, live)),
    ...composed.map(({ regularizer, operator }) => regularizer.value([operator.apply(x[0])], live)),
  ];
  return values.length === 0 ? undefined : values.reduce((a, b) => add(a, b));
}

/** f + Σ g. */
export function totalValue(problem: Problem, x: Vector): Value {
  const terms = termsValue(problem, x);
  const f = smoothValue(problem, x);
  return terms ? add(f, terms) : f;
}

/** A gradient of f + Σ g where it has one, else a subgradient: the derivative of |x| at 0 is 0. */
export const subgradient = (problem: Problem, x: Vector): Value[] =>
  grad((v) => totalValue(problem, v))([...x]);

export const hasProx = ({ objective, terms }: Pick<Problem, 'objective' | 'terms'>): boolean =>
  terms && objective.terms.length > 0;

/** prox_{s g}(x − s ∇f), for at most one term g. */
export function proximalStep(
  problem: Problem,
  x: Vector,
  gradient: Vector,
  stepSize: Value,
): Value[] {
  const moved = axpy(stepSize, scaled(-1, gradient), x);
  return hasProx(problem) ? problem.objective.terms[0].prox(moved, stepSize, problem.live) : moved;
}

/**
 * Norm of the gradient mapping (x − prox_{s g}(x − s ∇f(x)))/s, which is ‖∇f(x)‖ without terms; 0 exactly at solutions.
 * Beck 2017, First-Order Methods in Optimization, definition 10.5.
 */
export function gradientMappingNorm(problem: Problem, x: Vector, stepSize: Value): Value {
  const gradient = smoothGradient(problem, x);
  if (!hasProx(problem)) return norm(gradient);
  return div(norm(minus(x, proximalStep(problem, x, gradient, stepSize))), stepSize);
}
