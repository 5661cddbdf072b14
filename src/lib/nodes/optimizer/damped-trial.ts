/** What Gauss–Newton methods do at a point: products with G = JᵀHJ, and Levenberg–Marquardt trials. */
import type { LiveValues, OutputLoss } from '../../runtime/graph/ports.ts';
import {
  add,
  cast,
  div,
  greater,
  lessEqual,
  maximum,
  mul,
  select,
  sub,
} from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { hvp, jvp, vjp } from '../../runtime/transform/index.ts';
import { smoothValue, smoothValueAndGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { truncatedDirection } from './truncated-direction.ts';
import { axpy, choose, innerProduct, squaredNorm } from './vectors.ts';
import type { Vector } from './vectors.ts';
import { forgivenRounding } from './rounding.ts';

/** p ↦ G p at x; the outputs and what their derivative needs are computed once, outside of the inner iteration. */
export function gaussNewtonProduct(
  split: OutputLoss,
  x: Vector,
  data: readonly Value[],
  live: LiveValues,
): (p: Vector) => Value[] {
  const outputs = (v: Vector): Value[] => [split.outputs(v, data)];
  const [[z], pullback] = vjp(outputs, x);
  const { rest } = split;
  return (p) => {
    const [, tangents] = jvp(outputs, x, p);
    const curved = hvp(([u]) => split.loss(u, data), [z], tangents);
    const product = pullback(curved);
    if (!rest) return product;
    return axpy(
      1,
      hvp((v) => rest(v, live), x, p),
      product,
    );
  };
}

/** What is left of a trial: the next point, damping and its growth, whether it was taken. */
export interface DampedTrial {
  readonly x: Value[];
  readonly mu: Value;
  readonly nu: Value;
  readonly taken: Value;
  readonly products: Value;
}

export function dampedStep(
  problem: Problem,
  x: Vector,
  [mu, nu, floor]: readonly Value[],
  epsilon: Value,
  inner: { readonly most: number; readonly forcing: number },
  product: (p: Vector) => Value[],
): DampedTrial {
  const [f, gradient] = smoothValueAndGradient(problem, x);
  const { d, residual, products } = truncatedDirection({
    ...inner,
    gradient,
    epsilon,
    shift: mu,
    multiply: (p) => axpy(mu, p, product(p)),
  });
  // m(0) − m(d) with G d = −∇f − μ d − residual.
  const predicted = mul(
    add(sub(innerProduct(residual, d), innerProduct(gradient, d)), mul(mu, squaredNorm(d))),
    0.5,
  );
  const point = axpy(1, d, x);
  const value = smoothValue(problem, point);
  const slack = forgivenRounding(f, epsilon);
  const taken = lessEqual(value, add(f, slack));
  // A decrease below the rounding of f says nothing about the model.
  const told = greater(predicted, slack);
  const gain = select(told, div(sub(f, value), select(told, predicted, 1)), 1);
  const turned = sub(mul(gain, 2), 1);
  const factor = maximum(sub(1, mul(turned, mul(turned, turned))), 1 / 3);
  return {
    x: choose(taken, point, x),
    mu: maximum(mul(mu, select(taken, factor, nu)), floor),
    nu: select(taken, 2, mul(nu, 2)),
    taken: cast(taken, 'int'),
    products,
  };
}

/** ⟨g, G g⟩/⟨g, g⟩ with g = ∇f(x), or 1 where that is 0. */
export function curvatureAlong(gradient: Vector, product: Vector): Value {
  const along = innerProduct(gradient, product);
  const some = greater(along, 0);
  return select(some, div(along, select(some, squaredNorm(gradient), 1)), 1);
}
