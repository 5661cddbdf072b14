/**
 * The angle in [0, π/2] whose cosine and sine are given as balls, to about 28 digits.
 *
 * A polynomial start φ₀ (Abramowitz & Stegun 1964, equation (4.4.45), error 7e-5) and its cosine and sine, by Taylor polynomials of φ₀/64 and six
 * doublings; then φ = φ₀ + arcsin δ with δ = s cos φ₀ − c sin φ₀, by its series.
 */
import {
  ONE,
  add,
  ball,
  divide,
  exactly,
  magnitude,
  multiply,
  negate,
  roundedUp,
  scaleByPower,
  subtract,
} from './ball.ts';
import type { Ball } from './ball.ts';

/** π. */
export const PI: Ball = { hi: Math.PI, lo: 1.2246467991473532e-16, radius: 4e-33 };

const DOUBLINGS = 6;
/** 0.025¹⁸/18!. */
const LEFT_OUT = 1e-44;

/** cos and sin of a float64 number in [0, 1.6]. */
function cosineAndSine(angle: number): { cosine: Ball; sine: Ball } {
  const t = scaleByPower(exactly(angle), -DOUBLINGS);
  const square = negate(multiply(t, t));
  let cosine: Ball = ONE;
  let sine: Ball = ONE;
  for (let k = 16; k >= 2; k -= 2) {
    cosine = add(ONE, divide(multiply(square, cosine), exactly((k - 1) * k)));
    sine = add(ONE, divide(multiply(square, sine), exactly(k * (k + 1))));
  }
  sine = multiply(t, sine);
  cosine = { ...cosine, radius: roundedUp(cosine.radius + LEFT_OUT) };
  sine = { ...sine, radius: roundedUp(sine.radius + LEFT_OUT) };
  for (let step = 0; step < DOUBLINGS; step++) {
    const twice = scaleByPower(multiply(sine, cosine), 1);
    cosine = subtract(ONE, scaleByPower(multiply(sine, sine), 1));
    sine = twice;
  }
  return { cosine, sine };
}

export function angleOf(cosine: Ball, sine: Ball): Ball {
  const c = Math.min(1, Math.max(0, cosine.hi));
  const cubic = ((-0.0187293 * c + 0.074261) * c - 0.2121144) * c + 1.5707288;
  const start = Math.sqrt(1 - c) * cubic;
  const known = cosineAndSine(start);
  const delta = subtract(multiply(sine, known.cosine), multiply(cosine, known.sine));
  const size = magnitude(delta);
  if (!(size < 1e-3)) return { hi: start, lo: 0, radius: Infinity };
  // arcsin δ = δ + δ³/6 + 3δ⁵/40 + 5δ⁷/112 + …, the rest below δ⁹/25.
  const square = multiply(delta, delta);
  let series = divide(exactly(5), exactly(112));
  series = add(divide(exactly(3), exactly(40)), multiply(square, series));
  series = add(divide(ONE, exactly(6)), multiply(square, series));
  const arc = multiply(delta, add(ONE, multiply(square, series)));
  const sum = add(exactly(start), arc);
  return ball(
    sum,
    roundedUp(sum.radius + size * size * size * size * size * size * size * size * size),
  );
}
