/** The largest eigenvalue of a symmetric positive semidefinite map, from below, by Lanczos' method. */
import { inner, norm } from './linear-algebra.ts';
import type { Pacer } from './pacer.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';

/** Products at most; forty are usual. What the iteration misses, a proof afterwards catches. */
const MOST_STEPS = 150;
/** Steps between two looks at the estimate, and its relative change that ends the iteration. */
const LOOK = 5;
const SETTLED = 1e-10;

/** A fixed start that is orthogonal to no eigenvector one meets: a low-discrepancy sequence, shifted to have both signs. */
function startVector(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 0.1 + ((i * 0.6180339887498949) % 1) - 0.5);
}

/**
 * A lower bound of λmax(A), usually within 1e-9 of it, for n ≥ 1: the largest Ritz value of a Krylov space. 0 where A is 0 on the start.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 10.1.1, with every vector made orthogonal to all before.
 */
export async function largestEigenvalue(
  n: number,
  apply: (x: Float64Array) => Float64Array,
  pacer: Pacer,
): Promise<number> {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let vector = startVector(n);
  let length = norm(vector);
  let estimate = 0;
  const steps = Math.min(n, MOST_STEPS);
  for (let k = 0; k < steps; k++) {
    const q = vector.map((x) => x / length);
    basis.push(q);
    vector = apply(q);
    diagonal.push(inner(q, vector));
    // Twice: once leaves what rounding made of the first pass.
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) {
        const overlap = inner(earlier, vector);
        for (let i = 0; i < n; i++) vector[i] -= overlap * earlier[i];
      }
      if (pacer.due()) await pacer.pause();
    }
    length = norm(vector);
    const scale = Math.max(...diagonal);
    // The space is invariant: its eigenvalues are those of A that the start sees.
    const ended = !(length > 1e-14 * scale) || k === steps - 1;
    if (ended || k % LOOK === LOOK - 1) {
      const form = { diagonal: Float64Array.from(diagonal), beside: Float64Array.from(beside) };
      const [next] = await tridiagonalEigenvalues(form, 1, pacer);
      if (ended || Math.abs(next - estimate) <= SETTLED * next) return next;
      estimate = next;
    }
    beside.push(length);
  }
  return estimate;
}
