/**
 * min_x ½xᵀAx − bᵀx for a positive definite matrix of float64 entries: Cholesky, steps of refinement in double-double, and
 *
 *   f(x) − f* = ½gᵀA⁻¹g ≤ ‖g‖²/(2μ),  ‖x − x*‖ ≤ ‖g‖/μ,   g = Ax − b,
 *
 * with a μ ≤ λmin(A) that a factorization of A − μI proves (spectral-bounds.ts).
 */
import {
  add,
  ball,
  exactly,
  multiply,
  roundedUp,
  scaleByPower,
  subtract,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import {
  dot,
  dotError,
  entry,
  normBound,
  setEntry,
  vectorFrom,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import { cholesky, largest, solveCholesky } from '../../../numerics/linear-algebra.ts';
import { partOf } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { spectralBounds } from '../../../numerics/spectral-bounds.ts';
import type { Certificate } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { certificateOf, knownMinimiser, withheld } from './proof.ts';
import type { Bounds } from './proof.ts';

const REFINEMENTS = 3;

/** @param a symmetric, [p, p]; @param start near the minimiser */
export async function quadraticCertificate(
  a: Float64Array,
  b: Float64Array,
  start: ArrayLike<number>,
  pacer: Pacer,
): Promise<Certificate> {
  const p = b.length;
  const { lower: mu } = await spectralBounds(a, p, partOf(pacer, 0, 0.8));
  const factor = await cholesky(a, p, 0, partOf(pacer, 0.8, 1));
  if (!(mu > 0) || !factor) {
    throw withheld(
      'f* of a quadratic: expected a matrix that is positive definite beyond rounding, got one that is not. Lower the condition number.',
    );
  }
  const x = vectorFrom(Float64Array.from(start));
  let found = await gradient(a, b, x, pacer);
  for (let round = 0; round < REFINEMENTS; round++) {
    const step = solveCholesky(factor, p, found.g.hi);
    step.forEach((v, i) => setEntry(x, i, dd.subtract(entry(x, i), dd.fromNumber(v))));
    found = await gradient(a, b, x, pacer);
  }
  const { bounds, error } = proveQuadratic(b, x, found, mu);
  return certificateOf(
    bounds,
    'Cholesky, refined in double-double, gap from strong convexity',
    knownMinimiser([hostFloat(x.hi)], error + 2 ** -52 * largest(x.hi)),
  );
}

/** Bounds of the minimum and of ‖x − x*‖ from any x, with its gradient and a μ > 0 for which A ⪰ μI. */
export function proveQuadratic(
  b: Float64Array,
  x: DoubleDoubleVector,
  found: Gradient,
  mu: number,
): { bounds: Bounds; error: number } {
  const p = b.length;
  // f(x) = ½xᵀ(g − b).
  let value: Ball = exactly(0);
  for (let i = 0; i < p; i++) {
    const g: Ball = { ...entry(found.g, i), radius: found.error };
    value = add(value, multiply(ball(entry(x, i)), subtract(g, exactly(b[i]))));
  }
  value = scaleByPower(value, -1);
  const slope = roundedUp(normBound(found.g.hi) * (1 + 2 ** -50) + found.error * Math.sqrt(p));
  const gap = roundedUp((slope * slope) / (2 * mu));
  return { bounds: { value, least: subtract(value, exactly(gap)) }, error: roundedUp(slope / mu) };
}

interface Gradient {
  readonly g: DoubleDoubleVector;
  /** Of each entry. */
  readonly error: number;
}

/** Ax − b. */
export async function gradient(
  a: Float64Array,
  b: Float64Array,
  x: DoubleDoubleVector,
  pacer: Pacer,
): Promise<Gradient> {
  const p = b.length;
  const g = zeroVector(p);
  const size = normBound(x.hi) * (1 + 2 ** -50);
  let error = 0;
  for (let i = 0; i < p; i++) {
    const row = a.subarray(i * p, (i + 1) * p);
    const image = dot(row, x);
    setEntry(g, i, dd.subtract(image, dd.fromNumber(b[i])));
    const sizes = normBound(row) * size;
    error = Math.max(error, dotError(p, sizes) + 4 * dd.UNIT * (sizes + Math.abs(b[i])));
    if (pacer.due()) await pacer.pause();
  }
  return { g, error: roundedUp(error) };
}
