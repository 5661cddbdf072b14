/**
 * Exact optimal transport on the line: the monotone coupling.
 *
 * For a cost |x − y|^p with p ≥ 1 it is optimal to pair mass in sorted order, so W_p^p = ∫₀¹ |F⁻¹(t) − G⁻¹(t)|^p dt.
 *
 * Reference: G. Peyré, M. Cuturi, Computational Optimal Transport (2019), remark 2.30.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import { TransportError } from '../../../runtime/ir/transport/measures.ts';

export interface LineTransport {
  /** Σ plan·|x − y|^p. */
  readonly cost: number;
  /** Pairs with mass. */
  readonly pairs: number;
  /** Cost minus the dual value of potentials along the staircase of the plan, which are feasible since the cost is convex in x − y. */
  readonly dualityGap: number;
}

/** Equal total masses up to rounding. */
const MASS_TOLERANCE = 1e-9;

/**
 * @param x float [n], y float [m], finite
 * @param a float [n], b float [m], > 0 in sum, same total mass
 * @param p exponent of the cost, ≥ 1
 */
export function transportOnLine(
  x: Float64Array,
  y: Float64Array,
  a: Float64Array,
  b: Float64Array,
  p: number,
): LineTransport {
  const mass = (w: Float64Array): number => w.reduce((sum, value) => sum + value, 0);
  if (!(p >= 1))
    throw new TransportError('cost', `transport on the line(p): expected ≥ 1, got ${p}.`);
  if (x.length === 0 || x.length !== a.length || y.length === 0 || y.length !== b.length)
    throw new TransportError(
      'shape',
      `transport on the line: expected a weight for each point, got ${x.length} points with ${a.length} weights and ${y.length} points with ${b.length}.`,
    );
  if (!(Math.abs(mass(a) - mass(b)) <= MASS_TOLERANCE * mass(a)))
    throw new TransportError(
      'weights',
      `transport on the line: expected equal total masses, got ${mass(a)} and ${mass(b)}. Normalise the weights.`,
    );
  const orderX = sortedOrder(x);
  const orderY = sortedOrder(y);
  const between = (): number => elementary.pow(Math.abs(x[orderX[i]] - y[orderY[j]]), p);
  let [i, j, cost, pairs] = [0, 0, 0, 0];
  let leftA = a[orderX[0]];
  let leftB = b[orderY[0]];
  let f = 0;
  let g = between();
  let dual = leftB * g;
  // Ends after n + m turns: each passes a point of one side.
  for (;;) {
    const moved = Math.min(leftA, leftB);
    if (moved > 0) pairs++;
    cost += moved * between();
    leftA -= moved;
    leftB -= moved;
    if (leftA <= leftB) {
      if (++i === x.length) break;
      leftA = a[orderX[i]];
      f = between() - g;
      dual += leftA * f;
    } else {
      if (++j === y.length) break;
      leftB = b[orderY[j]];
      g = between() - f;
      dual += leftB * g;
    }
  }
  return { cost, pairs, dualityGap: cost - dual };
}

function sortedOrder(values: Float64Array): Int32Array {
  return Int32Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
}
