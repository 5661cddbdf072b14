/**
 * Least squares and ridge regression by a singular value decomposition of the centred features X = UΣVᵀ, for every λ at once:
 *
 *   w(λ) = V (Σ² + NλI)⁻¹ Σ Uᵀ y,   b = ȳ − x̄ᵀw
 *
 * X is triangularized by reflections and made orthogonal by rotations, and XᵀX is never formed, so that the error grows with the condition number
 * and not with its square. Singular values below rounding are left out: where features depend on each other, w is the solution of least norm.
 * Golub & Van Loan, Matrix Computations, 4th ed., sections 5.3, 5.5 and 6.1.4.
 */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { LinearSystem, ModelValue, RegularizerValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import {
  add,
  constant,
  div,
  dot,
  expandDims,
  matmul,
  mul,
  reshape,
  sub,
} from '../../runtime/ir/ops.ts';
import type { HostArray, Value } from '../../runtime/ir/types.ts';
import { inner, norm } from '../../numerics/linear-algebra.ts';
import { orthogonalize, triangularize } from '../../numerics/singular-values.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { centredProblem } from './certificates/centred.ts';
import type { CentredProblem } from './certificates/centred.ts';

/** Beyond these a decomposition takes more than about ten seconds. */
const MAX_ORDER = 512;
const MAX_MULTIPLICATIONS = 4e9;

/** w(λ) = Σᵢ basisᵢ weightᵢ/(squareᵢ + Nλ). */
interface Spectrum {
  readonly basis: readonly Float64Array[];
  readonly squares: readonly number[];
  readonly weights: readonly number[];
}

const column = (x: Float64Array, n: number, d: number, j: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => x[i * d + j]);

async function spectrum({ x, y, n, d }: CentredProblem, pacer: Pacer): Promise<Spectrum> {
  const order = Math.min(n, d);
  if (order > MAX_ORDER || n * d * order > MAX_MULTIPLICATIONS) {
    throw new NodeError(
      'size',
      `Least squares (features): expected at most ${MAX_ORDER} features or samples and ${MAX_MULTIPLICATIONS} multiplications for a decomposition, got ${n} samples of ${d}. Use conjugate gradients.`,
      'objective',
    );
  }
  const parts = d <= n ? await tall(x, y, n, d, pacer) : await wide(x, y, n, d, pacer);
  const largest = Math.max(0, ...parts.map(({ length }) => length));
  const kept = parts.filter(({ length }) => length > Math.max(n, d) * 2 ** -52 * largest);
  return {
    basis: kept.map(({ direction }) => direction),
    squares: kept.map(({ length }) => length ** 2),
    weights: kept.map(({ weight }) => weight),
  };
}

interface Part {
  /** Singular value. */
  readonly length: number;
  readonly direction: Float64Array;
  readonly weight: number;
}

/** Directions are right singular vectors v, weights σ uᵀy. */
async function tall(
  x: Float64Array,
  y: Float64Array,
  n: number,
  d: number,
  pacer: Pacer,
): Promise<Part[]> {
  const columns = Array.from({ length: d }, (_, j) => column(x, n, d, j));
  const target = Float64Array.from(y);
  await triangularize([...columns, target], d, pacer);
  const triangle = columns.map((entries) => entries.slice(0, d));
  const v = await orthogonalize(triangle, pacer);
  const rotated = target.subarray(0, d);
  return triangle.map((image, i) => ({
    length: norm(image),
    direction: v[i],
    weight: inner(image, rotated),
  }));
}

/** Xᵀ has the singular vectors exchanged: directions are σ v, weights uᵀy. */
async function wide(
  x: Float64Array,
  y: Float64Array,
  n: number,
  d: number,
  pacer: Pacer,
): Promise<Part[]> {
  const rows = Array.from({ length: n }, (_, i) => x.slice(i * d, (i + 1) * d));
  const u = await orthogonalize(rows, pacer);
  return rows.map((image, i) => ({
    length: norm(image),
    direction: image,
    weight: inner(u[i], y),
  }));
}

/** For squared error of a linear model with one output and smooth terms that are squared ℓ2 norms. */
export function leastSquaresFactorization(
  model: ModelValue,
  targets: HostArray,
  terms: readonly RegularizerValue[],
): LinearSystem['factorize'] {
  return async (signal, reserve) => {
    const [N, D] = model.dataset.features.shape;
    const order = Math.min(N, D);
    // Rotations of all pairs of columns, some ten times over.
    const flops = order > MAX_ORDER ? 0 : 2 * N * D * order + 60 * order * order * order;
    const remedy = 'Take fewer samples or features, or use conjugate gradients.';
    reserve({ bytes: 8 * (3 * N * D + 2 * order * order), flops, remedy });
    const problem = centredProblem(model, targets);
    const { n, d, bias } = problem;
    const { basis, squares, weights } = await spectrum(problem, createPacer(signal));
    const rank = basis.length;
    const vectors = hostFloat(
      basis.flatMap((direction) => Array.from(direction)),
      [rank, d],
    );
    return {
      method: rank < d ? `SVD, rank ${rank} of ${d}: least norm` : 'SVD',
      solve(live): Value[] {
        const strengths = terms.flatMap((g) => g.tracedStrongConvexity?.(live) ?? []);
        const shift = strengths.map((lambda) => mul(lambda, n));
        const shifted = shift.reduce((sum, s) => add(sum, s), constant(hostFloat(squares)));
        const coefficients = div(constant(hostFloat(weights)), shifted);
        const w = matmul(constant(vectors), expandDims(coefficients, 1), { transposeA: true });
        if (!bias) return [w];
        const offset = dot(constant(hostFloat(problem.means)), w);
        return [w, reshape(sub(problem.targetMean, offset), [1])];
      },
    };
  };
}
