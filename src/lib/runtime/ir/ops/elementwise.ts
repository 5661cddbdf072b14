/** Elementwise operations. Operands broadcast by the NumPy rule; results have the common shape. */
import type { Dtype, PrimitiveName, PrimitiveParams, None, Value } from '../types.ts';
import { asValue, emitOne, expandTo, matchOperands, type Operand } from './operands.ts';
import { broadcastShapes } from '../shape.ts';

type Plain = {
  [P in PrimitiveName]: PrimitiveParams[P] extends None ? P : never;
}[PrimitiveName];

const none: None = {};

function unary(primitive: Plain, x: Operand): Value {
  return emitOne(primitive, none, asValue(primitive, x));
}

function binary(primitive: Plain, a: Operand, b: Operand): Value {
  return emitOne(primitive, none, ...matchOperands(primitive, [a, b]));
}

export const neg = (x: Operand): Value => unary('neg', x);
export const abs = (x: Operand): Value => unary('abs', x);
/** −1, 0 or 1; sign(0) = 0. */
export const sign = (x: Operand): Value => unary('sign', x);
export const exp = (x: Operand): Value => unary('exp', x);
/** exp(x) − 1, accurate near 0. */
export const expm1 = (x: Operand): Value => unary('expm1', x);
export const log = (x: Operand): Value => unary('log', x);
/** log(1 + x), accurate near 0. */
export const log1p = (x: Operand): Value => unary('log1p', x);
export const sqrt = (x: Operand): Value => unary('sqrt', x);
export const sin = (x: Operand): Value => unary('sin', x);
export const cos = (x: Operand): Value => unary('cos', x);
export const tanh = (x: Operand): Value => unary('tanh', x);
/** 1 / (1 + exp(−x)). */
export const sigmoid = (x: Operand): Value => unary('sigmoid', x);
/** log(1 + exp(x)), without overflow. */
export const softplus = (x: Operand): Value => unary('softplus', x);
export const erf = (x: Operand): Value => unary('erf', x);
export const floor = (x: Operand): Value => unary('floor', x);
export const not = (x: Value): Value => unary('not', x);
/** The identity, with derivative zero. */
export const stopGradient = (x: Operand): Value => unary('stopGradient', x);
/** Float → int truncates toward zero; bool → 0 or 1; number → bool is x ≠ 0. */
export function cast(x: Operand, dtype: Dtype): Value {
  const value = asValue('cast', x);
  return value.dtype === dtype ? value : emitOne('cast', { dtype }, value);
}

export const add = (a: Operand, b: Operand): Value => binary('add', a, b);
export const sub = (a: Operand, b: Operand): Value => binary('sub', a, b);
export const mul = (a: Operand, b: Operand): Value => binary('mul', a, b);
/** Float division; use floorDiv for ints. */
export const div = (a: Operand, b: Operand): Value => binary('div', a, b);
/** a^b for a > 0, or any a when b is whole. */
export const pow = (a: Operand, b: Operand): Value => binary('pow', a, b);
/** At ties, each operand receives half of the derivative. */
export const maximum = (a: Operand, b: Operand): Value => binary('maximum', a, b);
/** At ties, each operand receives half of the derivative. */
export const minimum = (a: Operand, b: Operand): Value => binary('minimum', a, b);
/** Int quotient rounded toward −∞. */
export const floorDiv = (a: Operand, b: Operand): Value => binary('floorDiv', a, b);
/** a − b·floorDiv(a, b), with the sign of the divisor. */
export const mod = (a: Operand, b: Operand): Value => binary('mod', a, b);
export const less = (a: Operand, b: Operand): Value => binary('less', a, b);
export const lessEqual = (a: Operand, b: Operand): Value => binary('lessEqual', a, b);
export const greater = (a: Operand, b: Operand): Value => binary('less', b, a);
export const greaterEqual = (a: Operand, b: Operand): Value => binary('lessEqual', b, a);
export const equal = (a: Operand, b: Operand): Value => binary('equal', a, b);
export const notEqual = (a: Operand, b: Operand): Value => not(equal(a, b));
export const and = (a: Value, b: Value): Value => binary('and', a, b);
export const or = (a: Value, b: Value): Value => binary('or', a, b);

/** a where the condition (bool) holds, else b. */
export function select(condition: Value, a: Operand, b: Operand): Value {
  const [x, y] = matchOperands('select', [a, b]);
  const shape = broadcastShapes('select', [condition.shape, x.shape]);
  return emitOne(
    'select',
    none,
    expandTo(condition, shape),
    expandTo(x, shape),
    expandTo(y, shape),
  );
}

export const square = (x: Value): Value => mul(x, x);
/** max(x, 0), with derivative 0 at 0; NaN stays NaN. */
export const relu = (x: Value): Value => select(lessEqual(x, 0), 0, x);
/** min(max(x, low), high). */
export const clip = (x: Operand, low: Operand, high: Operand): Value =>
  minimum(maximum(x, low), high);
/** sign(x)·max(|x| − threshold, 0): the proximal map of threshold·|x|, for threshold ≥ 0. */
export const softThreshold = (x: Value, threshold: Operand): Value =>
  mul(sign(x), maximum(sub(abs(x), threshold), 0));
