import type { Certificate, ModelValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { elasticWeights } from '../bind.ts';
import { valuesOf } from '../targets.ts';
import { lasso } from './lasso.ts';
import { certificateOf } from './proof.ts';
import { modelMinimiser, modelProblem } from './regression-problem.ts';
import { smoothRegression } from './smooth-regression.ts';

/** f* of a linear regression with any sum of ℓ1 and squared ℓ2 terms. */
export function squaredErrorCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
):
  | ((live: Readonly<Record<string, number>>, signal: AbortSignal) => Promise<Certificate>)
  | undefined {
  if (regularizers.some((g) => !g.elasticWeights)) return undefined;
  return async (live, signal) => {
    const weights = elasticWeights(regularizers, live);
    if (!weights) throw new Error('internal: a regularizer lost its weights.');
    // Sums and products of parameters are rounded; one weight of one term is not.
    const exact = regularizers.length <= 1 && (weights.l1 === 0 || weights.l2 === 0);
    const error = exact ? 0 : regularizers.length * 2 ** -51;
    const targets = valuesOf(model, 'squared error');
    const pacer = createPacer(signal);
    const problem = await modelProblem(model, targets, { ...weights, error }, pacer);
    const solve = weights.l1 === 0 ? smoothRegression : lasso;
    const { w, bounds, errors, method } = await solve(problem, pacer);
    return certificateOf(bounds, method, modelMinimiser(problem, w, errors));
  };
}
