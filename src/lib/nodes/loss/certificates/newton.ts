/**
 * Ridge-penalised logistic and softmax regression by Newton's method, with a gap from strong convexity.
 *
 *   P(W, b) = 1/N Σᵢ [logsumexp(zᵢ) − zᵢ[yᵢ]] + (l2/2)‖W‖²,   z = XW + b
 *
 * C = K logits for K ≥ 3 classes; C = 1 with a fixed logit 0 for the first of two classes. The Hessian of one sample in its logits
 * is diag(p) − ppᵀ in both cases (Bishop 2006, equation 4.110).
 * Gap: φ(W) = min_b P(W, b) is l2-strongly convex, since partial minimisation of the convex P − (l2/2)‖W‖² is convex; hence
 * φ(W) − P* ≤ ‖∇φ‖²/(2 l2), and what is left in b adds at most ‖∇_b P‖²/μ_b, with half the curvature μ_b found at the point.
 * For C ≥ 3 the sum of b is free; it stays 0.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { Certificate, ModelValue } from '../../../runtime/graph/ports.ts';
import { cholesky, inner, norm, solveCholesky } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { spectralBounds } from '../../../numerics/spectral-bounds.ts';
import { designMatrix } from '../curvature.ts';
import { isWeight } from '../objective.ts';

const MAX_ITERATIONS = 100;
/** Sufficient decrease of the line search. */
const ARMIJO = 1e-4;

interface Point {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Probabilities of the C free logits, [N, C]. */
  readonly probs: Float64Array;
}

export async function newtonClassifier(
  model: ModelValue,
  l2: number,
  pacer: Pacer,
): Promise<Certificate> {
  const { features, targets } = model.dataset;
  if (targets.kind !== 'labels') throw new Error('internal: a classifier without labels.');
  const labels = targets.labels.data;
  const [n, d] = features.shape;
  const bias = model.parameters.some((variable) => !isWeight(variable));
  const width = d + (bias ? 1 : 0);
  const C = model.outputs;
  const x = designMatrix(features, bias);
  const size = width * C;

  /** Value, gradient and probabilities; θ is [width, C] row-major, the intercept its last row. */
  const evaluate = (theta: Float64Array): Point => {
    const probs = new Float64Array(n * C);
    const gradient = new Float64Array(size);
    let loss = 0;
    const z = new Float64Array(C);
    for (let i = 0; i < n; i++) {
      z.fill(0);
      for (let j = 0; j < width; j++) {
        const xij = x[i * width + j];
        if (xij !== 0) for (let c = 0; c < C; c++) z[c] += xij * theta[j * C + c];
      }
      const top = z.reduce((most, v) => Math.max(most, v), C === 1 ? 0 : -Infinity);
      const mass = z.reduce(
        (sum, v) => sum + elementary.exp(v - top),
        C === 1 ? elementary.exp(-top) : 0,
      );
      const label = C === 1 ? labels[i] - 1 : labels[i];
      loss += top + elementary.log(mass) - (label >= 0 ? z[label] : 0);
      for (let c = 0; c < C; c++) {
        const p = elementary.exp(z[c] - top) / mass;
        probs[i * C + c] = p;
        const slope = (p - (c === label ? 1 : 0)) / n;
        for (let j = 0; j < width; j++) gradient[j * C + c] += slope * x[i * width + j];
      }
    }
    const weights = theta.subarray(0, d * C);
    for (let k = 0; k < d * C; k++) gradient[k] += l2 * weights[k];
    return { value: loss / n + (l2 / 2) * inner(weights, weights), gradient, probs };
  };

  const hessian = async (probs: Float64Array): Promise<Float64Array> => {
    const h = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < C; a++) {
        for (let b = 0; b < C; b++) {
          const pa = probs[i * C + a];
          const curvature = (pa * ((a === b ? 1 : 0) - probs[i * C + b])) / n;
          for (let j = 0; j < width; j++) {
            const weight = curvature * x[i * width + j];
            if (weight === 0) continue;
            const row = (j * C + a) * size + b;
            for (let k = 0; k <= j; k++) h[row + k * C] += weight * x[i * width + k];
          }
        }
      }
      if (pacer.due()) await pacer.pause();
    }
    for (let r = 0; r < size; r++) for (let c = 0; c < r; c++) h[c * size + r] = h[r * size + c];
    for (let k = 0; k < d * C; k++) h[k * size + k] += l2;
    // The sum of the intercepts is free: pin it, which leaves steps from gradients that sum to zero as they are.
    if (bias && C > 1) {
      for (let a = 0; a < C; a++) {
        for (let b = 0; b < C; b++) h[(d * C + a) * size + d * C + b] += 1 / C;
      }
    }
    return h;
  };

  let theta = new Float64Array(size);
  let point = evaluate(theta);
  let iterations = 0;
  let stalled = false;
  // Ends after MAX_ITERATIONS.
  while (!stalled && iterations < MAX_ITERATIONS) {
    const factor = await cholesky(await hessian(point.probs), size, 0, pacer);
    if (!factor)
      throw new Error('internal: the Hessian of a ridge problem has no Cholesky factor.');
    const direction = solveCholesky(factor, size, point.gradient);
    const decrease = inner(direction, point.gradient);
    const before = norm(point.gradient);
    stalled = true;
    for (let t = 1; t > 1e-8; t /= 2) {
      const next = theta.map((value, k) => value - t * direction[k]);
      const trial = evaluate(next);
      // At the end the value no longer resolves the decrease, and the gradient decides.
      const better =
        trial.value < point.value - ARMIJO * t * decrease || norm(trial.gradient) < 0.5 * before;
      if (better) {
        theta = next;
        point = trial;
        stalled = false;
        break;
      }
      if (decrease < 1e-14 * Math.abs(point.value)) break;
    }
    iterations++;
    if (pacer.due()) await pacer.pause();
  }

  const slopeWeights = norm(point.gradient.subarray(0, d * C));
  let gap = slopeWeights ** 2 / (2 * l2);
  if (bias) {
    const h = await hessian(point.probs);
    const block = new Float64Array(C * C);
    for (let a = 0; a < C; a++) {
      for (let b = 0; b < C; b++) block[a * C + b] = h[(d * C + a) * size + d * C + b];
    }
    const { lower } = await spectralBounds(block, C, pacer);
    gap += norm(point.gradient.subarray(d * C)) ** 2 / lower;
  }
  const weights = hostFloat(theta.slice(0, d * C), [d, C]);
  return {
    value: point.value,
    gap,
    method: `Newton (${iterations} iterations), gap from strong convexity`,
    precision: 'float64',
    minimiser: bias ? [weights, hostFloat(theta.slice(d * C), [C])] : [weights],
  };
}
