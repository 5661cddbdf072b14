/** What a method needs of an objective, and the refusal that says why. */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type {
  LinearSystem,
  ObjectiveValue,
  OutputLoss,
  RegularizerValue,
} from '../../runtime/graph/ports.ts';

function refuse(message: string): never {
  throw new NodeError('requirement', message, 'objective');
}

const named = (terms: readonly RegularizerValue[]) =>
  terms.map((term) => `'${term.title}'`).join(' and ');

const names = (objective: ObjectiveValue) => named(objective.terms);

const isOne = (terms: readonly RegularizerValue[]) => terms.length === 1;

/** The data term has a gradient everywhere. */
export function requireSmoothData(objective: ObjectiveValue, method: string): void {
  if (!objective.smooth.yes)
    refuse(`${method} needs a smooth data term; ${objective.smooth.reason}`);
  requireNoComposed(objective, method);
}

/** Methods that take a step through the prox of each term have none for g(Kx). */
export function requireNoComposed(objective: ObjectiveValue, method: string): void {
  const term = objective.composed?.[0];
  if (term === undefined) return;
  if (term.whole && objective.terms.length > 0) {
    refuse(
      `${method} needs the proximal operator of all non-smooth terms together; got ${names(objective)} and '${term.whole.title}', and the prox of a sum is not known from the parts. Use Douglas–Rachford, ADMM or Chambolle–Pock.`,
    );
  }
  refuse(
    `${method} needs a gradient or a known prox of every term; the prox of '${term.regularizer.title}', a norm of Kx with K the ${term.operator.title}, is not known. Use ADMM or Chambolle–Pock.`,
  );
}

/** There is something to split from the smooth part. */
export function requireTerms(objective: ObjectiveValue, method: string): void {
  if (objective.terms.length + (objective.composed?.length ?? 0) > 0) return;
  refuse(
    `${method} splits a non-smooth term from the smooth part; '${objective.title}' has none. Wire a regularizer such as the ℓ1 norm, or use gradient descent.`,
  );
}

/** A quadratic f has a prox by conjugate gradients. */
export function requireQuadratic(objective: ObjectiveValue, method: string): void {
  requireConvex(objective, method, 'Use proximal gradient, SGD or Adam.');
  if (objective.quadratic === true) return;
  refuse(
    `${method} solves a linear system for the prox of the smooth part, which must be quadratic; that of '${objective.title}' is not. Use FISTA or proximal gradient.`,
  );
}

/** No term is left that has no gradient. */
export function requireNoTerms(objective: ObjectiveValue, method: string, remedy: string): void {
  if (objective.terms.length === 0) return;
  const constraints = objective.terms.filter((term) => term.constraint);
  const kinks = objective.terms.filter((term) => !term.constraint);
  const reasons = [
    ...(constraints.length > 0
      ? [`${named(constraints)} ${isOne(constraints) ? 'is a constraint' : 'are constraints'}`]
      : []),
    ...(kinks.length > 0
      ? [
          isOne(kinks)
            ? `${named(kinks)} has a kink, and no gradient there`
            : `${named(kinks)} have kinks, and no gradient there`,
        ]
      : []),
  ];
  refuse(`${method} needs a smooth objective; ${reasons.join(', and ')}. ${remedy}`);
}

/** A subgradient of an indicator does not lead back to the set, so methods of (sub)gradient steps would ignore a constraint. */
export function requireNoConstraints(objective: ObjectiveValue, method: string): void {
  const composed = (objective.composed ?? []).map(({ regularizer }) => regularizer);
  const constraint = [...objective.terms, ...composed].find((term) => term.constraint);
  if (constraint === undefined) return;
  refuse(
    `${method} steps along gradients and would ignore '${constraint.title}', which is a constraint. Use proximal gradient or FISTA, whose prox is the projection.`,
  );
}

/** The prox of a sum is in general not the composition of the proxes, so there may be one term. */
export function requireOneProx(objective: ObjectiveValue, method: string): void {
  if (objective.terms.length <= 1) return;
  refuse(
    `${method} needs the proximal operator of all non-smooth terms together; got ${names(objective)}, and the prox of a sum is not known from the parts. Keep one of them: the elastic net is a sum with a known prox.`,
  );
}

/** A quadratic and one term, or two terms alone, each with a prox of its own. */
export function requireTwoParts(objective: ObjectiveValue, method: string): void {
  const { composed = [] } = objective;
  if (!objective.zero || composed.some(({ whole }) => whole === undefined)) {
    requireNoComposed(objective, method);
    requireOneProx(objective, method);
    return;
  }
  const count = objective.terms.length + composed.length;
  if (count === 2) return;
  refuse(
    `${method} alternates between two parts with known proxes; '${objective.title}' has ${count}. Use ADMM or Chambolle–Pock.`,
  );
}

export function requireConvex(objective: ObjectiveValue, method: string, remedy: string): void {
  if (objective.convex) return;
  const what = objective.model
    ? `${objective.model.title} is not convex in its weights`
    : 'this one is not';
  refuse(`${method} needs a convex objective; ${what}. ${remedy}`);
}

/** The smooth part grows at least as a quadratic, at all live values: the data term does, or a regularizer may. */
export function requireStrongConvexity(objective: ObjectiveValue, method: string): void {
  const data = (objective.constants.strongConvexity ?? 0) > 0;
  if (data || objective.smoothTerms.some((g) => g.tracedStrongConvexity)) return;
  refuse(
    `${method} needs a strongly convex smooth part; that of '${objective.title}' is not known to be. Turn acceleration off, or add a squared ℓ2 term.`,
  );
}

/** Minimisers solve a linear system. */
export function requireLinearSystem(objective: ObjectiveValue, method: string): LinearSystem {
  if (objective.linearSystem) return objective.linearSystem;
  return refuse(
    `${method} needs a quadratic objective, whose minimisers solve a linear system; '${objective.title}' is not quadratic. Use squared error with a linear or kernel model and squared ℓ2 terms, or Newton’s method.`,
  );
}

/** f is known as a loss of the outputs of a model. */
export function requireOutputLoss(objective: ObjectiveValue, method: string): OutputLoss {
  if (objective.outputLoss) return objective.outputLoss;
  return refuse(
    `${method} needs a smooth convex loss of the outputs of a model at each sample; '${objective.title}' is not of that form. Use Newton’s method or L-BFGS.`,
  );
}
