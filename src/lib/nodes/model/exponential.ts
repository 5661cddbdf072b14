/**
 * An exponential decay towards a level: a model with three parameters that is not linear in them.
 *
 *   z(x) = a e^{−b x} + c
 *
 * Shapes: x [B, 1] → z [B, 1]; a, b, c each [1]. The start (a₀, b₀, c₀) is given, not drawn.
 * A decay of a level c with b = 0 and a ≠ 0 has the same values as a level a + c: there the parameters are not determined.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, constant, exp, mul, neg } from '../../runtime/ir/ops.ts';
import { outputColumns } from './outputs.ts';

const startParam = (label: string, value: number) =>
  ({ kind: 'number', label, default: value, min: -1e6, max: 1e6 }) as const;

export default defineNode({
  type: 'model/exponential',
  version: 1,
  family: 'model',
  title: 'Exponential decay',
  summary: 'a e^(−bx) + c in one variable: the classical problem of nonlinear least squares.',
  formula: 'z(x) = a\\,e^{-b x} + c',
  description: [
    'Linear in a and c, not in b, so squared error is not convex in the three together. Needs data with one feature.',
    'Where b is near 0 a decay is nearly a line, and a, b and c are nearly undetermined: the Gauss–Newton matrix is then close to singular, which damping cures.',
  ],
  keywords: ['curve fitting', 'nonlinear least squares', 'relaxation', 'half-life', 'rate'],
  references: [
    {
      text: 'Nocedal & Wright, Numerical Optimization, 2nd ed. (2006), section 10.1, for fits of exponentials.',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
  ],
  params: {
    amplitude: startParam('Start a₀', 1),
    rate: startParam('Start b₀', 1),
    level: startParam('Start c₀', 0),
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const dataset = context.input('data', 'dataset');
    const D = dataset.features.shape[1];
    if (D !== 1) {
      throw new NodeError(
        'features',
        `Exponential decay: expected data with 1 feature, got ${D}. Choose one column of the table.`,
        'data',
      );
    }
    const K = outputColumns(dataset);
    if (K !== 1) {
      throw new NodeError(
        'targets',
        `Exponential decay: expected numeric targets or two classes, got ${K} classes. Use a multilayer perceptron.`,
        'data',
      );
    }
    const start = [params.amplitude, params.rate, params.level];
    const model: ModelValue = {
      kind: 'model',
      title: 'Exponential decay',
      dataset,
      parameters: ['a', 'b', 'c'].map((name) => ({ name, shape: [1], penalized: true })),
      outputs: 1,
      linear: false,
      init: () => start.map((value) => constant(hostFloat([value]))),
      apply: ([a, b, c], x) => add(mul(a, exp(neg(mul(b, x)))), c),
    };
    return { outputs: { model }, status: 'a e^(−bx) + c' };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { amplitude: -2, rate: 0.1, level: 3 }],
    invalid: [
      {
        params: { rate: 1e7 },
        message: /Start b₀.*expected a number in \[-1000000, 1000000\], got 10000000/,
      },
    ],
  },
});
