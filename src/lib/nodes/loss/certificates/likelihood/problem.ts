/**
 * f(θ) = 1/N Σᵢ ℓᵢ(zᵢ) + ½ Σ_j l2_j θ_jᵀ S θ_j,  z_i = Σ_j x_ij θ_j ∈ ℝ^C, for columns scaled by powers of two, the intercept a last column of ones.
 * S is the identity for one output; for K classes with C = K − 1 logits against the last it is I − 11ᵀ/K: the least ‖W‖² that gives these logits.
 */
import type { RegressionProblem } from '../regression-problem.ts';
import type { Family } from './family.ts';

export interface LikelihoodProblem {
  readonly family: Family;
  /** N, columns, norms, l2, exponents and intercept; the targets are those of the family. */
  readonly design: RegressionProblem;
  /** K in S; null for S = I. */
  readonly classes: number | null;
}

/** S v. */
export function metric({ classes }: LikelihoodProblem, v: Float64Array): Float64Array {
  if (classes === null) return v;
  let sum = 0;
  for (const x of v) sum += x;
  return v.map((x) => x - sum / classes);
}

/** A v with AᵀA = S: v − a·(Σv), a = (1 − 1/√K)/C. */
export function metricRoot({ classes }: LikelihoodProblem, v: Float64Array): Float64Array {
  if (classes === null) return v;
  let sum = 0;
  for (const x of v) sum += x;
  const a = (1 - 1 / Math.sqrt(classes)) / (classes - 1);
  return v.map((x) => x - a * sum);
}
