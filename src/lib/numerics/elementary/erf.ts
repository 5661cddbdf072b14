import { ERF, ERF_DEGREE, ERF_HIGH, ERF_LOW, ERF_NEAR } from './coefficients.ts';

const [A0, A1, A2, A3, A4, A5, A6, A7, A8, A9] = ERF_NEAR;

/** erf x = 2/√π ∫₀ˣ exp(−t²) dt: one polynomial for |x| < 1/2, one an interval of length 1/4 up to 6, ±1 beyond. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 0.5) {
    const z = x * x;
    const w = z * z;
    const rest =
      A0 + z * A1 + w * (A2 + z * A3 + w * (A4 + z * A5 + w * (A6 + z * A7 + w * (A8 + z * A9))));
    return x + x * rest;
  }
  if (!(a < 6)) return x !== x ? NaN : x > 0 ? 1 : -1;
  const i = Math.floor(4 * a) - 2;
  const t = a - (i / 4 + 0.625);
  let sum = 0;
  for (let k = (i + 1) * ERF_DEGREE - 1, end = i * ERF_DEGREE; k >= end; k--)
    sum = ERF[k] + t * sum;
  const size = ERF_HIGH[i] + (ERF_LOW[i] + t * sum);
  return x < 0 ? -size : size;
}
