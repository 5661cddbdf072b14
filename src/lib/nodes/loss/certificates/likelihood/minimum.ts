/**
 * The minimum of a likelihood, or its infimum where no point reaches it.
 *
 * Without a penalty f has no minimiser where a direction makes no sample worse and some better for ever (Albert & Anderson 1984, On the existence of maximum
 * likelihood estimates in logistic regression models; Wedderburn 1976 for counts). Then
 * - all classes strictly separated: f* = 0;
 * - groups of classes strictly separated from each other: f* is the mean of the minima within the groups;
 * - some samples of two classes, or of count 0, told apart by a direction along which all others have exactly equal logits: f* is the part of the others.
 * The first sum of the parts is a lower bound in any case, as no term is negative; that a direction exists is proved by signs of balls.
 */
import {
  ZERO,
  divide,
  exactly,
  lower,
  multiply,
  subtract,
  add,
} from '../../../../numerics/ball.ts';
import type { Ball } from '../../../../numerics/ball.ts';
import { normBound } from '../../../../numerics/double-double-vector.ts';
import { log as logOf } from '../../../../numerics/elementary/index.ts';
import { inner } from '../../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../../numerics/pacer.ts';
import { exactCoefficients } from '../exact-span.ts';
import { precondition } from '../preconditioner.ts';
import type { Preconditioner } from '../preconditioner.ts';
import { withheld } from '../proof.ts';
import type { RegressionProblem } from '../regression-problem.ts';
import { categorical, poisson } from './family.ts';
import { newton } from './newton.ts';
import type { Iterate } from './newton.ts';
import type { LikelihoodProblem } from './problem.ts';
import { atWeights, isProvable, proveLikelihood, weightsOf } from './proof.ts';
import type { LogitBalls } from './proof.ts';
import { recession } from './recession.ts';

/** What the samples were: classes 0 … K − 1, the last with logit 0, or counts. */
export type Outcomes =
  | { readonly kind: 'classes'; readonly labels: ArrayLike<number>; readonly K: number }
  | { readonly kind: 'counts'; readonly counts: ArrayLike<number> };

export interface Minimum {
  readonly value: Ball;
  readonly least: Ball;
  /** Null where it is not known. */
  readonly attained: boolean | null;
  readonly reason?: string;
  /** The only minimiser, C vectors over the columns, with bounds of its errors [columns, C]. */
  readonly theta?: readonly Float64Array[];
  readonly errors?: Float64Array;
}

/** Probabilities below it, and rates, go to 0 if any do. */
const VANISHING = 1e-5;
/** Groups in groups, and so on. */
const MOST_DEPTH = 12;

export async function minimise(
  design: RegressionProblem,
  outcomes: Outcomes,
  pacer: Pacer,
  depth = 0,
): Promise<Minimum> {
  const { n, l2 } = design;
  const problem = problemOf(design, outcomes);
  const { family } = problem;
  if (n === 0) return { value: ZERO, least: ZERO, attained: true };
  const basis = await basisOf(design, pacer);
  const size = basis.kept.length * family.logits;
  if (!isProvable(n, family.rows, size)) {
    throw withheld(
      `f* of a likelihood: expected a problem small enough to be solved and proved within some ten seconds, got ${n} samples with ${size} unknowns. Use fewer of them.`,
    );
  }
  const free = l2.every((weight) => weight === 0);
  const found = await newton(
    problem,
    basis,
    startOf(basis, design, outcomes),
    (iterate) => free && isSeparated(iterate, outcomes),
    pacer,
  );
  const theta = weightsOf(problem, basis, found.gamma);
  const at = await atWeights(problem, theta, pacer);
  if (free && outcomes.kind === 'classes' && separates(at, outcomes.labels)) {
    return { value: ZERO, least: ZERO, attained: false, reason: SEPARABLE };
  }
  const proof = await proveLikelihood(problem, basis, theta, at, pacer);
  if (proof) {
    const { value, gap, errors } = proof;
    const least = subtract(value, exactly(gap));
    if (basis.kept.length < design.columns.length) return { value, least, attained: true };
    return { value, least, attained: true, theta: theta.map(({ hi }) => hi), errors };
  }
  if (free && depth < MOST_DEPTH) {
    const context = { design, outcomes, found, at, theta: theta.map(({ hi }) => hi) };
    const parts = (await byGroups(context, pacer, depth)) ?? (await byRows(context, pacer, depth));
    if (parts) return parts;
  }
  throw withheld(
    free
      ? 'f* of a likelihood: expected a minimum, or classes that a linear function of the features separates, got data so near to either that neither is proved in double-double. Add a squared ℓ2 term.'
      : 'f* of a likelihood: expected a Hessian that is regular in double-double, got one that is not. Standardize the features, or increase λ.',
  );
}

export const SEPARABLE =
  'a linear function of the features separates the classes, so f tends to its infimum 0 while the weights grow for ever, and no weights reach it. Add a squared ℓ2 term for a minimum';
const GROUPS =
  'a linear function of the features separates some classes from the others, so f tends to its infimum while the weights grow for ever, and no weights reach it. Add a squared ℓ2 term for a minimum';
const TIES =
  'a linear function of the features separates the classes but for samples on the boundary, so f tends to its infimum while the weights grow for ever, and no weights reach it. Add a squared ℓ2 term for a minimum';
const COUNTS =
  'samples of count 0 can be given rates as small as one likes without a change to the others, so f tends to its infimum while the weights grow for ever, and no weights reach it. Add a squared ℓ2 term for a minimum';

function problemOf(design: RegressionProblem, outcomes: Outcomes): LikelihoodProblem {
  if (outcomes.kind === 'counts')
    return { design, family: poisson(outcomes.counts), classes: null };
  const { labels, K } = outcomes;
  return { design, family: categorical(labels, K), classes: K > 2 ? K : null };
}

/** Independent columns that span all; the others are exact combinations of them. */
async function basisOf(design: RegressionProblem, pacer: Pacer): Promise<Preconditioner> {
  const { columns, l2, n, exponents, intercept } = design;
  const all = [...columns.keys()];
  // The intercept first, so that constant columns depend on it and not it on them.
  const list = intercept ? [all.length - 1, ...all.slice(0, -1)] : all;
  const found = await precondition(
    {
      columns: list.map((j) => columns[j]),
      ridge: Float64Array.from(list, (j) => Math.sqrt(n * l2[j])),
      entryError: 0,
    },
    pacer,
  );
  if (!found) {
    throw withheld(
      `f* of a likelihood: expected features small enough in number and independent in 25 digits, or exact combinations of each other, got ${n} samples of ${columns.length} columns that are not. Use fewer features, or add a squared ℓ2 term.`,
    );
  }
  const kept = found.kept.map((k) => list[k]);
  const dependent = found.dependent.map(({ place, from }) => ({ place: list[place], from }));
  if (kept.length < columns.length && kept.length < n) {
    if (!(await exactCoefficients(columns, exponents, kept, dependent, pacer))) {
      throw withheld(
        'f* of a likelihood: expected features that are independent in 25 digits, or exact combinations of each other with simple coefficients, got features that are neither. Remove features that repeat others, or add a squared ℓ2 term.',
      );
    }
  }
  return { ...found, kept, dependent };
}

/** 0, and for counts the logits nearest to their logarithms. */
function startOf(
  { images }: Preconditioner,
  { n }: RegressionProblem,
  outcomes: Outcomes,
): Float64Array {
  if (outcomes.kind === 'classes') return new Float64Array(images.length * (outcomes.K - 1));
  const { counts } = outcomes;
  const goal = Float64Array.from({ length: n }, (_, i) => logOf(Math.max(counts[i], 0.5)));
  return Float64Array.from(images, (v) => inner(v.subarray(0, n), goal));
}

/** Each sample's class has the largest logit; whether that is so without rounding, `separates` says. */
function isSeparated({ logits }: Iterate, outcomes: Outcomes): boolean {
  if (outcomes.kind !== 'classes') return false;
  const { labels, K } = outcomes;
  const C = K - 1;
  for (let i = 0; i < labels.length; i++) {
    const own = labels[i] < C ? logits[labels[i]][i] : 0;
    for (let k = 0; k < K; k++) {
      const other = k < C ? logits[k][i] : 0;
      if (k !== labels[i] && !(own - other > 1e-6)) return false;
    }
  }
  return true;
}

function separates({ logits }: LogitBalls, labels: ArrayLike<number>): boolean {
  return logits.every((own, i) => {
    const all = [...own, ZERO];
    return all.every((z, k) => k === labels[i] || lower(subtract(all[labels[i]], z)) > 0);
  });
}

interface Context {
  readonly design: RegressionProblem;
  readonly outcomes: Outcomes;
  readonly found: Iterate;
  readonly at: LogitBalls;
  readonly theta: readonly Float64Array[];
}

/** Groups of classes that are mistaken for each other: f is at least the mean of what they leave among themselves. */
async function byGroups(
  { design, outcomes, found, at }: Context,
  pacer: Pacer,
  depth: number,
): Promise<Minimum | null> {
  if (outcomes.kind !== 'classes' || outcomes.K < 3) return null;
  const { labels, K } = outcomes;
  const group = groupsOf(found, labels, K);
  const count = Math.max(...group) + 1;
  if (count === 1) return null;
  let value: Ball = ZERO;
  let least: Ball = ZERO;
  for (let g = 0; g < count; g++) {
    const classes = [...group.keys()].filter((k) => group[k] === g);
    if (classes.length === 1) continue;
    const rows = [...Array(design.n).keys()].filter((i) => group[labels[i]] === g);
    const own = rows.map((i) => classes.indexOf(labels[i]));
    const part = await minimise(
      rowsOf(design, rows),
      { kind: 'classes', labels: own, K: classes.length },
      pacer,
      depth + 1,
    );
    const share = divide(exactly(rows.length), exactly(design.n));
    value = add(value, multiply(share, part.value));
    least = add(least, multiply(share, part.least));
  }
  const merged: Outcomes = {
    kind: 'classes',
    labels: Int32Array.from({ length: design.n }, (_, i) => group[labels[i]]),
    K: count,
  };
  const apart = await separation(design, merged, pacer);
  if (apart) return { value, least, attained: false, reason: GROUPS };
  return { value: at.loss, least, attained: null };
}

/** Whether the classes are strictly separated; false where that is not proved. */
async function separation(
  design: RegressionProblem,
  outcomes: Outcomes & { kind: 'classes' },
  pacer: Pacer,
): Promise<boolean> {
  const problem = problemOf(design, outcomes);
  const basis = await basisOf(design, pacer);
  const start = startOf(basis, design, outcomes);
  const found = await newton(problem, basis, start, (it) => isSeparated(it, outcomes), pacer);
  const at = await atWeights(problem, weightsOf(problem, basis, found.gamma), pacer);
  return separates(at, outcomes.labels);
}

/** The group of each class: connected where a sample of one has more than a vanishing probability of the other. */
function groupsOf({ logits }: Iterate, labels: ArrayLike<number>, K: number): number[] {
  const group = Array.from({ length: K }, (_, k) => k);
  const join = (a: number, b: number): void => {
    const [from, to] = [Math.max(group[a], group[b]), Math.min(group[a], group[b])];
    group.forEach((g, k) => {
      if (g === from) group[k] = to;
    });
  };
  const far = logOf(VANISHING);
  for (let i = 0; i < labels.length; i++) {
    const all = [...logits.map((z) => z[i]), 0];
    for (let k = 0; k < K; k++) if (all[k] - all[labels[i]] > far) join(k, labels[i]);
  }
  const names = [...new Set(group)];
  return group.map((g) => names.indexOf(g));
}

/** Samples of two classes, or of count 0, that go to 0: f is at least the part of the others. */
async function byRows(
  { design, outcomes, found, at, theta }: Context,
  pacer: Pacer,
  depth: number,
): Promise<Minimum | null> {
  if (outcomes.kind === 'classes' && outcomes.K > 2) return null;
  const far = logOf(VANISHING);
  const [z] = found.logits;
  // Towards +∞ for the class of the free logit, −∞ for the other and for counts.
  const side = (i: number): number =>
    outcomes.kind === 'classes' && outcomes.labels[i] === 0 ? 1 : -1;
  const vanishes = (i: number): boolean =>
    -side(i) * z[i] < far && (outcomes.kind === 'classes' || outcomes.counts[i] === 0);
  const all = [...Array(design.n).keys()];
  const gone = all.filter(vanishes);
  const rest = all.filter((i) => !vanishes(i));
  if (gone.length === 0) return null;
  const own: Outcomes =
    outcomes.kind === 'classes'
      ? { ...outcomes, labels: rest.map((i) => outcomes.labels[i]) }
      : { kind: 'counts', counts: rest.map((i) => outcomes.counts[i]) };
  const part = await minimise(rowsOf(design, rest), own, pacer, depth + 1);
  const share = divide(exactly(rest.length), exactly(design.n));
  const least = multiply(share, part.least);
  if (await recession(design, rest, gone, side, theta[0], pacer)) {
    const reason = outcomes.kind === 'classes' ? TIES : COUNTS;
    return { value: multiply(share, part.value), least, attained: false, reason };
  }
  return { value: at.loss, least, attained: null };
}

/** The same columns on some samples. */
function rowsOf(design: RegressionProblem, rows: readonly number[]): RegressionProblem {
  const columns = design.columns.map((x) => Float64Array.from(rows, (i) => x[i]));
  return { ...design, n: rows.length, columns, norms: Float64Array.from(columns, normBound) };
}
