import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import { expectCount, expectDtype, type ShapeRule } from './rule.ts';

export const matmulShape: ShapeRule<'matmul'> = ({ transposeA, transposeB }, inputs) => {
  expectCount('matmul', inputs, 2);
  for (const input of inputs) expectDtype('matmul', input, ['float']);
  const [a, b] = inputs;
  const rank = a.shape.length;
  const got = `${formatType(a)}${transposeA ? 'ᵀ' : ''} and ${formatType(b)}${transposeB ? 'ᵀ' : ''}`;
  if (rank < 2 || b.shape.length !== rank) {
    throw new ShapeError('matmul', 'two matrices, or two batches of equal rank', got);
  }
  const lead = a.shape.slice(0, rank - 2);
  const [m, kA] = transposeA
    ? [a.shape[rank - 1], a.shape[rank - 2]]
    : [a.shape[rank - 2], a.shape[rank - 1]];
  const [kB, n] = transposeB
    ? [b.shape[rank - 1], b.shape[rank - 2]]
    : [b.shape[rank - 2], b.shape[rank - 1]];
  if (kA !== kB || !sameShape(lead, b.shape.slice(0, rank - 2))) {
    throw new ShapeError('matmul', 'equal inner sizes and equal batch axes', got);
  }
  return [{ shape: [...lead, m, n], dtype: 'float' }];
};
