/**
 * Forward differences of neighbours, with no flow through the boundary.
 *
 *   (Kx)_i = x_{i+1} − x_i for a signal;   (x_{i+1,j} − x_{ij}, x_{i,j+1} − x_{ij}) for an image, [2, H, W]
 *
 * Chambolle 2004, section 2.
 */
import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { OperatorValue } from '../../runtime/graph/ports.ts';
import { brief } from '../shared/format.ts';
import { gradientOperator } from '../shared/operators/gradient.ts';
import { hostOperator } from '../shared/operators/host.ts';
import { requireSignal } from '../shared/operators/signal.ts';
import { signalsView } from '../shared/operators/view.ts';
import { OPERATOR_OUTPUTS, SIGNAL_INPUTS } from './ports.ts';

export default defineNode({
  type: 'operator/gradient',
  version: 1,
  family: 'operator',
  title: 'Gradient',
  summary: 'Differences of neighbouring samples, along both axes of an image.',
  formula: String.raw`(Kx)_i = x_{i+1} - x_i, \qquad (Kx)_{ij} = \bigl( x_{i+1,j} - x_{ij},\; x_{i,j+1} - x_{ij} \bigr)`,
  description: [
    'Differences across the last row and column are 0. ‖K‖ is 2 cos(π/(2n)) for a signal of n samples, and at most √8 for an image. Constants are lost, so Kx determines x up to one.',
    'The picture shows the differences of a signal, or the length of the gradient of an image.',
  ],
  keywords: ['differences', 'derivative', 'edges', 'total variation', 'divergence'],
  references: [
    {
      text: 'Chambolle, An algorithm for total variation minimization and applications (2004), section 2.',
      url: 'https://doi.org/10.1023/B:JMIV.0000011325.36760.1e',
    },
  ],
  params: {},
  inputs: SIGNAL_INPUTS,
  outputs: OPERATOR_OUTPUTS,
  evaluate(context) {
    const { shape, size, truth } = requireSignal(context.input('data', 'dataset'), 'Gradient');
    const operator = gradientOperator(shape);
    const differences = hostOperator(operator).apply(Float64Array.from(truth.data));
    const isImage = shape.length === 2;
    const drawn = isImage
      ? Float64Array.from({ length: size }, (_, i) =>
          elementary.hypot(differences[i], differences[size + i]),
        )
      : differences;
    const value: OperatorValue = { kind: 'operator', operator };
    return {
      outputs: { operator: value },
      view: signalsView(isImage ? shape : operator.output, [
        { values: drawn, label: isImage ? '|Kx|' : 'Kx' },
      ]),
      status: `‖K‖ = ${brief(operator.norm)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { spacing: 1 }, message: /spacing/ }],
  },
});
