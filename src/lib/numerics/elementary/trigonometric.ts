import { COS, HALF_PI, SIN, TWO_OVER_PI } from './coefficients.ts';
import { sumRest } from './double-double.ts';
import { reduceLarge } from './payne-hanek.ts';

const [S0, S1, S2, S3, S4, S5] = SIN;
const [C0, C1, C2, C3, C4, C5] = COS;
const [P1, P2, P3, P4] = HALF_PI;
/** Up to here n·P1, n·P2 and n·P3 are exact for the n of the reduction. */
const LARGE = 2 ** 20;
const QUARTER_PI = Math.PI / 4;

/** sin x for any finite x; NaN for infinities. */
export function sin(x: number): number {
  const a = Math.abs(x);
  if (a < QUARTER_PI) return sine(x, 0);
  const n = reduce(x);
  const y = PARTS[0];
  const low = PARTS[1];
  const size = (n & 1) === 0 ? sine(y, low) : cosine(y, low);
  return (n & 2) === 0 ? size : -size;
}

/** cos x for any finite x; NaN for infinities. */
export function cos(x: number): number {
  const a = Math.abs(x);
  if (a < QUARTER_PI) return cosine(x, 0);
  const n = reduce(x);
  const y = PARTS[0];
  const low = PARTS[1];
  const size = (n & 1) === 0 ? cosine(y, low) : sine(y, low);
  return ((n + 1) & 2) === 0 ? size : -size;
}

/** y and its rest, x = n·π/2 + y + rest with |y| ≤ π/4, of the last `reduce`. */
const PARTS = new Float64Array(2);

/** n mod 4. Cody and Waite with π/2 in four parts, Payne and Hanek beyond 2²⁰. */
function reduce(x: number): number {
  if (!(x > -LARGE && x < LARGE)) return reduceLarge(x, PARTS);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const first = x - n * P1;
  const second = n * P2;
  const a = first - second;
  const third = n * P3;
  const b = a - third;
  const low = sumRest(first, -second, a) + (sumRest(a, -third, b) - n * P4);
  const y = b + low;
  PARTS[0] = y;
  PARTS[1] = b - y + low;
  return n | 0;
}

/** sin(y + low) for |y| ≤ π/4. */
function sine(y: number, low: number): number {
  const z = y * y;
  const w = z * z;
  const r = S1 + z * S2 + w * (S3 + z * S4 + w * S5);
  const cube = z * y;
  return y - (z * (0.5 * low - cube * r) - low - cube * S0);
}

/** cos(y + low) for |y| ≤ π/4. */
function cosine(y: number, low: number): number {
  const z = y * y;
  const w = z * z;
  const r = z * (C0 + z * C1 + w * (C2 + z * C3 + w * (C4 + z * C5)));
  const half = 0.5 * z;
  const sum = 1 - half;
  return sum + (1 - sum - half + (z * r - y * low));
}
