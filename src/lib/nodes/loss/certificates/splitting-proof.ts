/**
 * Bounds of min_x F(x) = ½‖Kx − b‖² + l1‖x‖₁ + (l2/2)‖x‖² + tv·TV(x), l1 or tv positive, from a point x and a field p.
 *
 * For any r and any p with ‖p_ij‖ ≤ tv, and e = Kᵀr + Dᵀp,
 *
 *   F* ≥ −½‖r‖² − bᵀr − Σ max(|e_i| − l1, 0)²/(2 l2),   and for l2 = 0 without the last term where |e_i| ≤ l1,
 *
 * which takes r = Kx − b as it was computed, and one factor s ≤ 1 for r and p that brings the constraints within their bounds, rounding included
 * (Chambolle & Pock 2016, section 3). For l1 = l2 = 0 the constraint is e = 0. r then loses its part along K1, so that the entries of e sum to 0;
 * a field q with Dᵀq = −e exists whose entries are at most ½‖e‖₁, since what flows over an edge of a tree is the sum of e on one side of it. So
 * p + q meets the constraint exactly, and is longer than p by ‖e‖₁ at most.
 */
import {
  ZERO,
  absolute,
  add,
  ball,
  divide,
  exactly,
  lower,
  magnitude,
  multiply,
  negate,
  roundedUp,
  scaleByPower,
  squareRoot,
  subtract,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { setEntry, vectorFrom, zeroVector } from '../../../numerics/double-double-vector.ts';
import { twoSum } from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { gradientOperator } from '../../shared/operators/gradient.ts';
import { normOf, preciseOperator } from '../../shared/operators/precise.ts';
import type { KnownVector } from '../../shared/operators/precise.ts';
import { difference, knownInner, knownSquare, multiple, plus } from './known-vector.ts';
import type { Bounds } from './proof.ts';

export interface PenaltyWeights {
  readonly l1: Ball;
  readonly l2: Ball;
  readonly tv: Ball;
}

const isPositive = (x: Ball): boolean => x.hi > 0;
const asItStands = (x: Float64Array): KnownVector => ({ vector: vectorFrom(x), error: 0 });
const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** @param p a field in the shape of Dx, whatever its lengths */
export async function proveSplitting(
  operator: LinearOperator,
  target: Float64Array,
  weights: PenaltyWeights,
  x: Float64Array,
  p: Float64Array,
  pacer: Pacer,
): Promise<Bounds> {
  const { l1, l2, tv } = weights;
  const K = preciseOperator(operator);
  const b = asItStands(target);
  const point = asItStands(x);
  const misfit = difference(await K.apply(point.vector, pacer), b);
  let value = scaleByPower(knownSquare(misfit), -1);
  if (isPositive(tv)) value = add(value, multiply(tv, await variation(x, operator.input, pacer)));
  if (isPositive(l1)) value = add(value, multiply(l1, onesNorm(x)));
  if (isPositive(l2)) value = add(value, scaleByPower(multiply(l2, knownSquare(point)), -1));

  const constrained = !isPositive(l1) && !isPositive(l2);
  // Any r may stand in the bound: this one, as it was computed.
  let r: KnownVector = { vector: misfit.vector, error: 0 };
  if (constrained) r = await withoutConstants(operator, r, pacer);
  const e = await balance(operator, r, p, isPositive(tv), pacer);
  const sumOfE = roundedUp(oneNormBound(e.vector.hi) + Math.sqrt(x.length) * e.error);
  const longest = roundedUp(longestOf(p, operator.input) + (constrained ? sumOfE : 0));
  let s = 1;
  if (isPositive(tv) && !(longest <= lower(tv))) s = (lower(tv) / longest) * (1 - 2 ** -50);
  if (isPositive(l1) && !isPositive(l2)) {
    const most = e.vector.hi.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const largest = roundedUp(most * (1 + 2 ** -50) + e.error);
    if (!(s * largest <= lower(l1) * (1 - 2 ** -50))) s = (lower(l1) / largest) * (1 - 2 ** -50);
  }
  const scale = exactly(s);
  let dual = add(
    scaleByPower(multiply(multiply(scale, scale), knownSquare(r)), -1),
    multiply(scale, knownInner(b, r)),
  );
  if (isPositive(l2)) dual = add(dual, excess(e, s, l1, l2));
  const least = negate(dual);
  const isBound = Number.isFinite(lower(least)) && lower(least) > 0;
  return { value, least: isBound ? least : ZERO };
}

/** r less its part along K1; 1ᵀKᵀr is then 0 exactly, of the r that the vector is near. */
async function withoutConstants(
  operator: LinearOperator,
  r: KnownVector,
  pacer: Pacer,
): Promise<KnownVector> {
  // Differences of a constant are 0.
  if (operator.entries.kind === 'differences') return r;
  const ones = asItStands(new Float64Array(sizeOf(operator.input)).fill(1));
  const flat = await preciseOperator(operator).apply(ones.vector, pacer);
  if (flat.error === 0 && normOf(flat.vector) === 0) return r;
  const part = divide(knownInner(r, flat), knownSquare(flat));
  return difference(r, multiple(part, flat));
}

/** e = Kᵀr + Dᵀp. */
async function balance(
  operator: LinearOperator,
  r: KnownVector,
  p: Float64Array,
  hasField: boolean,
  pacer: Pacer,
): Promise<KnownVector> {
  const back = await preciseOperator(operator).adjoint(r.vector, pacer);
  const known = {
    vector: back.vector,
    error: roundedUp(back.error + 1.01 * operator.norm * r.error),
  };
  if (!hasField) return known;
  const D = preciseOperator(gradientOperator(operator.input));
  return plus(known, await D.adjoint(vectorFrom(p), pacer));
}

/** Σ max(s|e_i| − l1, 0)²/(2 l2) at most. */
function excess(e: KnownVector, s: number, l1: Ball, l2: Ball): Ball {
  const n = e.vector.hi.length;
  const beyond = zeroVector(n);
  let radius = 0;
  for (let i = 0; i < n; i++) {
    const size = absolute(ball({ hi: e.vector.hi[i], lo: e.vector.lo[i] }));
    const over = subtract(multiply(exactly(s), size), l1);
    radius = Math.max(radius, over.radius);
    if (over.hi > 0) setEntry(beyond, i, over);
  }
  const error = roundedUp(radius * Math.sqrt(n) + s * e.error);
  return divide(knownSquare({ vector: beyond, error }), scaleByPower(l2, 1));
}

function onesNorm(x: Float64Array): Ball {
  let sum = ZERO;
  for (const v of x) sum = add(sum, exactly(Math.abs(v)));
  return sum;
}

const oneNormBound = (x: Float64Array): number =>
  x.reduce((sum, v) => sum + Math.abs(v), 0) * (1 + (x.length + 8) * 2 ** -52);

/** ‖z_ij‖ of a field, at most. */
function longestOf(z: Float64Array, shape: Shape): number {
  const n = sizeOf(shape);
  let most = 0;
  for (let c = 0; c < Math.min(n, z.length); c++) {
    const length = shape.length === 1 ? Math.abs(z[c]) : Math.sqrt(z[c] ** 2 + z[n + c] ** 2);
    if (!(length <= most)) most = length;
  }
  // Squares that vanish.
  return roundedUp(most) + 2 ** -500;
}

/** TV(x). */
async function variation(x: Float64Array, shape: Shape, pacer: Pacer): Promise<Ball> {
  const [height, width] = shape.length === 2 ? shape : [1, shape[0]];
  let sum = ZERO;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      const u = i + 1 < height ? ball(twoSum(x[c + width], -x[c])) : ZERO;
      const v = j + 1 < width ? ball(twoSum(x[c + 1], -x[c])) : ZERO;
      sum = add(sum, lengthOf(u, v));
      if (pacer.due()) await pacer.pause();
    }
  }
  return sum;
}

function lengthOf(u: Ball, v: Ball): Ball {
  if (magnitude(u) === 0) return absolute(v);
  if (magnitude(v) === 0) return absolute(u);
  return squareRoot(add(multiply(u, u), multiply(v, v)));
}
