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
 * log(1 + x) without cancellation: for −1/4 < x < 1/2 it is 2 artanh(x / (2 + x)), with the series of artanh to s¹¹
 * (|s| ≤ 1/5, remainder below 2⁻²⁴ relative).
 */
function log1p(tf: Tf, x: Tensor): Tensor {
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

/** As an odd function: the backend's range reduction is accurate near 0 from above only. */
function sin(tf: Tf, x: Tensor): Tensor {
  return tf.mul(tf.sign(x), tf.sin(tf.abs(x)));
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
  expm1: unary((tf, x) => tf.expm1(x)),
  log: unary((tf, x) => tf.log(x)),
  log1p: unary(log1p),
  sqrt: unary((tf, x) => tf.sqrt(x)),
  sin: unary(sin),
  cos: unary((tf, x) => tf.cos(x)),
  tanh: unary((tf, x) => tf.tanh(x)),
  sigmoid: unary((tf, x) => tf.sigmoid(x)),
  softplus: unary((tf, x) => tf.softplus(x)),
  erf: unary((tf, x) => tf.erf(x)),
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
