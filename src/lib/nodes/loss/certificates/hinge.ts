import type { ModelValue, ObjectiveValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { supportVectorMachine } from '../../../numerics/support-vectors.ts';
import { elasticWeights } from '../bind.ts';
import { proveHinge } from './hinge-proof.ts';
import { certificateOf, nonnegative, withheld } from './proof.ts';

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
    if (!weights || !(weights.l2 > 0)) {
      throw withheld(
        'f* of the hinge loss: expected a squared ℓ2 weight > 0, got 0, with which the dual has no bound here. Raise λ.',
      );
    }
    const pacer = createPacer(signal);
    const x = Float64Array.from(features.data);
    const {
      weights: w,
      bias,
      shares,
      steps,
    } = await supportVectorMachine(x, signs, n, d, weights.l2, pacer);
    // One weight of one term is given, others are sums and products.
    const off = regularizers.length > 1 ? regularizers.length * 2 ** -51 * weights.l2 : 0;
    const lambda = { hi: weights.l2, lo: 0, radius: off };
    const bounds = await proveHinge({ x, signs, n, d, lambda }, w, bias, shares, pacer);
    return certificateOf(
      nonnegative(bounds),
      `sequential minimal optimization (${steps} steps), duality gap`,
    );
  };
}
