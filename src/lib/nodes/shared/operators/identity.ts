import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import type { Shape } from '../../../runtime/ir/types.ts';

export const identityOperator = (shape: Shape): LinearOperator => ({
  title: 'identity',
  input: shape,
  output: shape,
  norm: 1,
  lowerBound: 1,
  seenAs: 'noisy',
  entries: { kind: 'selection' },
  apply: (x) => x,
  adjoint: (y) => y,
  pseudoInverse: () => Promise.resolve((y) => y),
});
