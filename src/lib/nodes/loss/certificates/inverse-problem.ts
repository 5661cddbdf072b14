import type {
  Certificate,
  LinearOperator,
  RegularizerValue,
} from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { createPacer } from '../../shared/pacer.ts';
import { elasticWeights } from '../bind.ts';
import { leastSquares } from './least-squares.ts';

/** f* of ½‖Kx − b‖² with penalties, where there is a way to prove it. */
export function inverseProblemCertificate(
  K: LinearOperator,
  b: HostArray,
  regularizers: readonly RegularizerValue[],
):
  | ((live: Readonly<Record<string, number>>, signal: AbortSignal) => Promise<Certificate>)
  | undefined {
  if (regularizers.some((g) => !g.elasticWeights || !g.smooth)) return undefined;
  return (live, signal) => {
    const weights = elasticWeights(regularizers, live);
    if (!weights) throw new Error('internal: a regularizer lost its weights.');
    return leastSquares(K, b, weights.l2, createPacer(signal));
  };
}
