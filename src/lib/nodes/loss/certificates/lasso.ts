/**
 * The lasso and the elastic net, P of regression-problem.ts with l1 > 0: coordinate descent, then an active-set method in double-double, then a proof
 * by weak duality.
 *
 * The active-set method solves for the nonzero weights with their signs kept, and goes there as far as no weight changes its sign; a weight that
 * reaches 0 leaves. At a solution the column that violates |x_jᵀr − N l2_j w_j| ≤ N l1_j most enters. Each solution has a smaller P than the last,
 * so that its end does not depend on the order of the columns. Osborne, Presnell & Turlach 2000, section 3.
 */
import { absolute, exactly, scaleByPower, subtract } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import * as dd from '../../../numerics/double-double.ts';
import { entry, setEntry, vectorFrom, zeroVector } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import { partOf } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { coordinateDescent } from './coordinate-descent.ts';
import { objective, proveElasticNet, slope, threshold } from './elastic-net-proof.ts';
import type { Proof } from './elastic-net-proof.ts';
import type { Preconditioner } from './preconditioner.ts';
import { preconditionAt, solveOn } from './least-squares-solution.ts';
import type { Solution } from './least-squares-solution.ts';
import { nonnegative } from './proof.ts';
import type { RegressionProblem, RegressionResult } from './regression-problem.ts';
import { residualAt } from './residual.ts';

/** Nonzero weights with which the active-set method begins, and changes of the set, at most. */
const MOST_ACTIVE = 600;
const MOST_CHANGES = 2000;
/** N times squares of numbers of active columns, at most: some ten seconds; and what a factorization in double-double counts. */
const MOST_WORK = 5e9;
const CAREFUL = 15;
/** A column enters where it exceeds its bound by more than this part of ‖x_j‖‖r‖, the rounding of the slopes. */
const EXCESS = 1e-26;
/** Columns within this part of their bound are put into the proof as if they were active. */
const NEAR = 1e-9;

export async function lasso(problem: RegressionProblem, pacer: Pacer): Promise<RegressionResult> {
  const start = await coordinateDescent(problem, partOf(pacer, 0, 0.4));
  const descended = vectorFrom(start);
  const residual = await residualAt(problem, descended, pacer);
  let found = {
    solution: { w: descended, residual },
    proof: await prove(problem, { w: descended, residual }, [], partOf(pacer, 0.4, 0.4)),
    method: 'coordinate descent, duality gap',
  };
  const polished = await activeSet(problem, start, pacer);
  if (polished) {
    const proof = await prove(problem, polished.solution, polished.active, partOf(pacer, 0.9, 1));
    if (proof.gap < found.proof.gap) {
      const method = 'coordinate descent and active set in double-double, duality gap';
      found = { solution: polished.solution, proof, method };
    }
  }
  const { solution, proof, method } = found;
  const scaled = (x: Ball): Ball => scaleByPower(x, 2 * problem.targetExponent);
  return {
    w: solution.w.hi,
    bounds: nonnegative({
      value: scaled(proof.value),
      least: scaled(subtract(proof.value, exactly(proof.gap))),
    }),
    errors: proof.errors,
    method,
  };
}

async function prove(
  problem: RegressionProblem,
  { w, residual }: Solution,
  active: readonly number[],
  pacer: Pacer,
): Promise<Proof> {
  const { columns, intercept } = problem;
  const always = intercept ? [columns.length - 1] : [];
  const inside = new Set([...always, ...active]);
  const near: number[] = [];
  for (let j = 0; active.length > 0 && j < columns.length; j++) {
    if (inside.has(j)) continue;
    const along = slope(problem, w, residual, j);
    if (Math.abs(along.hi) > threshold(problem, j).hi * (1 - NEAR)) near.push(j);
    if (pacer.due()) await pacer.pause();
  }
  // The largest set that is independent; the intercept alone always is.
  for (const list of [[...inside, ...near], [...inside], always]) {
    const preconditioner = await preconditionAt(problem, list, pacer);
    if (!preconditioner || preconditioner.kept.length < list.length) continue;
    const places = preconditioner.kept.map((k) => list[k]);
    return proveElasticNet(problem, w, residual, { places, preconditioner, spans: false }, pacer);
  }
  throw new Error('internal: a column of ones is dependent.');
}

interface Active {
  readonly solution: Solution;
  readonly active: readonly number[];
}

/** Null where there are too many nonzero weights, or the first set of them can't be solved for. */
async function activeSet(
  problem: RegressionProblem,
  start: Float64Array,
  whole: Pacer,
): Promise<Active | null> {
  const { n, columns, intercept } = problem;
  const d = columns.length - (intercept ? 1 : 0);
  const always = intercept ? [d] : [];
  let active = [...start.keys()].filter((j) => j < d && start[j] !== 0);
  if (active.length > MOST_ACTIVE) return null;
  const signs = Float64Array.from(start, Math.sign);
  let w = vectorFrom(start);
  let best: (Active & { value: Ball }) | null = null;
  const refused = new Set<number>();
  let work = 0;
  for (let change = 0; change < MOST_CHANGES && work < MOST_WORK; change++) {
    const list = [...always, ...active];
    // Each change counts by the work done before it.
    const share = 0.4 + 0.5 * Math.min(1, work / MOST_WORK);
    const pacer = partOf(whole, share, share);
    pacer.progress(0);
    const preconditioner = await preconditionAt(problem, list, pacer);
    if (!preconditioner) break;
    work += n * list.length ** 2 * (preconditioner.careful ? CAREFUL : 1);
    const places = preconditioner.kept.map((k) => list[k]);
    if (places.length < list.length) {
      if (preconditioner.dependent.length === 0) break;
      const gone = alongDependence(problem, signs, w, list, preconditioner);
      active = active.filter((j) => j !== gone);
      w = restricted(w, [...always, ...active]);
      continue;
    }
    const goal = await solveOn(
      problem,
      places,
      places.map((j) => (j < d ? signs[j] : 0)),
      preconditioner,
      pacer,
    );
    const crossing = firstCrossing(active, signs, w, goal.w);
    if (crossing) {
      if (crossing.part === 0) crossing.places.forEach((j) => refused.add(j));
      const gone = new Set(crossing.places);
      active = active.filter((j) => !gone.has(j));
      w = restricted(between(w, goal.w, crossing.part), [...always, ...active]);
      continue;
    }
    w = goal.w;
    const value = objective(problem, w, goal.residual);
    if (best && !(dd.subtract(value, best.value).hi < 0)) break;
    best = { solution: goal, active: [...active], value };
    const entering = await mostViolated(problem, goal, new Set([...active, ...refused]), pacer);
    if (!entering) break;
    signs[entering.place] = entering.sign;
    active.push(entering.place);
  }
  return best;
}

/**
 * Moves w along a combination of columns that is 0, in the direction in which the penalty does not grow, until a weight is 0; its place. In place.
 */
function alongDependence(
  { l1 }: RegressionProblem,
  signs: Float64Array,
  w: DoubleDoubleVector,
  list: readonly number[],
  { kept, dependent: [{ place, from }] }: Preconditioner,
): number {
  const move = new Map([[list[place], dd.ONE]]);
  kept.forEach((k, i) => move.set(list[k], dd.negate(from[i])));
  let growth = 0;
  for (const [j, { hi }] of move) growth += l1[j] * signs[j] * hi;
  const towards = growth > 0 ? -1 : 1;
  let part = Infinity;
  let gone = list[place];
  for (const [j, { hi }] of move) {
    if (l1[j] === 0 || !(towards * hi * signs[j] < 0)) continue;
    const at = Math.abs(w.hi[j] / hi);
    if (at < part) [part, gone] = [at, j];
  }
  if (part < Infinity) {
    const step = dd.fromNumber(towards * part);
    for (const [j, v] of move) setEntry(w, j, dd.add(entry(w, j), dd.multiply(step, v)));
  }
  return gone;
}

/** The part of the way from w to the goal at which a first weight loses its sign, and those that do. */
function firstCrossing(
  active: readonly number[],
  signs: Float64Array,
  w: DoubleDoubleVector,
  goal: DoubleDoubleVector,
): { part: number; places: number[] } | null {
  let part = Infinity;
  let places: number[] = [];
  for (const j of active) {
    if (goal.hi[j] * signs[j] > 0) continue;
    const at = w.hi[j] === 0 ? 0 : w.hi[j] / (w.hi[j] - goal.hi[j]);
    if (at < part) [part, places] = [at, [j]];
    else if (at === part) places.push(j);
  }
  return places.length > 0 ? { part, places } : null;
}

function between(
  w: DoubleDoubleVector,
  goal: DoubleDoubleVector,
  part: number,
): DoubleDoubleVector {
  const out = zeroVector(w.hi.length);
  for (let j = 0; j < w.hi.length; j++) {
    const step = dd.multiply(dd.subtract(entry(goal, j), entry(w, j)), dd.fromNumber(part));
    setEntry(out, j, dd.add(entry(w, j), step));
  }
  return out;
}

/** w with 0 outside the places. */
function restricted(w: DoubleDoubleVector, places: readonly number[]): DoubleDoubleVector {
  const out = zeroVector(w.hi.length);
  for (const j of places) setEntry(out, j, entry(w, j));
  return out;
}

async function mostViolated(
  problem: RegressionProblem,
  { w, residual }: Solution,
  without: ReadonlySet<number>,
  pacer: Pacer,
): Promise<{ place: number; sign: number } | null> {
  let most = 0;
  let found: { place: number; sign: number } | null = null;
  for (let j = 0; j < problem.columns.length; j++) {
    if (without.has(j) || problem.l1[j] === 0) continue;
    const along = slope(problem, w, residual, j);
    const excess = dd.subtract(absolute(along), threshold(problem, j)).hi;
    if (excess > EXCESS * problem.norms[j] * residual.norm && excess / problem.norms[j] > most) {
      most = excess / problem.norms[j];
      found = { place: j, sign: Math.sign(along.hi) };
    }
    if (pacer.due()) await pacer.pause();
  }
  return found;
}
