/** A direction along which some samples' logits stay exactly as they are and others go to infinity on their sides. */
import {
  ZERO,
  add,
  divide,
  exactly,
  lower,
  multiply,
  scaleByPower,
  subtract,
} from '../../../../numerics/ball.ts';
import type { Ball } from '../../../../numerics/ball.ts';
import type { Fraction } from '../../../../numerics/exact-dependence.ts';
import type { Pacer } from '../../../../numerics/pacer.ts';
import { exactCoefficients } from '../exact-span.ts';
import { precondition } from '../preconditioner.ts';
import type { RegressionProblem } from '../regression-problem.ts';

/**
 * True where it is proved that there is one. On the samples `fixed` the columns that depend on the others do so exactly, with rational coefficients: each
 * gives a direction that these samples don't see. Their combination with the entries of `towards` is tried on the samples `moved`.
 */
export async function recession(
  design: RegressionProblem,
  fixed: readonly number[],
  moved: readonly number[],
  side: (i: number) => number,
  towards: Float64Array,
  pacer: Pacer,
): Promise<boolean> {
  const { columns, exponents } = design;
  const all = [...columns.keys()];
  const list = design.intercept ? [all.length - 1, ...all.slice(0, -1)] : all;
  const seen = columns.map((x) => Float64Array.from(fixed, (i) => x[i]));
  const found = await precondition(
    { columns: list.map((j) => seen[j]), ridge: new Float64Array(list.length), entryError: 0 },
    pacer,
  );
  if (!found) return false;
  const kept = found.kept.map((k) => list[k]);
  const dependent = found.dependent.map(({ place, from }) => ({ place: list[place], from }));
  const coefficients = await exactCoefficients(seen, exponents, kept, dependent, pacer);
  if (!coefficients || dependent.length === 0) return false;
  for (const i of moved) {
    let logit: Ball = ZERO;
    for (const [row, { place }] of dependent.entries()) {
      let change: Ball = exactly(columns[place][i]);
      for (const [k, j] of kept.entries()) {
        // The coefficients are those of the columns before they were scaled.
        const own = scaleByPower(ballOf(coefficients[row][k]), exponents[j] - exponents[place]);
        change = subtract(change, multiply(own, exactly(columns[j][i])));
      }
      logit = add(logit, multiply(exactly(towards[place]), change));
    }
    if (!(lower(side(i) > 0 ? logit : subtract(ZERO, logit)) > 0)) return false;
    if (pacer.due()) await pacer.pause();
  }
  return true;
}

function ballOf({ numerator, denominator }: Fraction): Ball {
  const [a, b] = [numberOf(numerator), numberOf(denominator)];
  return divide(a, b);
}

/** An integer of any size. */
function numberOf(x: bigint): Ball {
  const high = Number(x);
  const low = Number(x - BigInt(high));
  return { hi: high, lo: low, radius: Math.abs(low) * 2 ** -52 };
}
