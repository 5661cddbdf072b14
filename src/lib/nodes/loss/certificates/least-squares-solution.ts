/** Solutions of regularised least squares in double-double: the stationary points of P with the signs of the weights given. */
import { entry, setEntry, zeroVector } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { slope, threshold } from './elastic-net-proof.ts';
import { applyFactor, applyTransposed, precondition } from './preconditioner.ts';
import type { Preconditioner } from './preconditioner.ts';
import type { RegressionProblem } from './regression-problem.ts';
import { residualAt } from './residual.ts';
import type { Residual } from './residual.ts';

/** Each round gains the digits that δ leaves; ten bring δ = ½ near 10⁻³, and small δ to the end in two. */
const ROUNDS = 40;

/** A preconditioner for the columns at the places given. */
export function preconditionAt(
  { columns, l2, n, entryError }: RegressionProblem,
  places: readonly number[],
  pacer: Pacer,
): Promise<Preconditioner | null> {
  return precondition(
    {
      columns: places.map((j) => columns[j]),
      ridge: Float64Array.from(places, (j) => Math.sqrt(n * l2[j])),
      entryError,
    },
    pacer,
  );
}

export interface Solution {
  /** Weights of all columns. */
  readonly w: DoubleDoubleVector;
  readonly residual: Residual;
}

/**
 * The w that is 0 outside the places kept and has x_jᵀ(y − Xw) − N l2_j w_j = N l1_j sign_j on them, to about 25 digits, by steps MMᵀh from
 * `start`.
 */
export async function solveOn(
  problem: RegressionProblem,
  places: readonly number[],
  signs: readonly number[],
  preconditioner: Preconditioner,
  pacer: Pacer,
): Promise<Solution> {
  const w = zeroVector(problem.columns.length);
  let residual = await residualAt(problem, w, pacer);
  let before = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const h = zeroVector(places.length);
    for (const [row, j] of places.entries()) {
      const goal = threshold(problem, j);
      const sign = signs[row];
      const off = dd.subtract(slope(problem, w, residual, j), {
        hi: sign * goal.hi,
        lo: sign * goal.lo,
      });
      setEntry(h, row, off);
      if (pacer.due()) await pacer.pause();
    }
    const z = applyTransposed(preconditioner, h);
    let size = 0;
    for (const value of z.hi) size += value * value;
    // Below this only rounding is left.
    if (!(size < 0.5 * before)) break;
    before = size;
    const step = applyFactor(preconditioner, z);
    places.forEach((j, row) => setEntry(w, j, dd.add(entry(w, j), entry(step, row))));
    residual = await residualAt(problem, w, pacer);
    if (size === 0) break;
  }
  return { w, residual };
}
