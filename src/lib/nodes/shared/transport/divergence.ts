/**
 * Traced distances between two clouds of points of equal weight, differentiable in the first cloud.
 *
 * Derivatives follow from the envelope theorem: optimal potentials and pairings count as constants, so nothing is differentiated
 * through iterations. Everything is in the log domain or a difference of coordinates, safe in float32.
 */
import {
  add,
  broadcastTo,
  cast,
  div,
  equal,
  exp,
  expandDims,
  iota,
  less,
  logsumexp,
  loop,
  and,
  or,
  matmul,
  maximum,
  mean,
  mul,
  neg,
  select,
  square,
  stopGradient,
  sub,
  sum,
  transpose,
  zeros,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

/** ‖x_i − y_j‖²: [n, D] and [m, D] → [n, m]. */
function squaredDistances(x: Value, y: Value): Value {
  return sum(square(sub(expandDims(x, 1), expandDims(y, 0))), 2);
}

/** −ε log 1/m Σ_j exp((g_j − C_ij)/ε): [n, m] and [m] → [n]. */
function softMinimum(cost: Value, g: Value, entropicReg: Value): Value {
  const exponents = div(sub(expandDims(g, 0), cost), entropicReg);
  return neg(mul(entropicReg, sub(logsumexp(exponents, 1), Math.log(cost.shape[1]))));
}

/** ε of iteration i: halved from 4 times the cost scale, which is 1, down to its target. */
function annealed(i: Value, entropicReg: Value): Value {
  return maximum(entropicReg, mul(exp(mul(cast(i, 'float'), -Math.LN2)), 4));
}

/** Potential of the columns after `steps` Sinkhorn iterations, constant for derivatives: [n, m] → [m]. */
function columnPotential(cost: Value, entropicReg: Value, steps: number): Value {
  const [, m] = cost.shape;
  const fixed = stopGradient(cost);
  const { carry } = loop({
    steps,
    constants: [fixed, transpose(fixed), entropicReg],
    carry: [zeros([m])],
    body: (i, [c, transposed, target], [g]) => {
      const level = annealed(i, target);
      return { carry: [softMinimum(transposed, softMinimum(c, g, level), level)] };
    },
  });
  return stopGradient(carry[0]);
}

/** The same for a cloud against itself, where both potentials agree and averaged iterations converge fast: [n, n] → [n]. */
function selfPotential(cost: Value, entropicReg: Value, steps: number): Value {
  const [n] = cost.shape;
  const { carry } = loop({
    steps,
    constants: [stopGradient(cost), entropicReg],
    carry: [zeros([n])],
    body: (i, [c, target], [f]) => ({
      carry: [mul(add(f, softMinimum(c, f, annealed(i, target))), 0.5)],
    }),
  });
  return stopGradient(carry[0]);
}

/**
 * Debiased Sinkhorn divergence OT_ε(x, y) − ½ OT_ε(x, x) − ½ OT_ε(y, y) of the cost ‖x − y‖².
 *
 * Reference: J. Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences (2019), equation (3) and
 * section 3.1 for the last, differentiable iteration.
 *
 * @param x float [n, D], y float [m, D], constant
 * @param entropicReg float scalar > 0, in units of `scale`
 * @param scale of squared distances, > 0; costs are divided by it
 * @param steps iterations, with ε falling to its target by halves
 */
export function sinkhornDivergence(
  x: Value,
  y: Value,
  entropicReg: Value,
  scale: number,
  steps: number,
): Value {
  const unit = 1 / Math.sqrt(scale);
  const [u, v] = [mul(x, unit), mul(y, unit)];
  const cost = squaredDistances(u, v);
  const g = columnPotential(cost, entropicReg, steps);
  // By symmetry half of the self-transport has the gradient of one potential with the other cloud held fixed.
  const selfX = squaredDistances(u, stopGradient(u));
  const selfY = squaredDistances(v, v);
  const half = (c: Value): Value =>
    mean(softMinimum(c, selfPotential(c, entropicReg, steps), entropicReg));
  const across = add(mean(softMinimum(cost, g, entropicReg)), mean(g));
  return mul(sub(sub(across, half(selfX)), half(selfY)), scale);
}

/** Position of each entry in the sorted order of its column, ties by index: float [n, L] → float [n, L]. */
function ranks(p: Value): Value {
  const [n, L] = p.shape;
  const [mine, other] = [expandDims(p, 1), expandDims(p, 0)];
  const earlier = broadcastTo(less(iota([n, n, 1], 1), iota([n, n, 1], 0)), [n, n, L]);
  const below = or(less(other, mine), and(equal(other, mine), earlier));
  return sum(cast(below, 'float'), 1);
}

/**
 * Sliced squared Wasserstein distance: the mean over directions of the exact W₂² of the projected points, which pairs equal ranks.
 *
 * Reference: N. Bonneel et al., Sliced and Radon Wasserstein barycenters of measures (2015), definition 2.
 *
 * @param x float [n, D], y float [n, D], as many points
 * @param directions float [D, L], unit columns; the single column 1 for D = 1 gives the exact distance on the line
 */
export function slicedDistance(x: Value, y: Value, directions: Value): Value {
  const [px, py] = [matmul(x, directions), matmul(y, directions)];
  const [rx, ry] = [ranks(stopGradient(px)), ranks(py)];
  const same = equal(expandDims(rx, 1), expandDims(ry, 0));
  const partner = sum(select(same, expandDims(py, 0), 0), 1);
  return mean(square(sub(px, stopGradient(partner))));
}
