/**
 * The prox of a regularizer without its prox: argmin F(u) = s g(u) + ½‖u − v‖² by the ellipsoid method, from values and subgradients of g.
 *
 * F is 1-strongly convex, so a point u is within √(2(F(u) − F*)) of the prox, and a lower bound of F* bounds that. The minimiser is in the
 * ball of radius s‖ξ‖ around v for any subgradient ξ of g at v, as subdifferentials are monotone. A constraint enters as s g = c·d with
 * d its measure of infeasibility: an exact penalty once c is larger than ‖v − P(v)‖ times the largest ratio of the distance to d.
 */
import { ellipsoidMethod } from '../../numerics/ellipsoid.ts';
import type { HostedRegularizer } from './hosted-regularizer.ts';
import { norm } from '../../numerics/linear-algebra.ts';

export interface ProxProblem {
  /** F. */
  value(u: Float64Array): number;
  subgradient(u: Float64Array): Float64Array;
  /** Of a ball around v that has the minimiser. */
  readonly radius: number;
}

export interface ProxOracle {
  readonly u: Float64Array;
  readonly value: number;
  readonly lower: number;
}

/**
 * Where the distance to the set is at most r times the infeasibility d, the penalty is exact once its weight is at least r²d(v). In n dimensions
 * r² = 10n is taken care of: r = 1 for bounds, and for the simplex r² ≤ 2(1 + √n)², which is less. It does not use the prox in question: one
 * that leaves points where they are would make its own penalty vanish.
 */
const SHARPNESS = 10;

export function proxProblem(
  g: HostedRegularizer,
  isConstraint: boolean,
  v: Float64Array,
  stepSize: number,
): ProxProblem {
  const weight = isConstraint ? SHARPNESS * v.length * g.distance(v) : stepSize;
  const term = isConstraint ? g.distance : g.value;
  const slope = isConstraint ? g.distanceSubgradient : g.subgradient;
  return {
    value: (u) => weight * term(u) + u.reduce((total, x, i) => total + (x - v[i]) ** 2, 0) / 2,
    subgradient(u) {
      const xi = slope(u);
      return u.map((x, i) => weight * xi[i] + x - v[i]);
    },
    radius: weight * norm(slope(v)),
  };
}

/** Minimises F to a gap of about rounding: 1e-13 of its value, or what 200 n(n + 1) steps leave. */
export function proxOracle(
  problem: ProxProblem,
  v: Float64Array,
  claimed: Float64Array,
): ProxOracle {
  const atStart = problem.value(v);
  if (problem.radius === 0) return { u: v, value: atStart, lower: atStart };
  const scale = Math.min(atStart, problem.value(claimed));
  const { x, value, lower } = ellipsoidMethod(problem, {
    start: v,
    radius: problem.radius,
    maxSteps: 200 * v.length * (v.length + 1),
    gap: 1e-13 * scale,
  });
  return { u: x, value, lower };
}
