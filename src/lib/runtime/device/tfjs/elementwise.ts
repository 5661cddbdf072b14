/**
 * Elementwise primitives on tfjs. Where a tfjs kernel loses accuracy or an identity of the primitive (see the comments), the
 * operation is built from others; the contract tests compare every one with the float64 reference.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { TF_DTYPE } from './engine.ts';
import type { Tf } from './engine.ts';
import type { ElementwiseName, Lowering, LoweringTable } from './lowering.ts';

type Unary = (tf: Tf, x: Tensor) => Tensor;
type Binary = (tf: Tf, a: Tensor, b: Tensor) => Tensor;

function unary<P extends ElementwiseName>(f: Unary): Lowering<P> {
  return ({ tf }, _params, [x]) => [f(tf, x)];
}

function binary<P extends ElementwiseName>(f: Binary): Lowering<P> {
  return ({ tf }, _params, [a, b]) => [f(tf, a, b)];
}

/**
 * exp(x) − 1 without cancellation: for |x| < 1/2 it is 2 sinh(x/2)·exp(x/2), with the series of sinh to x⁹
 * (remainder below 2⁻²⁴ relative).
 */
export function expm1(tf: Tf, x: Tensor): Tensor {
  const h = tf.mul(x, 0.5);
  const h2 = tf.square(h);
  let series = tf.add(tf.mul(h2, 1 / 362880), 1 / 5040);
  series = tf.add(tf.mul(h2, series), 1 / 120);
  series = tf.add(tf.mul(h2, series), 1 / 6);
  series = tf.add(tf.mul(h2, series), 1);
  const small = tf.mul(tf.mul(x, series), tf.exp(h));
  return tf.where(tf.less(tf.abs(x), 0.5), small, tf.sub(tf.exp(x), 1));
}

/**
 * log(1 + x) without cancellation: for −1/4 < x < 1/2 it is 2 artanh(x / (2 + x)), with the series of artanh to s¹¹
 * (|s| ≤ 1/5, remainder below 2⁻²⁴ relative).
 */
export function log1p(tf: Tf, x: Tensor): Tensor {
  const s = tf.div(x, tf.add(x, 2));
  const s2 = tf.square(s);
  let series = tf.add(tf.mul(s2, 1 / 11), 1 / 9);
  series = tf.add(tf.mul(s2, series), 1 / 7);
  series = tf.add(tf.mul(s2, series), 1 / 5);
  series = tf.add(tf.mul(s2, series), 1 / 3);
  series = tf.add(tf.mul(s2, series), 1);
  const near = tf.mul(tf.mul(s, 2), series);
  const isNear = tf.logicalAnd(tf.greater(x, -0.25), tf.less(x, 0.5));
  return tf.where(isNear, near, tf.log(tf.add(x, 1)));
}

/** max(x, 0) + log1p(exp(−|x|)). */
function softplus(tf: Tf, x: Tensor): Tensor {
  return tf.add(tf.relu(x), log1p(tf, tf.exp(tf.neg(tf.abs(x)))));
}

/** Without the overflow of exp at large negative x: exp(min(x, 0)) / (1 + exp(−|x|)). */
function sigmoid(tf: Tf, x: Tensor): Tensor {
  return tf.div(tf.exp(tf.minimum(x, 0)), tf.add(tf.exp(tf.neg(tf.abs(x))), 1));
}

/** −expm1(−2|x|) / (1 + exp(−2|x|)) with the sign of x: accurate near 0 and 1 for large |x|. */
function tanh(tf: Tf, x: Tensor): Tensor {
  const t = tf.mul(tf.abs(x), -2);
  return tf.mul(tf.sign(x), tf.div(tf.neg(expm1(tf, t)), tf.add(tf.exp(t), 1)));
}

/** erf(x)/x near 0, in powers of x² (Maclaurin coefficients 2/√π · (−1)ⁿ / (n! (2n + 1))), enough for |x| ≤ 1. */
export const ERF_SERIES: readonly number[] = Array.from({ length: 11 }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i += 1) factorial *= i;
  return ((2 / Math.sqrt(Math.PI)) * (n % 2 === 0 ? 1 : -1)) / (factorial * (2 * n + 1));
});

/**
 * Chebyshev fit of erfc(x) = t·exp(−x² + P(t)), t = 1/(1 + x/2), x ≥ 0, relative error below 1.2e−7 (Press et al., Numerical Recipes,
 * 2nd edition, section 6.2, `erfcc`): coefficients of P, constant first.
 */
export const ERFC_POLYNOMIAL: readonly number[] = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

function horner(tf: Tf, coefficients: readonly number[], x: Tensor): Tensor {
  let sum: Tensor = tf.fill(x.shape, coefficients[coefficients.length - 1]);
  for (let i = coefficients.length - 2; i >= 0; i -= 1)
    sum = tf.add(tf.mul(sum, x), coefficients[i]);
  return sum;
}

function erf(tf: Tf, x: Tensor): Tensor {
  const a = tf.abs(x);
  const inner = tf.mul(x, horner(tf, ERF_SERIES, tf.square(tf.minimum(a, 1))));
  const t = tf.div(1, tf.add(tf.mul(a, 0.5), 1));
  const erfc = tf.mul(t, tf.exp(tf.sub(horner(tf, ERFC_POLYNOMIAL, t), tf.square(a))));
  return tf.where(tf.less(a, 1), inner, tf.mul(tf.sign(x), tf.sub(1, erfc)));
}

/** Rounds toward −∞ with integer arithmetic only: tfjs divides int32 through floats. */
function floorDivParts(tf: Tf, a: Tensor, b: Tensor): { quotient: Tensor; remainder: Tensor } {
  // A float quotient is off by more than one when |a| exceeds the float's mantissa; correct it with the exact int32 remainder
  // until it lies in [0, b) (or (b, 0] for negative b). Two rounds suffice for int32.
  let quotient: Tensor = tf.cast(
    tf.floor(tf.div(tf.cast(a, 'float32'), tf.cast(b, 'float32'))),
    'int32',
  );
  for (let round = 0; round < 2; round += 1) {
    const rest = tf.sub(a, tf.mul(quotient, b));
    const correction = tf.cast(
      tf.floor(tf.div(tf.cast(rest, 'float32'), tf.cast(b, 'float32'))),
      'int32',
    );
    quotient = tf.add(quotient, correction);
  }
  return { quotient, remainder: tf.sub(a, tf.mul(quotient, b)) };
}

export const ELEMENTWISE_LOWERINGS: Pick<LoweringTable, ElementwiseName> = {
  neg: unary((tf, x) => tf.neg(x)),
  abs: unary((tf, x) => tf.abs(x)),
  sign: unary((tf, x) => tf.sign(x)),
  exp: unary((tf, x) => tf.exp(x)),
  expm1: unary(expm1),
  log: unary((tf, x) => tf.log(x)),
  log1p: unary(log1p),
  sqrt: unary((tf, x) => tf.sqrt(x)),
  sin: unary((tf, x) => tf.sin(x)),
  cos: unary((tf, x) => tf.cos(x)),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  erf: unary(erf),
  floor: unary((tf, x) => tf.floor(x)),
  not: unary((tf, x) => tf.logicalNot(x)),
  stopGradient: unary((_tf, x) => x.clone()),
  cast: ({ tf }, { dtype }, [x]) => {
    const target = TF_DTYPE[dtype];
    if (x.dtype === target) return [x.clone()];
    if (target === 'bool') return [tf.notEqual(x, tf.zerosLike(x))];
    return [tf.cast(x, target)];
  },
  add: binary((tf, a, b) => tf.add(a, b)),
  sub: binary((tf, a, b) => tf.sub(a, b)),
  mul: binary((tf, a, b) => tf.mul(a, b)),
  div: binary((tf, a, b) => tf.div(a, b)),
  pow: binary((tf, a, b) => tf.pow(a, b)),
  maximum: binary((tf, a, b) => tf.maximum(a, b)),
  minimum: binary((tf, a, b) => tf.minimum(a, b)),
  floorDiv: binary((tf, a, b) => floorDivParts(tf, a, b).quotient),
  mod: binary((tf, a, b) => floorDivParts(tf, a, b).remainder),
  less: binary((tf, a, b) => tf.less(a, b)),
  lessEqual: binary((tf, a, b) => tf.lessEqual(a, b)),
  equal: binary((tf, a, b) => tf.equal(a, b)),
  and: binary((tf, a, b) => tf.logicalAnd(a, b)),
  or: binary((tf, a, b) => tf.logicalOr(a, b)),
  select: ({ tf }, _params, [condition, a, b], [output]) => {
    // `where` broadcasts the branches, not the condition.
    const shape = [...output.shape];
    const full =
      condition.shape.length === shape.length && condition.shape.every((n, i) => n === shape[i]);
    return [tf.where(full ? condition : tf.broadcastTo(condition, shape), a, b)];
  },
};
