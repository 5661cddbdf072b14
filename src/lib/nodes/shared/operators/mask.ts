/**
 * Keeps some entries and sets the others to 0: Kx = m ⊙ x, m_i ∈ {0, 1}. A projection, K = Kᵀ = K⁺ = K².
 */
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { constant, mul } from '../../../runtime/ir/ops.ts';
import type { HostArray, Value } from '../../../runtime/ir/types.ts';

/** `kept`: float 1 at the entries kept, 0 elsewhere, in the shape of the signal or image. */
export function maskOperator(kept: HostArray): LinearOperator {
  const multiply = (x: Value): Value => mul(x, constant(kept));
  return {
    title: 'mask',
    input: kept.shape,
    output: kept.shape,
    norm: 1,
    lowerBound: kept.data.every((x) => x === 1) ? 1 : 0,
    support: kept,
    entries: { kind: 'selection', kept },
    seenAs: 'masked',
    apply: multiply,
    adjoint: multiply,
    pseudoInverse: () => Promise.resolve(multiply),
  };
}
