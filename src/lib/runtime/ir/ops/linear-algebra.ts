/** Linear algebra and linear programs. */
import { ShapeError } from '../errors.ts';
import { broadcastShapes, formatType } from '../shape.ts';
import type { Value } from '../types.ts';
import { emitOne, expandTo } from './operands.ts';
import { expandDims, reshape, slice, squeeze } from './shape.ts';

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * [..., m, k] × [..., k, n] → [..., m, n], after the transposes of the last two axes. Batch axes broadcast. A vector on
 * the left is a row, on the right a column, and its axis is removed from the result.
 */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  if (a.shape.length === 0 || b.shape.length === 0) {
    const got = `${formatType(a)} and ${formatType(b)}`;
    throw new ShapeError('matmul', 'operands with at least one axis', got, 'Use mul.');
  }
  if (a.shape.length === 1 && b.shape.length === 1) {
    return reshape(matmul(expandDims(a, 0), expandDims(b, 1)), []);
  }
  if (a.shape.length === 1) return squeeze(matmul(expandDims(a, 0), b, { transposeB }), -2);
  if (b.shape.length === 1) return squeeze(matmul(a, expandDims(b, 1), { transposeA }), -1);
  const leadA = a.shape.slice(0, -2);
  const leadB = b.shape.slice(0, -2);
  const lead = broadcastShapes('matmul', [leadA, leadB]);
  return emitOne(
    'matmul',
    { transposeA, transposeB },
    expandTo(a, [...lead, ...a.shape.slice(-2)]),
    expandTo(b, [...lead, ...b.shape.slice(-2)]),
  );
}

export interface Transport {
  /** float [n, m], ≥ 0. */
  readonly plan: Value;
  /** Potentials, float [n] and [m]: f ⊕ g ≤ cost, with equality where the plan has mass; f₀ = 0. */
  readonly f: Value;
  readonly g: Value;
}

/**
 * The exact optimal coupling for cost [n, m] and weights a [n], b [m], which are divided by their sums; constant for derivatives.
 * It is solved in float64 on the host, whatever the device.
 */
export function transport(cost: Value, a: Value, b: Value): Transport {
  const tableau = emitOne('transport', {}, cost, a, b);
  const [n, m] = cost.shape;
  return {
    plan: slice(tableau, [0, 0], [n, m]),
    f: squeeze(slice(tableau, [0, m], [n, 1]), 1),
    g: squeeze(slice(tableau, [n, 0], [1, m]), 0),
  };
}
