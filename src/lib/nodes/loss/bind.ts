import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue, RegularizerValue } from '../../runtime/graph/ports.ts';

/** The regularizer as a function of all variables: those with `penalized[i]` false are left out of its value and left as they are by its prox. */
export function bindRegularizer(
  regularizer: RegularizerValue,
  penalized: readonly boolean[],
): RegularizerValue {
  const weightsOf = <T>(x: readonly T[]): T[] => x.filter((_, i) => penalized[i]);
  const { constraint, norm } = regularizer;
  if (regularizer.operatorOf) {
    throw new NodeError(
      'requirement',
      `Regularizers: expected penalties of weights, got '${regularizer.title}', which compares the neighbours in a signal or image; weights have none. Use it with an inverse problem.`,
      'regularizer',
    );
  }
  return {
    ...regularizer,
    ...(constraint && {
      constraint: { distance: (x, live) => constraint.distance(weightsOf(x), live) },
    }),
    ...(norm && { norm: { ...norm, dual: (y, signal) => norm.dual(weightsOf(y), signal) } }),
    value: (x, live) => regularizer.value(weightsOf(x), live),
    prox(v, stepSize, live) {
      const moved = regularizer.prox(weightsOf(v), stepSize, live);
      let next = 0;
      return v.map((part, i) => (penalized[i] ? moved[next++] : part));
    },
  };
}

/**
 * The regularizers as functions of all parameters of a model, and which of these they act on, as the model declares it.
 * @throws {NodeError} 'requirement' where they would act on none
 */
export function bindToModel(
  { title, parameters }: ModelValue,
  regularizers: readonly RegularizerValue[],
): { penalized: readonly boolean[]; bound: readonly RegularizerValue[] } {
  const penalized = parameters.map((parameter) => parameter.penalized);
  if (regularizers.length > 0 && !penalized.includes(true)) {
    throw new NodeError(
      'requirement',
      `Regularizers: expected a model with a penalized parameter, got "${title}" (${parameters.map(({ name }) => name).join(', ')}). Take the regularizer away.`,
      'regularizer',
    );
  }
  return { penalized, bound: regularizers.map((g) => bindRegularizer(g, penalized)) };
}

/** Sums of the ℓ1 and squared ℓ2 weights of all regularizers; null when one is not of that form. */
export function elasticWeights(
  regularizers: readonly RegularizerValue[],
  live: Readonly<Record<string, number>>,
): { l1: number; l2: number } | null {
  let l1 = 0;
  let l2 = 0;
  for (const regularizer of regularizers) {
    const weights = regularizer.elasticWeights?.(live);
    if (!weights) return null;
    l1 += weights.l1;
    l2 += weights.l2;
  }
  return { l1, l2 };
}

/** λ, or λ₁, λ₂, … where there are several. */
export function numberedFormula(regularizers: readonly RegularizerValue[]): string {
  return regularizers
    .map(({ formula }, i) =>
      regularizers.length === 1 ? formula : formula.replaceAll('\\lambda', `\\lambda_{${i + 1}}`),
    )
    .map((formula) => ` + ${formula}`)
    .join('');
}
