/** What a method needs of an objective, and the refusal that says why. */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';

function refuse(message: string): never {
  throw new NodeError('requirement', message, 'objective');
}

const names = (objective: ObjectiveValue) =>
  objective.terms.map((term) => `'${term.title}'`).join(' and ');

/** The data term has a gradient everywhere. */
export function requireSmoothData(objective: ObjectiveValue, method: string): void {
  if (!objective.smooth.yes)
    refuse(`${method} needs a smooth data term; ${objective.smooth.reason}`);
}

/** No term is left that has no gradient. */
export function requireNoTerms(objective: ObjectiveValue, method: string, remedy: string): void {
  if (objective.terms.length === 0) return;
  refuse(
    `${method} needs a smooth objective; ${names(objective)} has a kink where a weight is zero, and no gradient there. ${remedy}`,
  );
}

/** The prox of a sum is in general not the composition of the proxes, so there may be one term. */
export function requireOneProx(objective: ObjectiveValue, method: string): void {
  if (objective.terms.length <= 1) return;
  refuse(
    `${method} needs the proximal operator of all non-smooth terms together; got ${names(objective)}, and the prox of a sum is not known from the parts. Keep one of them: the elastic net is a sum with a known prox.`,
  );
}

export function requireConvex(objective: ObjectiveValue, method: string, remedy: string): void {
  if (objective.convex) return;
  const what = objective.model
    ? `${objective.model.title} is not convex in its weights`
    : 'this one is not';
  refuse(`${method} needs a convex objective; ${what}. ${remedy}`);
}
