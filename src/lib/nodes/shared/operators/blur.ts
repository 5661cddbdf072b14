/**
 * Convolution with a Gaussian of standard deviation σ pixels, cut off at 4σ and scaled to sum 1, along each axis.
 *
 *   (Kx)_i = Σ_k w_k x_{i+k},   w_k ∝ exp(−k²/(2σ²)),  |k| ≤ ⌊4σ + ½⌋
 *
 * Beyond the ends the signal is repeated (circular) or mirrored at the edge of the last pixel (reflecting: … b a | a b …). Both matrices
 * are symmetric with rows that sum to 1 and weights ≥ 0, so ‖K‖ = 1. Their eigenvalues are ŵ(θ) = Σ w_k cos(kθ) at θ = 2πj/n (the discrete
 * Fourier basis) and πj/n (the cosine basis). Hansen, Nagy & O'Leary 2006, sections 4.1 to 4.4.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { applyAxes, applyAxesTransposed, axisMatrices } from './separable.ts';

export type Boundary = 'circular' | 'reflecting';

const TRUNCATION = 4;

/** More than the rounding of an eigenvalue, whose terms sum to at most 1. */
const ROUNDING = 1e-12;

/** w_k for k = −r … r. */
export function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.floor(TRUNCATION * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    elementary.exp(-(((i - radius) / sigma) ** 2) / 2),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

/** The place in [0, n) that place i stands for. */
function folded(i: number, n: number, boundary: Boundary): number {
  const period = boundary === 'circular' ? n : 2 * n;
  const place = ((i % period) + period) % period;
  return place < n ? place : 2 * n - 1 - place;
}

export function blurMatrix(n: number, sigma: number, boundary: Boundary): Float64Array {
  const weights = gaussianWeights(sigma);
  const radius = (weights.length - 1) / 2;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    weights.forEach((w, k) => (matrix[i * n + folded(i + k - radius, n, boundary)] += w));
  }
  return matrix;
}

/** min_j |ŵ(θ_j)|. */
function smallestEigenvalue(n: number, sigma: number, boundary: Boundary): number {
  const weights = gaussianWeights(sigma);
  const radius = (weights.length - 1) / 2;
  let least = Infinity;
  for (let j = 0; j < n; j++) {
    const angle = ((boundary === 'circular' ? 2 : 1) * Math.PI * j) / n;
    const value = weights.reduce((sum, w, k) => sum + w * elementary.cos((k - radius) * angle), 0);
    least = Math.min(least, Math.abs(value));
  }
  return least;
}

export function blurOperator(shape: Shape, sigma: number, boundary: Boundary): LinearOperator {
  const matrices = axisMatrices(shape, (n) => blurMatrix(n, sigma, boundary));
  const least = shape.reduce((product, n) => product * smallestEigenvalue(n, sigma, boundary), 1);
  return {
    title: 'Gaussian blur',
    input: shape,
    output: shape,
    norm: 1,
    lowerBound: Math.max(0, least - ROUNDING),
    seenAs: 'blurred',
    entries: { kind: 'axes', matrices },
    apply: (x) => applyAxes(matrices, x),
    adjoint: (y) => applyAxesTransposed(matrices, y),
  };
}
