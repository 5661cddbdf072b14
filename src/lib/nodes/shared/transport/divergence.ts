/**
 * Entropic transport and the Sinkhorn divergence between two clouds as traced functions, differentiable in points and weights.
 *
 * Derivatives follow from the envelope theorem: optimal potentials count as constants, so nothing is differentiated through iterations:
 * ∂OT_ε/∂C = P, ∂OT_ε/∂a = f up to a constant. Everything is in the log domain, safe in float32 down to ε of 1e-4 of the cost scale. Second derivatives
 * leave out how the potentials move.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import {
  add,
  cast,
  div,
  exp,
  expandDims,
  log,
  logsumexp,
  loop,
  maximum,
  mul,
  neg,
  stopGradient,
  sub,
  transpose,
  zeros,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { average, sizeOfCloud, squaredDistances } from './cloud.ts';
import type { Cloud } from './cloud.ts';

/** A weight of 0 counts as this: its logarithm is finite in float32 too, and the mass is below all rounding. */
const LEAST_WEIGHT = 1e-30;

/** Constant for derivatives; a scalar where all weights are equal. */
function logWeights({ weights, points }: Cloud): Value | number {
  if (!weights) return -elementary.log(points.shape[0]);
  return log(maximum(stopGradient(weights), LEAST_WEIGHT));
}

/** −ε log Σ_j b_j exp((g_j − C_ij)/ε): cost [n, m], g and log b [m] → [n]. */
function softMinimum(cost: Value, g: Value, logB: Value | number, entropicReg: Value): Value {
  const shifted = add(div(g, entropicReg), logB);
  return neg(mul(entropicReg, logsumexp(sub(expandDims(shifted, 0), div(cost, entropicReg)), 1)));
}

/** ε of iteration i: halved from 4 times the cost scale, which is 1, down to its target. */
function annealed(i: Value, entropicReg: Value): Value {
  return maximum(entropicReg, mul(exp(mul(cast(i, 'float'), -Math.LN2)), 4));
}

/** Potential of the columns after `steps` Sinkhorn iterations, constant for derivatives: [m]. */
function columnPotential(cost: Value, x: Cloud, y: Cloud, entropicReg: Value, steps: number) {
  const fixed = stopGradient(cost);
  const [logA, logB] = [logWeights(x), logWeights(y)];
  const { carry } = loop({
    steps,
    constants: [fixed, transpose(fixed), entropicReg],
    carry: [zeros([sizeOfCloud(y)])],
    body: (i, [c, transposed, target], [g]) => {
      const level = annealed(i, target);
      return {
        carry: [softMinimum(transposed, softMinimum(c, g, logB, level), logA, level)],
      };
    },
  });
  return stopGradient(carry[0]);
}

/** The same for a cloud against itself, where both potentials agree and averaged iterations converge fast: [n]. */
function selfPotential(cost: Value, x: Cloud, entropicReg: Value, steps: number): Value {
  const logA = logWeights(x);
  const { carry } = loop({
    steps,
    constants: [stopGradient(cost), entropicReg],
    carry: [zeros([sizeOfCloud(x)])],
    body: (i, [c, target], [f]) => ({
      carry: [mul(add(f, softMinimum(c, f, logA, annealed(i, target))), 0.5)],
    }),
  });
  return stopGradient(carry[0]);
}

/** Points in units in which squared distances are of size 1. */
function scaled({ points, weights }: Cloud, scale: number): Cloud {
  return { points: mul(points, 1 / Math.sqrt(scale)), weights };
}

/** ⟨f, a⟩ + ⟨g, b⟩ with f the soft minimum of the fixed g, whose derivative in the cost is the plan. */
function across(x: Cloud, y: Cloud, entropicReg: Value, steps: number): Value {
  const cost = squaredDistances(x.points, y.points);
  const g = columnPotential(cost, x, y, entropicReg, steps);
  return add(average(x, softMinimum(cost, g, logWeights(y), entropicReg)), average(y, g));
}

/** Half of OT_ε(x, x). By symmetry its derivative is that of one potential with the other cloud held fixed. */
function half(x: Cloud, entropicReg: Value, steps: number): Value {
  const cost = squaredDistances(x.points, stopGradient(x.points));
  const f = selfPotential(cost, x, entropicReg, steps);
  return average(x, softMinimum(cost, f, logWeights(x), entropicReg));
}

/**
 * OT_ε(x, y) = min_P ⟨P, C⟩ + ε KL(P ‖ a ⊗ b) with C_ij = ‖x_i − y_j‖², from its dual; without the correction of the divergence it is least for clouds that
 * have shrunk.
 *
 * Reference: G. Peyré, M. Cuturi, Computational Optimal Transport (2019), propositions 4.4 and 9.2 for the dual and its derivatives.
 *
 * @param entropicReg float scalar > 0, in units of `scale`
 * @param scale of squared distances, > 0; costs are divided by it
 * @param steps iterations, with ε falling to its target by halves
 */
export function entropicTransport(
  x: Cloud,
  y: Cloud,
  entropicReg: Value,
  scale: number,
  steps: number,
): Value {
  return mul(across(scaled(x, scale), scaled(y, scale), entropicReg, steps), scale);
}

/**
 * Debiased Sinkhorn divergence OT_ε(x, y) − ½ OT_ε(x, x) − ½ OT_ε(y, y); parameters as for `entropicTransport`.
 *
 * Reference: J. Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences (2019), equation (3) and
 * section 3.1 for the last, differentiable iteration.
 */
export function sinkhornDivergence(
  x: Cloud,
  y: Cloud,
  entropicReg: Value,
  scale: number,
  steps: number,
): Value {
  const [u, v] = [scaled(x, scale), scaled(y, scale)];
  const own = add(half(u, entropicReg, steps), half(v, entropicReg, steps));
  return mul(sub(across(u, v, entropicReg, steps), own), scale);
}
