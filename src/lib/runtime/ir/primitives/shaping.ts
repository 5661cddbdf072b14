import { shapingKernels } from '../kernels/shaping.ts';
import { sum } from '../ops/reduction.ts';
import {
  broadcastAxes,
  broadcastTo,
  concat,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
  zerosLike,
} from '../ops/shape.ts';
import { shapingShapes } from '../shape-rules/shaping.ts';
import type { PrimitiveParams, Value } from '../types.ts';
import type { PrimitiveRule, RuleTable } from './rule.ts';

type Shaping = keyof typeof shapingKernels;

/** A linear primitive of one operand: its tangent is its value at the tangent. */
function linear<P extends Exclude<Shaping, 'concat' | 'iota'>>(
  primitive: P,
  apply: (x: Value, params: PrimitiveParams[P]) => Value,
  adjoint: (g: Value, params: PrimitiveParams[P], x: Value) => Value,
): PrimitiveRule<P> {
  return {
    shape: shapingShapes[primitive],
    float64: shapingKernels[primitive],
    jvp: ({ params, tangents }) => tangents[0] && apply(tangents[0], params),
    vjp: ({ params, inputs, cotangent }) => [adjoint(cotangent, params, inputs[0])],
    flops: () => 0,
  } as PrimitiveRule<P>;
}

export const shapingRules: RuleTable<Shaping> = {
  reshape: linear(
    'reshape',
    (x, { shape }) => reshape(x, shape),
    (g, _params, x) => reshape(g, x.shape),
  ),
  transpose: linear(
    'transpose',
    (x, { permutation }) => transpose(x, permutation),
    (g, { permutation }) =>
      transpose(
        g,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ),
  broadcast: linear(
    'broadcast',
    (x, { shape }) => broadcastTo(x, shape),
    (g, { shape }, x) => reshape(sum(g, broadcastAxes(x.shape, shape)), x.shape),
  ),
  slice: linear(
    'slice',
    (x, { start, size }) => slice(x, start, size),
    (g, { start, size }, x) =>
      pad(
        g,
        start,
        x.shape.map((n, axis) => n - start[axis] - size[axis]),
      ),
  ),
  pad: linear(
    'pad',
    (x, { before, after }) => pad(x, before, after),
    (g, { before }, x) => slice(g, before, x.shape),
  ),
  concat: {
    shape: shapingShapes.concat,
    float64: shapingKernels.concat,
    jvp: ({ params, inputs, tangents }) =>
      concat(
        inputs.map((x, k) => tangents[k] ?? zerosLike(x)),
        params.axis,
      ),
    vjp: ({ params, inputs, cotangent, needs }) => {
      let offset = 0;
      return inputs.map((x, k) => {
        const start = x.shape.map((_, axis) => (axis === params.axis ? offset : 0));
        offset += x.shape[params.axis];
        return needs[k] ? slice(cotangent, start, x.shape) : null;
      });
    },
    flops: () => 0,
  },
  reverse: linear(
    'reverse',
    (x, { axes }) => reverse(x, axes),
    (g, { axes }) => reverse(g, axes),
  ),
  iota: {
    shape: shapingShapes.iota,
    float64: shapingKernels.iota,
    jvp: null,
    vjp: null,
    flops: () => 0,
  },
};
