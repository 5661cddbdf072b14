/** Sums and products of vectors known up to a norm of their errors. */
import { ball, multiply, roundedUp } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import {
  dotError,
  dotPair,
  entry,
  setEntry,
  squareBall,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import { normOf } from '../../shared/operators/precise.ts';
import type { KnownVector } from '../../shared/operators/precise.ts';

/** ‖x‖ at most. */
export const knownNorm = ({ vector, error }: KnownVector): number =>
  roundedUp(normOf(vector) + error);

/** ‖x‖². */
export function knownSquare({ vector, error }: KnownVector): Ball {
  const square = squareBall(vector);
  const unsure = error === 0 ? 0 : 1.01 * error * (2 * normOf(vector) + error);
  return { ...square, radius: roundedUp(square.radius + unsure) };
}

/** ⟨x, y⟩. */
export function knownInner(x: KnownVector, y: KnownVector): Ball {
  const [a, b] = [normOf(x.vector), normOf(y.vector)];
  const mid = dotPair(x.vector, y.vector);
  // As squareBall: what the low parts add is below (n + 4)u² of the whole.
  const rounding = 2 * dotError(x.vector.hi.length, 1.001 * a * b);
  const unsure = x.error * b + y.error * a + x.error * y.error;
  return ball(mid, roundedUp(1.01 * (rounding + unsure)));
}

export const plus = (x: KnownVector, y: KnownVector): KnownVector => combined(x, y, dd.add);
export const difference = (x: KnownVector, y: KnownVector): KnownVector =>
  combined(x, y, dd.subtract);

function combined(
  x: KnownVector,
  y: KnownVector,
  operation: (a: dd.DoubleDouble, b: dd.DoubleDouble) => dd.DoubleDouble,
): KnownVector {
  const n = x.vector.hi.length;
  const vector = zeroVector(n);
  for (let i = 0; i < n; i++) {
    setEntry(vector, i, operation(entry(x.vector, i), entry(y.vector, i)));
  }
  // Each entry errs by 3u² of itself.
  return { vector, error: roundedUp(x.error + y.error + 4 * dd.UNIT * normOf(vector)) };
}

/** s·x. */
export function multiple(s: Ball, x: KnownVector): KnownVector {
  const n = x.vector.hi.length;
  const vector: DoubleDoubleVector = zeroVector(n);
  let radius = 0;
  for (let i = 0; i < n; i++) {
    const product = multiply(s, ball(entry(x.vector, i)));
    setEntry(vector, i, product);
    radius = Math.max(radius, product.radius);
  }
  const own = radius * Math.sqrt(n) + (Math.abs(s.hi) + s.radius) * x.error;
  return { vector, error: roundedUp(own) };
}
