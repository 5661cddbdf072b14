/** Operations that move or create elements. */
import { ShapeError } from '../errors.ts';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  keepAxes,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
} from '../shape.ts';
import { literal } from '../trace.ts';
import type { Dtype, Shape, Value } from '../types.ts';
import { asValue, emitOne, expandTo, type Operand } from './operands.ts';

/** Same elements in row-major order; one size may be −1 and follows from the others. */
export function reshape(x: Value, shape: Shape): Value {
  let target = shape;
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    const known = sizeOf(shape.filter((_, axis) => axis !== unknown));
    const size = sizeOf(x.shape);
    if (known === 0 || size % known !== 0) {
      throw new ShapeError('reshape', `a shape for ${size} elements`, formatShape(shape));
    }
    target = shape.map((n, axis) => (axis === unknown ? size / known : n));
  }
  return sameShape(x.shape, target) ? x : emitOne('reshape', { shape: target }, x);
}

/** Output axis i is input axis permutation[i]; without a permutation, all axes are reversed. */
export function transpose(x: Value, permutation?: readonly number[]): Value {
  const rank = x.shape.length;
  const axes = permutation
    ? permutation.map((axis) => normalizeAxis('transpose', axis, rank))
    : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const identity = axes.length === rank && axes.every((axis, index) => axis === index);
  return identity ? x : emitOne('transpose', { permutation: axes }, x);
}

/** Repeats axes of size 1 and adds axes on the left. */
export function broadcastTo(x: Operand, shape: Shape): Value {
  return expandTo(asValue('broadcastTo', x), shape);
}

/** The block of `size` that begins at `start`. */
export function slice(x: Value, start: readonly number[], size: readonly number[]): Value {
  return sameShape(size, x.shape) && start.every((s) => s === 0)
    ? x
    : emitOne('slice', { start, size }, x);
}

/** Adds `before` and `after` zeros (false for bool) to each axis. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  return [...before, ...after].every((n) => n === 0) && before.length === x.shape.length
    ? x
    : emitOne('pad', { before, after }, x);
}

/** Joins along an existing axis. */
export function concat(xs: readonly Value[], axis: number): Value {
  const rank = xs[0]?.shape.length ?? 0;
  if (xs.length === 1) return xs[0];
  return emitOne('concat', { axis: normalizeAxis('concat', axis, rank) }, ...xs);
}

/** Joins equal shapes along a new axis. */
export function stack(xs: readonly Value[], axis = 0): Value {
  return concat(
    xs.map((x) => expandDims(x, axis)),
    axis,
  );
}

export function reverse(x: Value, axes: number | readonly number[]): Value {
  return emitOne('reverse', { axes: normalizeAxes('reverse', axes, x.shape.length) }, x);
}

/** Int array whose elements are their index along the axis. */
export function iota(shape: Shape, axis = 0): Value {
  return emitOne('iota', { shape, axis: normalizeAxis('iota', axis, shape.length) });
}

/** Inserts an axis of size 1 at position `axis` of the result. */
export function expandDims(x: Value, axis: number): Value {
  const at = normalizeAxis('expandDims', axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Removes one axis of size 1, or all of them. */
export function squeeze(x: Value, axis?: number): Value {
  if (axis === undefined)
    return reshape(
      x,
      x.shape.filter((n) => n !== 1),
    );
  const at = normalizeAxis('squeeze', axis, x.shape.length);
  if (x.shape[at] !== 1) {
    throw new ShapeError('squeeze', `size 1 on axis ${axis}`, formatShape(x.shape));
  }
  return reshape(
    x,
    x.shape.filter((_, a) => a !== at),
  );
}

export const flatten = (x: Value): Value => reshape(x, [sizeOf(x.shape)]);

/** Every element is x (a number, or a value that broadcasts). */
export function full(shape: Shape, x: Operand, dtype: Dtype = 'float'): Value {
  checkShape('full', shape);
  return expandTo(asValue('full', x, dtype), shape);
}
export const zeros = (shape: Shape, dtype: Dtype = 'float'): Value =>
  expandTo(literal(0, dtype), shape);
export const ones = (shape: Shape, dtype: Dtype = 'float'): Value =>
  expandTo(literal(1, dtype), shape);
export const zerosLike = (x: Value): Value => zeros(x.shape, x.dtype);
export const onesLike = (x: Value): Value => ones(x.shape, x.dtype);

/** Puts axes of size 1 back where a reduction over `axes` of `shape` removed them, and repeats along them. */
export function unreduce(x: Value, shape: Shape, axes: readonly number[]): Value {
  return expandTo(reshape(x, keepAxes(shape, axes)), shape);
}

/** Axes of `to` along which an array of shape `from` is repeated. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  broadcastShapes('broadcast', [from, to]);
  const offset = to.length - from.length;
  return to
    .map((n, axis) => (axis < offset || (from[axis - offset] === 1 && n !== 1) ? axis : -1))
    .filter((axis) => axis >= 0);
}
