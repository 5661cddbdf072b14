import type { Certificate, ModelValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { elasticWeights } from '../bind.ts';
import { valuesOf } from '../targets.ts';
import { centredProblem } from './centred.ts';
import { coordinateDescent } from './coordinate-descent.ts';
import { normalEquations } from './normal-equations.ts';

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
    const problem = centredProblem(model, valuesOf(model, 'squared error'));
    const pacer = createPacer(signal);
    return weights.l1 === 0
      ? normalEquations(problem, weights.l2, pacer)
      : coordinateDescent(problem, weights.l1, weights.l2, pacer);
  };
}
