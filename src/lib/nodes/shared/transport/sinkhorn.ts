/**
 * Entropic optimal transport in the log domain, in float64 on the host.
 *
 *   OT_ε(a, b) = min_P ⟨P, C⟩ + ε KL(P | a ⊗ b),   P = a_i b_j exp((f_i + g_j − C_ij)/ε)
 *   f_i ← −ε log Σ_j b_j exp((g_j − C_ij)/ε),   g_j ← −ε log Σ_i a_i exp((f_i − C_ij)/ε)
 *
 * Finite for every ε > 0, since nothing but differences to a maximum is exponentiated. ε starts at the cost scale and is halved to its
 * target, each level starting from the potentials of the one before.
 *
 * References: G. Peyré, M. Cuturi, Computational Optimal Transport (2019), remark 4.23 (log domain) and section 4.2; J. Feydy et al.,
 * Interpolating between optimal transport and MMD using Sinkhorn divergences (2019), for the relative entropy to a ⊗ b. The plan is the same as with
 * the entropy Σ P log P of the first reference, whose value differs by a constant of a and b.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import {
  TransportError,
  checkTransport,
  marginalError,
} from '../../../runtime/ir/transport/measures.ts';
import type { TransportPlan } from '../../../runtime/ir/transport/measures.ts';

/** exp(−45) < 3e-20 is lost in a sum of 500 terms whose largest is 1, and exp of very negative numbers is slow. */
const NEGLIGIBLE = -45;

export interface SinkhornOptions {
  /** Stops when ‖P·1 − a‖₁ is at most this (the other marginal holds exactly). @default 1e-9 */
  readonly tolerance?: number;
  /** Over all levels of ε. @default 10_000 */
  readonly maxIterations?: number;
}

export interface SinkhornProgress {
  readonly iterations: number;
  /** ‖P·1 − a‖₁ at the present ε. */
  readonly error: number;
}

export interface SinkhornResult extends TransportPlan {
  /** OT_ε(a, b), from the dual: ⟨f, a⟩ + ⟨g, b⟩ − ε(ΣP − 1). */
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** ‖P·1 − a‖₁ of each iteration at the target ε. */
  readonly errors: readonly number[];
}

/** `sinkhornIterations` in one go. */
export function sinkhorn(
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
  entropicReg: number,
  options: SinkhornOptions = {},
): SinkhornResult {
  const work = sinkhornIterations(a, b, cost, entropicReg, options);
  // Ends with the iterations below, at most maxIterations.
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/**
 * Yields after each iteration, so that a caller may pause or stop.
 *
 * @param a float [n], ≥ 0, sums to 1
 * @param b float [m], ≥ 0, sums to 1
 * @param cost float [n, m], row-major
 * @param entropicReg ε > 0, in units of the cost
 * @throws TransportError when shapes, weights or ε do not fit
 */
export function* sinkhornIterations(
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
  entropicReg: number,
  options: SinkhornOptions = {},
): Generator<SinkhornProgress, SinkhornResult> {
  checkTransport('sinkhorn', a, b, cost);
  if (!(entropicReg > 0 && entropicReg < Infinity))
    throw new TransportError(
      'regularization',
      `sinkhorn(entropicReg): expected > 0, got ${entropicReg}. Use exact transport for 0.`,
    );
  const { tolerance = 1e-9, maxIterations = 10_000 } = options;
  const n = a.length;
  const m = b.length;
  const transposedCost = new Float64Array(n * m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) transposedCost[j * n + i] = cost[i * m + j];
  const logA = a.map(elementary.log);
  const logB = b.map(elementary.log);
  const f = new Float64Array(n);
  const g = new Float64Array(m);
  const next = new Float64Array(n);

  let scale = 0;
  for (const c of cost) scale = Math.max(scale, Math.abs(c));
  let level = Math.max(entropicReg, scale);
  let iterations = 0;
  let error = Infinity;
  const errors: number[] = [];
  // Ends after maxIterations.
  while (iterations < maxIterations) {
    softMinimum(g, f, logA, transposedCost, level);
    softMinimum(next, g, logB, cost, level);
    // P·1 = a·exp((f − next)/ε) before the update.
    error = 0;
    for (let i = 0; i < n; i++)
      if (a[i] > 0) error += a[i] * Math.abs(elementary.expm1((f[i] - next[i]) / level));
    iterations++;
    if (level === entropicReg) errors.push(error);
    yield { iterations, error };
    // At the target, f and g as they stand have the exact marginal b and the error just measured.
    if (level === entropicReg && error <= tolerance) break;
    f.set(next);
    // Coarser levels only warm up the next.
    if (level > entropicReg && error <= 0.05) level = Math.max(entropicReg, level / 2);
  }
  // Without convergence the last full update may have moved f; g is made consistent with it.
  const converged = level === entropicReg && error <= tolerance;
  if (!converged) softMinimum(g, f, logA, transposedCost, entropicReg);
  return { ...couple(a, b, cost, f, g, entropicReg), iterations, converged, errors };
}

/** out_i = −ε log Σ_j exp(logWeight_j + (potential_j − cost_ij)/ε); cost is [out, potential], row-major. */
function softMinimum(
  out: Float64Array,
  potential: Float64Array,
  logWeight: Float64Array,
  cost: Float64Array,
  entropicReg: number,
): void {
  const size = potential.length;
  const shifted = new Float64Array(size);
  for (let j = 0; j < size; j++) shifted[j] = logWeight[j] + potential[j] / entropicReg;
  const inverse = 1 / entropicReg;
  for (let i = 0, start = 0; i < out.length; i++, start += size) {
    let largest = -Infinity;
    for (let j = 0; j < size; j++) {
      const exponent = shifted[j] - cost[start + j] * inverse;
      if (exponent > largest) largest = exponent;
    }
    let sum = 0;
    for (let j = 0; j < size; j++) {
      const exponent = shifted[j] - cost[start + j] * inverse - largest;
      if (exponent > NEGLIGIBLE) sum += elementary.exp(exponent);
    }
    out[i] = -entropicReg * (largest + elementary.log(sum));
  }
}

function couple(
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
  f: Float64Array,
  g: Float64Array,
  entropicReg: number,
) {
  const [n, m] = [a.length, b.length];
  const plan = new Float64Array(n * m);
  let total = 0;
  let dual = 0;
  for (let i = 0; i < n; i++) {
    dual += a[i] * f[i];
    for (let j = 0; j < m; j++) {
      const k = i * m + j;
      plan[k] = a[i] * b[j] * elementary.exp((f[i] + g[j] - cost[k]) / entropicReg);
      total += plan[k];
    }
  }
  for (let j = 0; j < m; j++) dual += b[j] * g[j];
  const value = dual - entropicReg * (total - 1);
  const error = marginalError(plan, a, b);
  roundToFeasible(plan, a, b);
  let transportCost = 0;
  let divergence = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      const mass = plan[i * m + j];
      if (mass <= 0) continue;
      transportCost += mass * cost[i * m + j];
      divergence += mass * elementary.log(mass / (a[i] * b[j]));
    }
  return {
    plan,
    rows: n,
    columns: m,
    potentialA: f,
    potentialB: g,
    cost: transportCost,
    value,
    // Weak duality with a feasible plan: not negative but for rounding.
    dualityGap: Math.max(0, transportCost + entropicReg * divergence - value),
    marginalError: error,
  };
}

/**
 * Moves a nonnegative matrix, in place, to one with marginals a and b, by at most twice its marginal error in ℓ1.
 * Reference: J. Altschuler, J. Weed, P. Rigollet, Near-linear time approximation algorithms for optimal transport (2017), algorithm 2.
 */
function roundToFeasible(plan: Float64Array, a: Float64Array, b: Float64Array): void {
  const [n, m] = [a.length, b.length];
  for (let i = 0; i < n; i++) {
    const row = plan.subarray(i * m, (i + 1) * m);
    const mass = row.reduce((sum, p) => sum + p, 0);
    if (mass > a[i]) for (let j = 0; j < m; j++) row[j] *= a[i] / mass;
  }
  const missingB = Float64Array.from(b);
  for (let j = 0; j < m; j++) {
    let mass = 0;
    for (let i = 0; i < n; i++) mass += plan[i * m + j];
    if (mass > b[j]) for (let i = 0; i < n; i++) plan[i * m + j] *= b[j] / mass;
    missingB[j] = Math.max(0, b[j] - mass);
  }
  const missing = missingB.reduce((sum, p) => sum + p, 0);
  if (missing === 0) return;
  for (let i = 0; i < n; i++) {
    const row = plan.subarray(i * m, (i + 1) * m);
    const missingA = Math.max(0, a[i] - row.reduce((sum, p) => sum + p, 0));
    for (let j = 0; j < m; j++) row[j] += (missingA * missingB[j]) / missing;
  }
}
