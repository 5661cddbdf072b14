import type { LiveRef, RegularizerValue } from '../../../runtime/graph/ports.ts';
import {
  abs,
  div,
  greater,
  maximum,
  mul,
  select,
  softThreshold,
  sqrt,
  sub,
  sum,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { gradientOperator } from './gradient.ts';

/** λ Σ |z_i| of differences [n − 1], λ Σ ‖z_ij‖₂ of pairs of differences [2, H, W], z = Kx. */
export function totalVariation(lambda: LiveRef): RegularizerValue {
  return {
    kind: 'regularizer',
    title: 'Total variation',
    formula: '\\lambda \\lVert \\nabla x \\rVert_{2,1}',
    convex: true,
    smooth: false,
    live: [lambda],
    operatorOf: gradientOperator,
    variationWeight: (live) => live[lambda.key],
    value: ([z], live) => mul(live[lambda.key], sum(isPairs(z) ? lengths(z, false) : abs(z))),
    prox([z], stepSize, live) {
      const threshold = mul(stepSize, live[lambda.key]);
      if (!isPairs(z)) return [softThreshold(z, threshold)];
      const r = lengths(z, true);
      const shorter = maximum(sub(r, threshold), 0);
      return [mul(z, div(shorter, select(greater(r, 0), r, 1)))];
    },
  };
}

const isPairs = (z: Value): boolean => z.shape.length === 3;

/** ‖z_ij‖₂ of pairs [2, H, W]; its derivative where a pair is 0 is taken as 0. */
function lengths(z: Value, keep: boolean): Value {
  const squares = sum(mul(z, z), 0, keep);
  const some = greater(squares, 0);
  return select(some, sqrt(select(some, squares, 1)), 0);
}
