/** Reductions. `axes` defaults to all; with `keepDims`, reduced axes stay with size 1. */
import { keepAxes, normalizeAxes, normalizeAxis, sizeOf } from '../shape.ts';
import type { Value } from '../types.ts';
import { div, exp, mul, neg, sub } from './elementwise.ts';
import { emitOne } from './operands.ts';
import { flatten, reshape, unreduce } from './shape.ts';

type Axes = number | readonly number[];

function reduce(
  primitive: 'sum' | 'max' | 'logsumexp',
  x: Value,
  axes: Axes | undefined,
  keepDims: boolean,
): Value {
  const list = normalizeAxes(primitive, axes, x.shape.length);
  // Reducing nothing leaves sum, max and log(exp(x)) unchanged.
  const result = list.length === 0 ? x : emitOne(primitive, { axes: list }, x);
  return keepDims ? reshape(result, keepAxes(x.shape, list)) : result;
}

export const sum = (x: Value, axes?: Axes, keepDims = false): Value =>
  reduce('sum', x, axes, keepDims);
/** Ties share the derivative equally. */
export const max = (x: Value, axes?: Axes, keepDims = false): Value =>
  reduce('max', x, axes, keepDims);
/** Ties share the derivative equally. */
export const min = (x: Value, axes?: Axes, keepDims = false): Value =>
  neg(max(neg(x), axes, keepDims));
/** log Σ exp(x), without overflow. */
export const logsumexp = (x: Value, axes?: Axes, keepDims = false): Value =>
  reduce('logsumexp', x, axes, keepDims);

export function mean(x: Value, axes?: Axes, keepDims = false): Value {
  const list = normalizeAxes('mean', axes, x.shape.length);
  const count = sizeOf(list.map((axis) => x.shape[axis]));
  return div(sum(x, list, keepDims), count);
}

/** Index of the first maximum along the axis, int. */
export const argmax = (x: Value, axis: number): Value =>
  emitOne('argmax', { axis: normalizeAxis('argmax', axis, x.shape.length) }, x);

/** exp(x) / Σ exp(x) along the axes, as exp(x − logsumexp(x)). */
export const softmax = (x: Value, axis: Axes = -1): Value => exp(logSoftmax(x, axis));

/** x − logsumexp(x) along the axes. */
export const logSoftmax = (x: Value, axis: Axes = -1): Value => {
  const axes = normalizeAxes('logSoftmax', axis, x.shape.length);
  return sub(x, unreduce(logsumexp(x, axes), x.shape, axes));
};

/** Running sum along the axis; with `reverse`, from the end. */
export const cumsum = (x: Value, axis: number, reverse = false): Value =>
  emitOne('cumsum', { axis: normalizeAxis('cumsum', axis, x.shape.length), reverse }, x);

/** Σ aᵢ bᵢ over all elements. */
export const dot = (a: Value, b: Value): Value => sum(mul(flatten(a), flatten(b)));

/** Σ xᵢ² over all elements. */
export const sumSquares = (x: Value): Value => sum(mul(x, x));
