/**
 * Two gradients of the mean negative log-likelihood of a flow. Discretize, then optimize: reverse mode through the steps that were taken.
 * Optimize, then discretize: the adjoint equation of the continuous problem, solved back by steps of the same size (Chen et al. 2018,
 * algorithm 1). They agree only as h → 0, at the order of the method.
 */
import type { VelocityField } from '../../../runtime/graph/ports.ts';
import { add, mean, mul, neg, sub, zeros, zerosLike } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { grad, vjp } from '../../../runtime/transform/index.ts';
import { logBase } from './density.ts';
import { solve, type MethodName } from './runge-kutta.ts';

export interface AdjointProblem {
  readonly flow: VelocityField;
  readonly method: MethodName;
  readonly steps: number;
}

/** Along s = T − t, from the data at s = 0: [z, ∫ ∇·v] of dz/ds = −v(z, T − s). */
function reversed(flow: VelocityField, parameters: readonly Value[], s: Value, z: Value): Value[] {
  const { velocity, divergence } = flow.at(parameters, z, sub(flow.horizon, s));
  return [neg(velocity), neg(divergence)];
}

function endOf(problem: AdjointProblem, parameters: readonly Value[], x: Value): Value[] {
  const { flow, method, steps } = problem;
  return solve((s, [z]) => reversed(flow, parameters, s, z), [x, zeros([x.shape[0]])], {
    method,
    steps,
    from: 0,
    to: flow.horizon,
  }).end;
}

/** −1/B Σ log p(x_b) by N steps, float scalar. */
export function stepLoss(problem: AdjointProblem, parameters: readonly Value[], x: Value): Value {
  const [z, logDeterminant] = endOf(problem, parameters, x);
  return neg(mean(add(logBase(z), logDeterminant)));
}

/** The gradient of `stepLoss`, to rounding. */
export function discreteGradient(
  problem: AdjointProblem,
  parameters: readonly Value[],
  x: Value,
): Value[] {
  return grad((p) => stepLoss(problem, p, x))(parameters);
}

/**
 * The gradient by the adjoint equation: with F(z, θ, s) = (−v, −∇·v) and cotangents (a, −1/B),
 * a(T) = ∂f/∂z, da/ds = −(∂F/∂z)ᵀ(a, −1/B), df/dθ = ∫ (∂F/∂θ)ᵀ(a, −1/B) ds, solved from s = T to 0 with z recomputed on the way.
 */
export function continuousGradient(
  problem: AdjointProblem,
  parameters: readonly Value[],
  x: Value,
): Value[] {
  const { flow, method, steps } = problem;
  const B = x.shape[0];
  const [end] = endOf(problem, parameters, x);
  const weight = sub(zeros([B]), 1 / B);
  // f = −mean(log N(z) + …), so ∂f/∂z = z/B.
  const cotangent = mul(end, 1 / B);
  const result = solve(
    (s, [z, a]) => {
      const [values, pullback] = vjp(([at, ...p]) => reversed(flow, p, s, at), [z, ...parameters]);
      const [dz, ...rest] = pullback([a, weight]);
      return [values[0], neg(dz), ...rest.map((g) => neg(g))];
    },
    [end, cotangent, ...parameters.map((p) => zerosLike(p))],
    { method, steps, from: flow.horizon, to: 0 },
  );
  return result.end.slice(2);
}
