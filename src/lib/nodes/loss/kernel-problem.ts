/**
 * Kernel ridge regression in closed form: f(α) = ‖Kα − y‖²/(2N) + (λ/2) αᵀKα has ∇f = K r/N with r = (K + NλI)α − y, so it is least
 * where r = 0. certificates/kernel-proof.ts bounds its minimum.
 */
import type { Effort } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type {
  KernelModel,
  LinearSystem,
  ModelValue,
  ObjectiveValue,
  RegularizerValue,
} from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, constant, dot, expandDims, mul } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { kernelEffort, kernelMatrix } from '../shared/kernel/gram.ts';
import { ZERO } from '../../numerics/ball.ts';
import { cholesky, solveCholesky } from '../../numerics/linear-algebra.ts';
import { createPacer, partOf } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { proveKernelRidge } from './certificates/kernel-proof.ts';
import { certificateOf, knownMinimiser, nonnegative } from './certificates/proof.ts';
import { valuesOf } from './targets.ts';

/** Samples up to which the matrix is factorized: two arrays of 72 MB, about ten seconds. */
export const MAX_DIRECT = 3000;

export const NORM_FORMULA = ' + \\tfrac{\\lambda}{2} \\operatorname{tr}(\\alpha^\\top K \\alpha)';

/** (λ/2) tr(αᵀ K α), float scalar. */
export function normPenalty(kernel: KernelModel, alpha: Value): Value {
  return mul(dot(alpha, kernel.multiply(alpha)), kernel.lambda / 2);
}

/** The matrix and its factor. */
function directEffort(model: ModelValue): Effort {
  const [N] = model.dataset.features.shape;
  return {
    bytes: 16 * N * N,
    ...kernelEffort(model, N),
    flops: N * N * N,
    remedy: 'Take fewer samples, or use conjugate gradients, which store no matrix.',
  };
}

async function solveDirectly(
  model: ModelValue,
  kernel: KernelModel,
  y: Float64Array,
  signal: AbortSignal,
): Promise<Float64Array> {
  const N = y.length;
  const { lambda } = kernel;
  const shift = N * lambda;
  if (N > MAX_DIRECT) {
    throw new NodeError(
      'size',
      `Kernel ridge (samples): expected at most ${MAX_DIRECT} for a factorization, got ${N}. Use conjugate gradients, which store no matrix.`,
      'objective',
    );
  }
  const pacer = createPacer(signal);
  const matrix = await kernelMatrix(model, partOf(pacer, 0, 0.2));
  const factor = await cholesky(matrix, N, shift, partOf(pacer, 0.2, 1));
  if (!factor) {
    throw new NodeError(
      'singular',
      `Kernel ridge (λ): expected K + NλI to be positive definite in float64, got a singular matrix with Nλ = ${shift}. Raise λ, lower the bandwidth, or remove repeated points.`,
      'objective',
    );
  }
  await pacer.pause();
  const alpha = solveCholesky(factor, N, y);
  await pacer.pause();
  return alpha;
}

/** Two samples at one point with different targets, which K α = y cannot both meet: equal rows of K. */
function contradiction(model: ModelValue, y: Float64Array): string | undefined {
  const { data, shape } = model.dataset.features;
  const first = new Map<string, number>();
  for (let i = 0; i < y.length; i++) {
    const point = data.slice(i * shape[1], (i + 1) * shape[1]).join();
    const j = first.get(point) ?? i;
    first.set(point, j);
    if (y[i] === y[j]) continue;
    return `expected a solvable system K α = y, got samples ${j + 1} and ${i + 1} at one point with the targets ${y[j]} and ${y[i]}, so K is singular and no α meets both. Raise λ, or remove repeated points.`;
  }
  return undefined;
}

/** The sample at the same point that comes first, for each; null where all points are different. */
function groupsOf(model: ModelValue): Int32Array | null {
  const { data, shape } = model.dataset.features;
  const first = new Map<string, number>();
  const groups = new Int32Array(shape[0]);
  for (let i = 0; i < shape[0]; i++) {
    const point = data.slice(i * shape[1], (i + 1) * shape[1]).join();
    groups[i] = first.get(point) ?? i;
    first.set(point, groups[i]);
  }
  return first.size < shape[0] ? groups : null;
}

/** Samples at one point have equal rows of K: f sees the sum of their coefficients, here shared out equally. */
function withoutRepeats(groups: Int32Array): NonNullable<ObjectiveValue['seen']> {
  const counts = new Float64Array(groups.length);
  for (const group of groups) counts[group]++;
  return ([alpha]) => {
    const K = alpha.length / groups.length;
    const sums = new Float64Array(alpha.length);
    alpha.forEach((v, k) => (sums[groups[Math.floor(k / K)] * K + (k % K)] += v));
    return [
      alpha.map((_, k) => {
        const group = groups[Math.floor(k / K)];
        return sums[group * K + (k % K)] / counts[group];
      }),
    ];
  };
}

interface KernelSolver {
  readonly system: LinearSystem;
  readonly certify: ObjectiveValue['certify'];
  readonly seen?: NonNullable<ObjectiveValue['seen']>;
}

/** The closed form of squared error with a kernel and no further regularizer. */
export function kernelProblem(
  model: ModelValue,
  loss: { readonly leastSquares?: boolean },
  regularizers: readonly RegularizerValue[],
): KernelSolver | undefined {
  const { kernel } = model;
  if (!kernel || loss.leastSquares !== true || regularizers.length > 0) return undefined;
  const targets = valuesOf(model, 'squared error');
  const N = targets.shape[0];
  const y = Float64Array.from(targets.data);
  const groups = groupsOf(model);
  const shaped = (alpha: Float64Array) => [hostFloat(alpha, [N, 1])];
  // The solver and the certificate ask for the same factorization.
  let shared: { readonly promise: Promise<Float64Array>; readonly signal: AbortSignal } | undefined;
  const solution = (signal: AbortSignal): Promise<Float64Array> => {
    if (!shared || shared.signal.aborted) {
      shared = { promise: solveDirectly(model, kernel, y, signal), signal };
    }
    const own = shared;
    return own.promise.catch((error: unknown) => {
      if (shared === own) shared = undefined;
      // What the other stopped, this one still wants.
      if (own.signal.aborted && !signal.aborted) return solution(signal);
      throw error;
    });
  };
  const certify: ObjectiveValue['certify'] = async (_live, signal) => {
    const alpha = await solution(signal);
    const { lambda, definite } = kernel;
    const matrix = (pacer: Pacer) => kernelMatrix(model, pacer);
    const proof = await proveKernelRidge({ matrix, y, lambda, kernel }, alpha, createPacer(signal));
    const bounds = lambda > 0 ? proof : { value: proof.value, least: ZERO };
    const certificate = certificateOf(
      nonnegative(bounds),
      'α = (K + NλI)⁻¹y by Cholesky, gap from its residual',
    );
    // Only of a definite kernel is K regular but for points that repeat, whose coefficients count together.
    return { ...certificate, ...(definite && knownMinimiser(shaped(alpha), proof.error)) };
  };
  return {
    system: {
      formula: '(K + N\\lambda I)\\,\\alpha = y',
      remedy:
        'K + NλI is singular, or too near to it for this precision: raise λ, lower the bandwidth, or remove repeated points.',
      unsolvable: kernel.lambda === 0 ? contradiction(model, y) : undefined,
      apply: ([v]) => [add(kernel.multiply(v), mul(v, N * kernel.lambda))],
      rhs: ([, values]) => [expandDims(values, 1)],
      factorize: async (signal, reserve) => {
        if (N <= MAX_DIRECT) reserve(directEffort(model));
        const parts = shaped(await solution(signal));
        return { method: 'Cholesky', solve: () => parts.map((part) => constant(part)) };
      },
    },
    certify: N <= MAX_DIRECT ? certify : undefined,
    ...(groups && { seen: withoutRepeats(groups) }),
  };
}
