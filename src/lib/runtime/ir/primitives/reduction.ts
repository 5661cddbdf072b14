import { reductionKernels } from '../kernels/reduction.ts';
import { cast, div, equal, exp, mul, sub } from '../ops/elementwise.ts';
import { cumsum, sum } from '../ops/reduction.ts';
import { unreduce } from '../ops/shape.ts';
import { reductionShapes } from '../shape-rules/reduction.ts';
import { sizeOf } from '../shape.ts';
import type { ArrayType, Value } from '../types.ts';
import { type RuleTable, TRANSCENDENTAL } from './rule.ts';

type Reduction = keyof typeof reductionKernels;

function perInput(cost: number) {
  return (_params: unknown, [input]: readonly ArrayType[]): number => cost * sizeOf(input.shape);
}

/** The share of each element in the maximum: equal among ties, 0 elsewhere. */
function maxShares(x: Value, output: Value, axes: readonly number[]): Value {
  const ties = cast(equal(x, unreduce(output, x.shape, axes)), 'float');
  return div(ties, unreduce(sum(ties, axes), x.shape, axes));
}

/** exp(x − logsumexp(x)), which sums to 1: the same expression as in `softmax`, so that the two are computed once. */
function softmaxOf(x: Value, output: Value, axes: readonly number[]): Value {
  return exp(sub(x, unreduce(output, x.shape, axes)));
}

export const reductionRules: RuleTable<Reduction> = {
  sum: {
    shape: reductionShapes.sum,
    float64: reductionKernels.sum,
    jvp: ({ params, tangents }) => tangents[0] && sum(tangents[0], params.axes),
    vjp: ({ params, inputs, cotangent }) => [unreduce(cotangent, inputs[0].shape, params.axes)],
    flops: perInput(1),
  },
  max: {
    shape: reductionShapes.max,
    float64: reductionKernels.max,
    jvp: ({ params, inputs, output, tangents }) =>
      tangents[0] && sum(mul(tangents[0], maxShares(inputs[0], output, params.axes)), params.axes),
    vjp: ({ params, inputs, output, cotangent }) => [
      mul(
        unreduce(cotangent, inputs[0].shape, params.axes),
        maxShares(inputs[0], output, params.axes),
      ),
    ],
    flops: perInput(1),
  },
  argmax: {
    shape: reductionShapes.argmax,
    float64: reductionKernels.argmax,
    jvp: null,
    vjp: null,
    flops: perInput(1),
  },
  logsumexp: {
    shape: reductionShapes.logsumexp,
    float64: reductionKernels.logsumexp,
    jvp: ({ params, inputs, output, tangents }) =>
      tangents[0] && sum(mul(tangents[0], softmaxOf(inputs[0], output, params.axes)), params.axes),
    vjp: ({ params, inputs, output, cotangent }) => [
      mul(
        unreduce(cotangent, inputs[0].shape, params.axes),
        softmaxOf(inputs[0], output, params.axes),
      ),
    ],
    flops: perInput(TRANSCENDENTAL + 2),
  },
  cumsum: {
    shape: reductionShapes.cumsum,
    float64: reductionKernels.cumsum,
    jvp: ({ params, tangents }) => tangents[0] && cumsum(tangents[0], params.axis, params.reverse),
    vjp: ({ params, cotangent }) => [cumsum(cotangent, params.axis, !params.reverse)],
    flops: perInput(1),
  },
};
