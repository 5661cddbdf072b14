/** Indexing along axis 0. */
import type { Value } from '../types.ts';
import { cast, equal } from './elementwise.ts';
import { emitOne } from './operands.ts';
import { broadcastTo, expandDims, iota } from './shape.ts';

/** operand [N, …S], indices int [...M] → [...M, …S]; indices in [0, N). */
export const gather = (operand: Value, indices: Value): Value =>
  emitOne('gather', {}, operand, indices);

/** indices int [...M], updates [...M, …S] → [size, …S]; duplicates add. */
export const scatterAdd = (indices: Value, updates: Value, size: number): Value =>
  emitOne('scatterAdd', { size }, indices, updates);

/** labels int [...M] → float [...M, K], 1 at the label. */
export function oneHot(labels: Value, classes: number): Value {
  const shape = [...labels.shape, classes];
  const positions = iota(shape, shape.length - 1);
  return cast(equal(broadcastTo(expandDims(labels, -1), shape), positions), 'float');
}
