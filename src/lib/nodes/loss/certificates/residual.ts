/** The residual of a linear regression at weights in double-double, and inner products with it. */
import { ball } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import {
  addMultiple,
  dot,
  dotError,
  entry,
  normBound,
  vectorFrom,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import { UNIT, negate } from '../../../numerics/double-double.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { RegressionProblem } from './regression-problem.ts';

export interface Residual {
  /** t, near y − Σ w_j x_j. */
  readonly t: DoubleDoubleVector;
  /** ‖t‖ at most. */
  readonly norm: number;
  /** ‖y − Σ w_j x_j − t‖ at most. */
  readonly error: number;
}

export async function residualAt(
  { columns, norms, target, targetNorm, entryError }: RegressionProblem,
  w: DoubleDoubleVector,
  pacer: Pacer,
): Promise<Residual> {
  const t = vectorFrom(target);
  let size = 0;
  let used = 0;
  for (let j = 0; j < columns.length; j++) {
    if (w.hi[j] === 0) continue;
    addMultiple(t, negate(entry(w, j)), columns[j]);
    size += Math.abs(w.hi[j]) * norms[j];
    used++;
    if (pacer.due()) await pacer.pause();
  }
  // Each step errs by 8u² of what its entries are, which is at most |y_i| + Σ|w_j x_ij| on the way.
  const error = 1.01 * (16 * used * UNIT * (targetNorm + size) + entryError * size);
  return { t, norm: normBound(t.hi) * (1 + 2 ** -50), error };
}

/** x_jᵀt. */
export function correlation(problem: RegressionProblem, { t, norm }: Residual, j: number): Ball {
  const size = problem.norms[j] * norm;
  return ball(
    dot(problem.columns[j], t),
    dotError(problem.n, size) + 1.01 * problem.entryError * size,
  );
}
