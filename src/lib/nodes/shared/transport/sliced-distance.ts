/**
 * Exact transport on the line by sorting, averaged over directions, as a traced function, differentiable in points and weights of the first cloud.
 *
 * Places in sorted order come from comparing all pairs, so that it runs on every device. What a direction's coupling is counts as constant for derivatives (envelope
 * theorem), and directions follow one another in a loop, so that memory does not grow with their number.
 */
import {
  add,
  and,
  cast,
  div,
  equal,
  expandDims,
  full,
  iota,
  less,
  loop,
  matmul,
  maximum,
  mean,
  minimum,
  mul,
  or,
  select,
  square,
  stopGradient,
  sub,
  sum,
  transpose,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { sizeOfCloud } from './cloud.ts';
import type { Cloud } from './cloud.ts';

/** Below all masses that count. */
const NO_MASS = 1e-30;

/** 1 where point k comes before point i in sorted order, ties by index: [n] → float [n (i), n (k)]. */
function before(p: Value): Value {
  const [n] = p.shape;
  const [mine, other] = [expandDims(p, 1), expandDims(p, 0)];
  const earlier = less(iota([n, n], 1), iota([n, n], 0));
  return cast(or(less(other, mine), and(equal(other, mine), earlier)), 'float');
}

/** The entries of `values` [n] whose ranks are `wanted` [k], 0 where there is none: [k]. */
function atRank(values: Value, ranks: Value, wanted: Value): Value {
  const found = equal(expandDims(ranks, 0), expandDims(wanted, 1));
  return sum(select(found, expandDims(values, 0), 0), 1);
}

/** As many points of equal weight, [n]: those of equal rank belong together. */
function partners(p: Value, q: Value): Value {
  return atRank(q, sum(before(q), 1), sum(before(p), 1));
}

/**
 * The optimal coupling on the line, where mass moves in sorted order: P_ij is the length of [A_{i−1}, A_i] ∩ [B_{j−1}, B_j] with the cumulative masses A and B.
 *
 * @param p float [n] with weights a, q float [m] with weights b
 * @returns where the mass of each point goes on average, [n]; its squared spread around that, a scalar; the potential f, [n]
 */
function coupling(p: Value, a: Value, q: Value, b: Value): [Value, Value, Value] {
  const [beforeP, beforeQ] = [before(p), before(q)];
  const [lowA, lowB] = [matmul(beforeP, a), matmul(beforeQ, b)];
  const [highA, highB] = [add(lowA, a), add(lowB, b)];
  const overlap = sub(
    minimum(expandDims(highA, 1), expandDims(highB, 0)),
    maximum(expandDims(lowA, 1), expandDims(lowB, 0)),
  );
  const plan = maximum(overlap, 0);
  const moves = sum(mul(plan, sub(expandDims(q, 0), expandDims(p, 1))), 1);
  const target = add(p, div(moves, maximum(sum(plan, 1), NO_MASS)));
  const spread = sum(mul(plan, square(sub(expandDims(q, 0), expandDims(target, 1)))));

  // Along the staircase of the plan f(next) − f(p) = c(next, q) − c(p, q), with q the target at which the mass of p ends.
  const [n, m] = [p.shape[0], q.shape[0]];
  const ranks = sum(beforeP, 1);
  const ended = sum(cast(less(expandDims(highB, 0), expandDims(highA, 1)), 'float'), 1);
  const shared = atRank(q, sum(beforeQ, 1), minimum(ended, m - 1));
  const next = atRank(p, ranks, add(ranks, 1));
  const rise = mul(sub(next, p), sub(add(next, p), mul(shared, 2)));
  const potential = matmul(beforeP, select(less(ranks, n - 1), rise, 0));
  return [target, spread, potential];
}

/**
 * Sliced squared Wasserstein distance: the mean over directions of the exact W₂² of the projected points.
 *
 * Reference: N. Bonneel et al., Sliced and Radon Wasserstein barycenters of measures (2015), definition 2; G. Peyré, M. Cuturi, Computational Optimal
 * Transport (2019), remark 2.30 for the line.
 *
 * @param y constant
 * @param directions float [D, L], unit columns; the single column 1 for D = 1 gives the exact distance on the line
 */
export function slicedDistance(x: Cloud, y: Cloud, directions: Value): Value {
  const L = directions.shape[1];
  const projected = transpose(matmul(x.points, directions));
  const p = stopGradient(projected);
  const q = stopGradient(transpose(matmul(y.points, directions)));
  if (!x.weights && !y.weights && sizeOfCloud(x) === sizeOfCloud(y)) {
    const { stacked } = loop({
      steps: L,
      carry: [],
      sequences: [p, q],
      body: (_, _constants, _carry, [line, other]) => ({
        carry: [],
        stacked: [partners(line, other)],
      }),
    });
    return mean(square(sub(projected, stopGradient(stacked[0]))));
  }
  const [a, b] = [weightsOf(x), weightsOf(y)];
  const { stacked } = loop({
    steps: L,
    constants: [a, b],
    carry: [],
    sequences: [p, q],
    body: (_, [massA, massB], _carry, [line, other]) => ({
      carry: [],
      stacked: coupling(line, massA, other, massB),
    }),
  });
  const [target, spread, potential] = stacked.map((v) => stopGradient(v));
  const perDirection = add(matmul(square(sub(projected, target)), a), spread);
  if (!x.weights) return mean(perDirection);
  return mean(add(perDirection, matmul(potential, sub(x.weights, a))));
}

/** Constant for derivatives. */
function weightsOf(cloud: Cloud): Value {
  const n = sizeOfCloud(cloud);
  return cloud.weights ? stopGradient(cloud.weights) : full([n], 1 / n);
}
