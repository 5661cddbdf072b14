import { ShapeError } from './errors.ts';
import type { ArrayType, Shape } from './types.ts';

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Numbers in arrays of these shapes together. */
export function countOf(arrays: readonly { readonly shape: Shape }[]): number {
  return arrays.reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/** e.g. `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** e.g. `float [2, 3]`. */
export function formatType(type: ArrayType): string {
  return `${type.dtype} ${formatShape(type.shape)}`;
}

/** A shape is a list of whole numbers ≥ 0. */
export function checkShape(where: string, shape: Shape): void {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(where, 'a shape of whole numbers ≥ 0', formatShape(shape));
  }
}

/** The common shape of operands by the NumPy rule: axes align to the right, axes of size 1 repeat. */
export function broadcastShapes(where: string, shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    shape.forEach((n, axis) => {
      const have = result[offset + axis];
      if (have === 1) result[offset + axis] = n;
      else if (n !== 1 && n !== have) {
        throw new ShapeError(
          where,
          'shapes that broadcast (axes equal or 1, aligned to the right)',
          shapes.map(formatShape).join(' and '),
        );
      }
    });
  }
  return result;
}

/** Maps −rank … rank − 1 to 0 … rank − 1. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range =
      rank === 0 ? 'no axis (the operand is a scalar)' : `an axis in [${-rank}, ${rank - 1}]`;
    throw new ShapeError(where, range, String(axis));
  }
  return axis < 0 ? axis + rank : axis;
}

/** Sorted distinct axes; `undefined` means all. */
export function normalizeAxes(
  where: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === 'number' ? [axes] : axes;
  const normalized = list.map((axis) => normalizeAxis(where, axis, rank)).sort((a, b) => a - b);
  if (new Set(normalized).size !== normalized.length) {
    throw new ShapeError(where, 'distinct axes', `[${list.join(', ')}]`);
  }
  return normalized;
}

/** The shape with `axes` (sorted) removed. */
export function withoutAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The shape with `axes` (sorted) set to 1. */
export function keepAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
}
