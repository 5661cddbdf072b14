/**
 * Least squares and ridge regression with bounds of the minimum.
 *
 *   P(w) = 1/(2N)‖y − Xw‖² + ½ Σ_j l2_j w_j²
 *
 * A preconditioner of all columns solves it and proves the gap. With more columns than samples and a ridge, the ridge alone proves one. Without a
 * ridge, P* = 0 where the columns span all targets; else P* is at least what samples with the same features and different targets leave.
 */
import { divide, exactly, lower, scaleByPower, subtract } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { partOf } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { proveElasticNet } from './elastic-net-proof.ts';
import type { Proof } from './elastic-net-proof.ts';
import { exactCoefficients, pureError } from './exact-span.ts';
import { preconditionAt, solveOn } from './least-squares-solution.ts';
import type { Solution } from './least-squares-solution.ts';
import { isAffordable } from './preconditioner.ts';
import { nonnegative, withheld } from './proof.ts';
import type { RegressionProblem, RegressionResult } from './regression-problem.ts';
import { solveByRows } from './row-solver.ts';

/** Of ½ mean y²: where P* ≥ 0 alone bounds it, the least that is worth saying. */
const USEFUL = 1e-6;

interface Found {
  readonly solution: Solution;
  readonly proof: Proof;
  readonly method: string;
}

export async function smoothRegression(
  problem: RegressionProblem,
  pacer: Pacer,
): Promise<RegressionResult> {
  const { n, columns, l2, target, targetNorm, targetExponent, intercept } = problem;
  const ridge = l2.some((weight) => weight > 0);
  const found = (await byColumns(problem, pacer)) ?? (await byRows(problem, pacer));
  if (!found) {
    throw withheld(
      isAffordable(n, columns.length, ridge)
        ? `f* of least squares: expected columns that are independent in 25 digits, or exact combinations of each other, got ${columns.length} that are neither. Remove features that repeat others, or add a squared ℓ2 term.`
        : `f* of least squares: expected a problem small enough to be solved and proved within some ten seconds, got ${n} samples of ${columns.length - (intercept ? 1 : 0)} features. Use fewer of them.`,
    );
  }
  const { solution, proof, method } = found;
  const scaled = (x: Ball): Ball => scaleByPower(x, 2 * targetExponent);
  let least: Ball = subtract(proof.value, exactly(Number.isFinite(proof.gap) ? proof.gap : 0));
  if (!Number.isFinite(proof.gap)) {
    least = divide(await pureError(columns, target, pacer), exactly(2 * n));
    const open = proof.value.hi - lower(least);
    if (!(open <= USEFUL * (targetNorm ** 2 / (2 * n)))) {
      throw withheld(
        'f* of least squares: expected columns that are independent in 25 digits, exact combinations of each other with simple coefficients, or enough for all targets, got columns that are none of these, so that nothing but f* ≥ 0 is proved. Remove features that repeat others, or add a squared ℓ2 term.',
      );
    }
  }
  return {
    w: solution.w.hi,
    bounds: nonnegative({ value: scaled(proof.value), least: scaled(least) }),
    errors: proof.errors,
    method,
  };
}

async function byColumns(problem: RegressionProblem, pacer: Pacer): Promise<Found | null> {
  const { n, columns, exponents, intercept } = problem;
  // The intercept first, so that constant columns depend on it and not it on them.
  const all = [...columns.keys()];
  const list = intercept ? [all.length - 1, ...all.slice(0, -1)] : all;
  const preconditioner = await preconditionAt(problem, list, partOf(pacer, 0, 0.8));
  if (!preconditioner) return null;
  const places = preconditioner.kept.map((k) => list[k]);
  const dependent = preconditioner.dependent.map(({ place, from }) => ({
    place: list[place],
    from,
  }));
  const signs = places.map(() => 0);
  const solution = await solveOn(problem, places, signs, preconditioner, pacer);
  const spans =
    places.length === n ||
    places.length === columns.length ||
    (await exactCoefficients(columns, exponents, places, dependent, pacer)) !== null;
  const tight = { places, preconditioner, spans };
  const proof = await proveElasticNet(problem, solution.w, solution.residual, tight, pacer);
  const left = places.length < columns.length ? `, rank ${places.length} of ${columns.length}` : '';
  return { solution, proof, method: `least squares in double-double${left}, duality gap` };
}

async function byRows(problem: RegressionProblem, pacer: Pacer): Promise<Found | null> {
  const { columns, intercept } = problem;
  const places = intercept ? [columns.length - 1] : [];
  const preconditioner = await preconditionAt(problem, places, pacer);
  const solution = await solveByRows(problem, pacer);
  if (!solution || !preconditioner) return null;
  const tight = { places, preconditioner, spans: false };
  const proof = await proveElasticNet(problem, solution.w, solution.residual, tight, pacer);
  return { solution, proof, method: 'XXᵀ by Cholesky, refined in double-double, duality gap' };
}
