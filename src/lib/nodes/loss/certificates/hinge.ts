import type { ModelValue, ObjectiveValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { supportVectorMachine } from '../../../numerics/support-vectors.ts';
import { elasticWeights } from '../bind.ts';

/** Samples × features that a step reads, of some thousand steps. */
const MOST_WORK = 2e6;

/** f* of a linear support vector machine with an intercept and squared ℓ2 terms alone, by its dual. */
export function hingeCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
): ObjectiveValue['certify'] {
  const { targets, features } = model.dataset;
  const [n, d] = features.shape;
  const withBias = model.parameters.some(({ penalized }) => !penalized);
  if (targets.kind !== 'labels' || !withBias || n * d > MOST_WORK) return undefined;
  if (regularizers.length === 0 || regularizers.some((g) => !g.smooth || !g.elasticWeights)) {
    return undefined;
  }
  const signs = Float64Array.from(targets.labels.data, (label) => 2 * label - 1);
  if (!signs.includes(1) || !signs.includes(-1)) return undefined;
  return async (live, signal) => {
    const weights = elasticWeights(regularizers, live);
    if (!weights || weights.l2 === 0) {
      throw new Error(
        'hinge: expected a squared ℓ2 weight > 0 for a certificate, got 0. Increase λ.',
      );
    }
    const x = Float64Array.from(features.data);
    const found = await supportVectorMachine(x, signs, n, d, weights.l2, createPacer(signal));
    return {
      value: found.value,
      gap: found.gap,
      method: `sequential minimal optimization (${found.steps} steps), duality gap`,
      precision: 'float64',
    };
  };
}
