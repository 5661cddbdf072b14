/**
 * The density of a continuous normalizing flow. Samples move along dz/dt = v(z, t) from z(0) ~ N(0, I) to x = z(T), and
 *
 *   log p(x) = log N(z(0); 0, I) − ∫₀ᵀ ∇·v(z(t), t) dt,
 *
 * with z(0) found by solving backwards from x; the integrals of the divergence and of ½‖v‖² are carried along by the same method.
 * Chen, Rubanova, Bettencourt & Duvenaud 2018, theorem 1; Onken, Wu Fung, Li & Ruthotto 2021, equations (2) and (6).
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { DensityModel } from '../../../runtime/graph/ports.ts';
import {
  add,
  concat,
  expandDims,
  mul,
  neg,
  sub,
  sum,
  square,
  zeros,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { solve, type MethodName } from './runge-kutta.ts';
import { prepareVelocity, type VelocitySpec } from './velocity.ts';

export interface FlowSpec extends VelocitySpec {
  readonly horizon: number;
  readonly method: MethodName;
  readonly steps: number;
  readonly checkpoint: number;
  readonly noise: DensityModel['noise'];
}

/** log N(z; 0, I) of each row, float [B]. */
export function logBase(z: Value): Value {
  return sub(mul(sum(square(z), 1), -0.5), (z.shape[1] / 2) * elementary.log(2 * Math.PI));
}

export function flowDensity(spec: FlowSpec): DensityModel {
  const { dimension, horizon, method, steps, checkpoint } = spec;

  function backwards(parameters: readonly Value[], x: Value, noise: Value | null, cost: boolean) {
    const field = prepareVelocity(spec, parameters, noise);
    const none = zeros([x.shape[0]]);
    const { end } = solve(
      (t, [z]) => {
        const { velocity, divergence } = field.at(z, t);
        return [velocity, divergence, ...(cost ? [mul(sum(square(velocity), 1), 0.5)] : [])];
      },
      cost ? [x, none, none] : [x, none],
      { method, steps, from: horizon, to: 0, checkpoint },
    );
    // Solved from T down to 0, an integral over time has the opposite sign.
    return { logProb: add(logBase(end[0]), end[1]), transport: cost ? neg(end[2]) : none };
  }

  function forwards(parameters: readonly Value[], z: Value, count: number, path: boolean) {
    const field = prepareVelocity(spec, parameters, null);
    return solve((t, [at]) => [field.velocity(at, t)], [z], {
      method,
      steps: count,
      from: 0,
      to: horizon,
      path,
    });
  }

  return {
    dimension,
    noise: spec.noise,
    logProb: (parameters, x, noise) => backwards(parameters, x, noise, false).logProb,
    logProbAndTransport: (parameters, x, noise) => backwards(parameters, x, noise, true),
    sample: (parameters, z) => forwards(parameters, z, steps, false).end[0],
    trajectory(parameters, z, frames) {
      const { end, path } = forwards(parameters, z, frames - 1, true);
      return concat([path[0], expandDims(end[0], 0)], 0);
    },
    flow: {
      horizon,
      at: (parameters, z, t) => prepareVelocity(spec, parameters, null).at(z, t),
    },
  };
}
