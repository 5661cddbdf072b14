/**
 * Bounds of the minimum of a support vector machine with an intercept,
 *
 *   P(w, b) = 1/N Σᵢ max(0, 1 − sᵢ(xᵢᵀw + b)) + (λ/2)‖w‖² ≥ 1/N Σᵢ βᵢ − ‖Σᵢ βᵢsᵢxᵢ‖²/(2λN²),   0 ≤ βᵢ ≤ 1,   Σᵢ βᵢsᵢ = 0.
 *
 * The βᵢ are made multiples of one power of two and balanced as integers, so that both constraints hold exactly.
 */
import {
  ZERO,
  add,
  ball,
  divide,
  exactly,
  multiply,
  scaleByPower,
  subtract,
  upper,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import {
  addMultiple,
  dot,
  dotError,
  normBound,
  squareBall,
  vectorFrom,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import { exponentOf, timesPower } from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { Bounds } from './proof.ts';

export interface HingeProblem {
  /** float [n, d], row-major. */
  readonly x: Float64Array;
  /** ±1, [n]. */
  readonly signs: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly lambda: Ball;
}

/** @param shares near the βᵢ of the best dual point */
export async function proveHinge(
  { x, signs, n, d, lambda }: HingeProblem,
  weights: Float64Array,
  bias: number,
  shares: Float64Array,
  pacer: Pacer,
): Promise<Bounds> {
  const rowOf = (i: number): Float64Array => x.subarray(i * d, (i + 1) * d);
  const w = vectorFrom(weights);
  const size = normBound(weights);
  let hinge: Ball = ZERO;
  for (let i = 0; i < n; i++) {
    const row = rowOf(i);
    const score = ball(dot(row, w), dotError(d, normBound(row) * size));
    const margin = multiply(exactly(signs[i]), add(score, exactly(bias)));
    const loss = subtract(exactly(1), margin);
    // max(0, ·) moves nothing apart.
    if (loss.hi > 0) hinge = add(hinge, loss);
    else if (upper(loss) > 0) hinge = add(hinge, { ...ZERO, radius: upper(loss) });
    if (pacer.due()) await pacer.pause();
  }
  const value = add(divide(hinge, exactly(n)), scaleByPower(multiply(lambda, squareBall(w)), -1));

  const beta = balanced(shares, signs);
  const sum = zeroVector(d);
  let total: Ball = ZERO;
  let sizes = 0;
  for (let i = 0; i < n; i++) {
    if (beta[i] === 0) continue;
    addMultiple(sum, dd.fromNumber(signs[i] * beta[i]), rowOf(i));
    sizes += beta[i] * normBound(rowOf(i));
    total = add(total, exactly(beta[i]));
    if (pacer.due()) await pacer.pause();
  }
  // Each step errs by 8u² of what an entry is on the way.
  const error = 1.01 * 16 * n * dd.UNIT * sizes;
  const square = squareBall(sum);
  const unsure = 1.01 * error * (2 * normBound(sum.hi) * (1 + 2 ** -50) + error);
  const squares = { ...square, radius: 1.01 * (square.radius + unsure) };
  const scale = multiply(exactly(2 * n), multiply(exactly(n), lambda));
  return { value, least: subtract(divide(total, exactly(n)), divide(squares, scale)) };
}

/** Multiples of 2⁻⁵² of the largest, below the shares, with Σ βᵢsᵢ = 0 in exact arithmetic. */
export function balanced(shares: Float64Array, signs: Float64Array): Float64Array {
  const largest = shares.reduce((most, v) => Math.max(most, Math.min(1, v)), 0);
  const power = exponentOf(largest) - 53;
  const units = shares.map((v) => Math.floor(timesPower(Math.min(1, Math.max(0, v)), -power)));
  let excess = 0n;
  units.forEach((m, i) => (excess += BigInt(m) * BigInt(signs[i])));
  const heavy = excess > 0n ? 1 : -1;
  let over = excess > 0n ? excess : -excess;
  // First those between the bounds, whose change costs least.
  for (const atBound of [false, true]) {
    for (let i = 0; i < units.length && over > 0n; i++) {
      if (signs[i] !== heavy || shares[i] >= 1 !== atBound) continue;
      const taken = over < BigInt(units[i]) ? over : BigInt(units[i]);
      units[i] -= Number(taken);
      over -= taken;
    }
  }
  return units.map((m) => timesPower(m, power));
}
