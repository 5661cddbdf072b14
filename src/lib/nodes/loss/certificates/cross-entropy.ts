import type { Certificate, ModelValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { elasticWeights } from '../bind.ts';
import { newtonClassifier } from './newton.ts';

/** Unknowns, and multiplications for one Hessian, beyond which Newton's method would keep a person waiting. */
const MAX_UNKNOWNS = 1500;
const MAX_MULTIPLICATIONS = 4e9;

/** f* of a linear classifier with squared ℓ2 terms alone, which make it strongly convex. */
export function crossEntropyCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
):
  | ((live: Readonly<Record<string, number>>, signal: AbortSignal) => Promise<Certificate>)
  | undefined {
  const unknowns = model.parameters.reduce((n, v) => n + v.shape.reduce((a, b) => a * b, 1), 0);
  const work = model.dataset.features.shape[0] * unknowns ** 2;
  if (regularizers.length === 0 || regularizers.some((g) => !g.smooth || !g.elasticWeights)) {
    return undefined;
  }
  if (unknowns > MAX_UNKNOWNS || work > MAX_MULTIPLICATIONS) return undefined;
  return async (live, signal) => {
    const weights = elasticWeights(regularizers, live);
    if (!weights || weights.l2 === 0) {
      throw new Error(
        'cross-entropy: expected a squared ℓ2 weight > 0 for a certificate, got 0. Increase λ.',
      );
    }
    return newtonClassifier(model, weights.l2, createPacer(signal));
  };
}
