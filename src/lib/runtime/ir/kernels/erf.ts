const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
/** Below, the series; above, the continued fraction. Both are accurate to a few ulp there. */
const CROSSOVER = 2.5;
/** Enough levels of the continued fraction for 1e-13 of erfc at the crossover, where erfc is 4e-4. */
const LEVELS = 60;

/**
 * erf(x) = 2/√π ∫₀ˣ exp(−t²) dt to about 1e-15 relative.
 * Small |x|: 2/√π · x exp(−x²) Σ (2x²)ⁿ / (1·3·…·(2n+1)) (Abramowitz and Stegun 7.1.6, all terms positive).
 * Large |x|: 1 − exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))) (7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  const square = a * a;
  if (a < CROSSOVER) {
    let term = 1;
    let total = 1;
    for (let n = 1; term > 1e-17 * total; n++) {
      term *= (2 * square) / (2 * n + 1);
      total += term;
    }
    return TWO_OVER_SQRT_PI * x * Math.exp(-square) * total;
  }
  let fraction = a;
  for (let n = LEVELS; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-square) / (Math.sqrt(Math.PI) * fraction));
}
