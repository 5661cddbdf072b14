/**
 * The prox of a regularizer without its prox: argmin F(u) = s g(u) + ½‖u − v‖² by the ellipsoid method, from values and subgradients of g.
 *
 * F is 1-strongly convex, so a point u is within √(2(F(u) − F*)) of the prox, and a lower bound of F* bounds that. The minimiser is in the
 * ball of radius s‖ξ‖ around v for any subgradient ξ of g at v, as subdifferentials are monotone. A constraint enters as s g = c·d with
 * d its measure of infeasibility: an exact penalty once c is larger than ‖v − P(v)‖ times the largest ratio of the distance to d.
 */
import { ellipsoidMethod } from './ellipsoid.ts';
import type { HostedRegularizer } from './hosted-regularizer.ts';
import { norm } from './linear-algebra.ts';

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

/** Ratios of the distance to a set to the infeasibility that are taken care of, for each dimension: √n for the simplex is below it. */
const SHARPNESS = 10;

/** `claimed` is the prox in question; it sets only the scale of the penalty of a constraint. */
export function proxProblem(
  g: HostedRegularizer,
  isConstraint: boolean,
  v: Float64Array,
  stepSize: number,
  claimed: Float64Array,
): ProxProblem {
  const weight = isConstraint
    ? SHARPNESS * v.length * norm(v.map((x, i) => x - claimed[i]))
    : stepSize;
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
