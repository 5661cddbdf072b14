import { NodeError } from '../../runtime/graph/node-error.ts';
import type { Effort, InputPort, OutputPort } from '../../runtime/graph/node-definition.ts';
import type { Shape } from '../../runtime/ir/types.ts';
import { describeShape } from '../shared/operators/signal.ts';

export const SIGNAL_INPUTS: readonly InputPort[] = [
  { name: 'data', type: 'dataset', label: 'Signal or image' },
];
export const OPERATOR_OUTPUTS: readonly OutputPort[] = [
  { name: 'operator', type: 'operator', label: 'Operator' },
];

/** An operator along the axes stores a square matrix for each: 33 MB in float64. */
const LONGEST_SIDE = 2048;

export function requireSides(shape: Shape, where: string): void {
  if (Math.max(...shape) <= LONGEST_SIDE) return;
  throw new NodeError(
    'too-large',
    `${where} (data): expected at most ${LONGEST_SIDE} places along each axis, got ${describeShape(shape)}. Take a shorter signal or a smaller image.`,
    'data',
  );
}

/** What the matrices of the axes take, and applying them forth and back. */
export function axesEffort(shape: Shape): Effort {
  const squares = shape.reduce((total, n) => total + n * n, 0);
  const size = shape.reduce((total, n) => total * n, 1);
  const sides = shape.reduce((total, n) => total + n, 0);
  return {
    bytes: 16 * squares + 40 * size,
    kept: true,
    flops: 100 * squares + 8 * size * sides,
    remedy: 'Take a shorter signal or a smaller image.',
  };
}
