/**
 * The minimum of a kernel machine with the logistic loss, by Newton's method in the values z = Kα.
 *
 *   f(α) = 1/N Σᵢ log(1 + exp zᵢ) − yᵢzᵢ + (λ/2) αᵀKα,   λ > 0
 *
 * A Newton step solves (WK + NλI)α⁺ = Wz − g with g = σ(z) − y and W = diag σ(z)(1 − σ(z)); with S = W^½ that is
 * α⁺ = (b − S(NλI + SKS)⁻¹SKb)/(Nλ), b = Wz − g (Rasmussen & Williams 2006, algorithm 3.1). It is halved until f falls.
 *
 * kernel-proof.ts bounds f − f*. α itself is unique only where K is regular, and not given out.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type {
  Certificate,
  KernelModel,
  ModelValue,
  ObjectiveValue,
  RegularizerValue,
} from '../../../runtime/graph/ports.ts';
import { kernelMatrix } from '../../shared/kernel/gram.ts';
import { cholesky, inner, multiply, solveCholesky } from '../../../numerics/linear-algebra.ts';
import { createPacer, partOf } from '../../../numerics/pacer.ts';
import { proveKernelLogistic } from './kernel-proof.ts';
import { certificateOf, nonnegative } from './proof.ts';

/** Samples up to which the matrix is factorized some ten times. */
const MOST = 1000;
const MAX_STEPS = 50;
const MAX_HALVINGS = 30;

/** Undefined where it can't be had: another penalty, λ = 0, more than two classes or too many samples. */
export function kernelLogisticCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
): ObjectiveValue['certify'] {
  const { kernel, dataset } = model;
  const { targets } = dataset;
  if (!kernel || targets.kind !== 'labels' || model.outputs !== 1) return undefined;
  if (regularizers.length > 0 || !(kernel.lambda > 0) || targets.labels.shape[0] > MOST) {
    return undefined;
  }
  const y = Float64Array.from(targets.labels.data);
  return (_live, signal) => solve(model, y, kernel, signal);
}

async function solve(
  model: ModelValue,
  y: Float64Array,
  kernel: KernelModel,
  signal: AbortSignal,
): Promise<Certificate> {
  const N = y.length;
  const { lambda } = kernel;
  const pacer = createPacer(signal);
  const K = await kernelMatrix(model, pacer);
  const times = (v: Float64Array) => multiply(K, N, N, v);
  const valueAt = (alpha: Float64Array, z: Float64Array): number =>
    z.reduce((sum, v, i) => sum + softplus(v) - y[i] * v, 0) / N + (lambda / 2) * inner(alpha, z);

  let alpha = new Float64Array(N);
  let z = times(alpha);
  let value = valueAt(alpha, z);
  let steps = 0;
  for (; steps < MAX_STEPS; steps++) {
    const left = elementary.pow(0.75, steps);
    const step = partOf(pacer, 0.6 - 0.6 * left, 0.6 - 0.45 * left);
    const p = z.map(sigmoid);
    const u = p.map((v, i) => (v - y[i]) / N + lambda * alpha[i]);
    const gap = Math.max(inner(u, times(u)), 0) / (2 * lambda);
    // Below this f has no digits left.
    if (!(gap > 2 ** -53 * value)) break;
    const s = p.map((v) => Math.sqrt(v * (1 - v)));
    const b = p.map((v, i) => s[i] * s[i] * z[i] - (v - y[i]));
    const system = new Float64Array(N * N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) system[i * N + j] = s[i] * K[i * N + j] * s[j];
      if (pacer.due()) await pacer.pause();
    }
    const factor = await cholesky(system, N, N * lambda, step);
    if (!factor) break;
    const inside = solveCholesky(
      factor,
      N,
      times(b).map((v, i) => s[i] * v),
    );
    const newton = b.map((v, i) => (v - s[i] * inside[i]) / (N * lambda));
    const [from, slope] = [alpha, newton.map((v, i) => v - alpha[i])];
    let fell = false;
    for (let h = 0; h < MAX_HALVINGS && !fell; h++) {
      const next = from.map((v, i) => v + elementary.pow(2, -h) * slope[i]);
      const image = times(next);
      const reached = valueAt(next, image);
      fell = reached < value;
      if (fell) [alpha, z, value] = [next, image, reached];
    }
    if (!fell) break;
    await pacer.pause();
  }
  const bounds = await proveKernelLogistic(
    { matrix: () => Promise.resolve(K), y, lambda, kernel },
    alpha,
    pacer,
  );
  return certificateOf(
    nonnegative(bounds),
    `Newton’s method (${steps} steps), strong convexity in the norm of the kernel`,
  );
}

const sigmoid = (x: number): number => 1 / (1 + elementary.exp(-x));
const softplus = (x: number): number =>
  Math.max(x, 0) + elementary.log1p(elementary.exp(-Math.abs(x)));
