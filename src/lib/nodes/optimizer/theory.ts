/**
 * Guaranteed bounds on f(x_k) − f* for first-order methods on convex objectives. R is ‖x₀ − x*‖, s the step, L and μ the constants
 * of the smooth part, q = √(μs). A bound is NaN where live values void it.
 */
import * as elementary from '../../numerics/elementary/index.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { lipschitzOf, strongConvexityOf } from './constants.ts';
import type { StepRule } from './step-rule.ts';

type Theory = RunPlan['theory'];

/** Steps within this of 1/L or 2/L count as equal to it. */
const ROUNDING = 1 + 1e-9;

/**
 * Gradient descent (no terms) and proximal gradient with a fixed step s ≤ 2/L: the least of
 *   max(|1 − sL|, |1 − sμ|)^{2k} (f₀ − f*)     Taylor, Hendrickx & Glineur 2018, JOTA 178 (function values)
 *   R²/(4sk + 2/L)   for s ≤ 1/L, no terms     Drori & Teboulle 2014, Math. Program. 145, section 3
 *   R²/(2sk)         for s ≤ 1/L               Beck & Teboulle 2009, SIAM J. Imaging Sci. 2, theorem 3.1
 * and with backtracking, s its least step: R²/(2sk) and R²/(2s)·(1 − μs)^k (Beck 2017, theorems 10.21 and 10.29).
 */
export function gradientTheory(objective: ObjectiveValue, rule: StepRule): Theory {
  if (!objective.convex || objective.constants.lipschitzGrad === undefined) return undefined;
  const smooth = objective.terms.length === 0;
  return {
    label: rule.backtracking
      ? 'R²/(2sk), R²/(2s)·(1 − μs)ᵏ (Beck 2017)'
      : smooth
        ? 'ρ²ᵏ(f₀ − f*), R²/(4sk + 2/L) (Taylor et al. 2018; Drori & Teboulle 2014)'
        : 'ρ²ᵏ(f₀ − f*), R²/(2sk) (Taylor et al. 2018; Beck & Teboulle 2009)',
    bound(k, distance, gap, live) {
      const L = lipschitzOf(objective, live);
      const s = rule.leastSize(live);
      if (L === undefined || s === undefined || s * L > 2 * ROUNDING) return NaN;
      const mu = strongConvexityOf(objective, live);
      const R2 = distance ** 2;
      if (rule.backtracking) {
        return Math.min(gap, R2 / (2 * s * k), (R2 / (2 * s)) * elementary.pow(1 - mu * s, k));
      }
      const rho = Math.max(Math.abs(1 - s * L), Math.abs(1 - s * mu));
      const linear = elementary.pow(Math.min(rho, 1), 2 * k) * gap;
      if (s * L > ROUNDING) return linear;
      return Math.min(linear, smooth ? R2 / (4 * s * k + 2 / L) : R2 / (2 * s * k));
    },
  };
}

/**
 * FISTA and Nesterov's method with the t_k sequence, s ≤ 1/L: 2R²/(s(k + 1)²). Beck & Teboulle 2009, theorem 4.4; with
 * backtracking s is its least step. Not with restarts, which may cut a good sequence short.
 */
export function sequenceTheory(objective: ObjectiveValue, rule: StepRule): Theory {
  if (!objective.convex || objective.constants.lipschitzGrad === undefined) return undefined;
  return {
    label: '2R²/(s(k + 1)²) (Beck & Teboulle 2009)',
    bound(k, distance, gap, live) {
      const L = lipschitzOf(objective, live);
      const s = rule.leastSize(live);
      if (L === undefined || s === undefined || s * L > ROUNDING) return NaN;
      return k === 0 ? gap : (2 * distance ** 2) / (s * (k + 1) ** 2);
    },
  };
}

/** Nesterov's method with constant momentum (1 − q)/(1 + q), s ≤ 1/L: (1 − q)^k (f₀ − f* + μR²/2). Nesterov 2004, theorem 2.2.3. */
export function strongTheory(objective: ObjectiveValue, rule: StepRule): Theory {
  if (!objective.convex || objective.constants.lipschitzGrad === undefined) return undefined;
  return {
    label: '(1 − √(μs))ᵏ (f₀ − f* + μR²/2) (Nesterov 2004)',
    bound(k, distance, gap, live) {
      const L = lipschitzOf(objective, live);
      const s = rule.leastSize(live);
      if (L === undefined || s === undefined || s * L > ROUNDING) return NaN;
      const mu = strongConvexityOf(objective, live);
      return elementary.pow(1 - Math.sqrt(mu * s), k) * (gap + (mu / 2) * distance ** 2);
    },
  };
}
