/**
 * Minimises a convex function, smooth or not, by the ellipsoid method with deep cuts.
 *
 *   E = {c + Bz : ‖z‖ ≤ 1},   γ = ‖Bᵀg‖,   f* ≥ f(c) − γ for a subgradient g at c
 *
 * An oracle for small dimensions: it knows nothing of f but values and subgradients, and bounds how far it is from the minimum. The
 * minimiser must be in the ball of `radius` around `start`. The volume of E falls at least by exp(−1/(2(n + 1))) a step.
 * Bland, Goldfarb & Todd 1981, section 2, with the deep cuts of section 3; E is kept by a factor B of its matrix BBᵀ, which stays
 * positive definite in spite of rounding.
 */
import { inner, multiply, multiplyTransposed, norm } from './linear-algebra.ts';

export interface ConvexFunction {
  value(x: Float64Array): number;
  subgradient(x: Float64Array): Float64Array;
}

export interface EllipsoidResult {
  readonly x: Float64Array;
  readonly value: number;
  /** A lower bound of the minimum, up to rounding. */
  readonly lower: number;
  readonly steps: number;
}

export interface EllipsoidOptions {
  readonly start: Float64Array;
  readonly radius: number;
  readonly maxSteps: number;
  /** Ends when value − lower is at most this. */
  readonly gap: number;
}

export function ellipsoidMethod(f: ConvexFunction, options: EllipsoidOptions): EllipsoidResult {
  const n = options.start.length;
  let center = Float64Array.from(options.start);
  let factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) factor[i * n + i] = options.radius;
  let best = center;
  let value = Infinity;
  let lower = -Infinity;
  let steps = 0;
  // Ends after maxSteps.
  while (steps < options.maxSteps) {
    const here = f.value(center);
    if (here < value) [best, value] = [center, here];
    const g = f.subgradient(center);
    const u = multiplyTransposed(factor, n, n, g);
    const gamma = norm(u);
    lower = Math.max(lower, here - gamma);
    steps++;
    if (gamma === 0 || value - lower <= options.gap) break;
    // Of the half-space where f can be at most `value`; a depth of 1 leaves one point of E.
    const depth = (here - value) / gamma;
    if (depth >= 1) break;
    const direction = multiply(factor, n, n, u);
    const move = (1 + n * depth) / (n + 1) / gamma;
    center = center.map((c, i) => c - move * direction[i]);
    // In one dimension E is an interval, and the part that is left another.
    const shrink = (1 - depth) / 2;
    const grow = n === 1 ? shrink : Math.sqrt((n * n * (1 - depth * depth)) / (n * n - 1));
    const along = n === 1 ? 1 : Math.sqrt(((n - 1) * (1 - depth)) / ((n + 1) * (1 + depth)));
    const turn = (along - 1) / inner(u, u);
    factor = factor.map((b, k) => grow * (b + turn * direction[Math.floor(k / n)] * u[k % n]));
  }
  return { x: best, value, lower, steps };
}
