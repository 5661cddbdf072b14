/** Second derivatives of the functions that automatic differentiation elsewhere has got wrong. */
import { hostFloat } from '../../../src/lib/runtime/ir/host.ts';
import {
  logsumexp,
  max,
  mul,
  sigmoid,
  softmax,
  softplus,
  sum,
  tanh,
} from '../../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import { hvp } from '../../../src/lib/runtime/transform/index.ts';
import type { HostArray, Program, Value } from '../../../src/lib/runtime/ir/types.ts';

/** Scalar functions of a [4, 5] array. */
export const CURVED: Readonly<Record<string, (x: Value) => Value>> = {
  tanh: (x) => sum(tanh(x)),
  sigmoid: (x) => sum(sigmoid(x)),
  softplus: (x) => sum(softplus(x)),
  logsumexp: (x) => sum(logsumexp(x, 1)),
  'a square of softmax': (x) => sum(mul(softmax(x, 1), softmax(x, 1))),
  'a square of max': (x) => sum(mul(max(x, 1), max(x, 1))),
  'x·sigmoid(x)': (x) => sum(mul(x, sigmoid(x))),
};

/** Each row has its own scale: near 0, moderate, and so large that a careless formula overflows. */
const X = [
  -0.02, 0.01, 0, 0.03, -0.04, -2.5, 1.25, 0.5, 3, -0.75, -30, 20, 15, -12, 40, 95, -100, 120, 90,
  -400,
];
const DIRECTION = [1, -0.5, 0.25, 2, -1];

export function curvatureProgram(name: string): { program: Program; inputs: HostArray[] } {
  const x = hostFloat(X.map(Math.fround), [4, 5]);
  const v = hostFloat(
    X.map((_, i) => DIRECTION[i % 5]),
    [4, 5],
  );
  const program = trace((a, d) => hvp(([z]) => CURVED[name](z), [a], [d]), [x, v]);
  return { program, inputs: [x, v] };
}
