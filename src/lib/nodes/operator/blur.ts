/**
 * Convolution with a Gaussian of standard deviation σ pixels along each axis, cut off at 4σ.
 *
 *   (Kx)_i = Σ_k w_k x_{i+k},   w_k ∝ exp(−k²/(2σ²)),  Σ w_k = 1
 *
 * Domain: σ > 0. Circular or reflecting boundary. Hansen, Nagy & O'Leary 2006, chapter 4.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { OperatorValue } from '../../runtime/graph/ports.ts';
import { brief } from '../shared/format.ts';
import { blurOperator } from '../shared/operators/blur.ts';
import { hostOperator } from '../shared/operators/host.ts';
import { describeShape, requireSignal } from '../shared/operators/signal.ts';
import { signalsView } from '../shared/operators/view.ts';
import { OPERATOR_OUTPUTS, SIGNAL_INPUTS, axesEffort, requireSides } from './ports.ts';

export default defineNode({
  type: 'operator/blur',
  version: 1,
  family: 'operator',
  title: 'Gaussian blur',
  summary: 'Averages each sample with its neighbours, with Gaussian weights.',
  formula: String.raw`(Kx)_i = \sum_{|k| \le 4\sigma} w_k\, x_{i+k}, \qquad w_k \propto e^{-k^2/(2\sigma^2)}, \quad \sum_k w_k = 1`,
  description: [
    'Images are blurred along both axes, as two products with matrices. ‖K‖ = 1: constants are kept. High frequencies are damped by exp(−σ²θ²/2), so that the inverse amplifies noise without bound: deblurring needs a penalty.',
    'Beyond the ends the image is mirrored at the edge of its last pixels (reflecting), or repeated (circular), as SciPy’s gaussian_filter does with mode reflect or wrap.',
  ],
  keywords: ['convolution', 'deblurring', 'deconvolution', 'point spread function', 'smoothing'],
  references: [
    {
      text: 'Hansen, Nagy & O’Leary, Deblurring Images: Matrices, Spectra, and Filtering (2006), chapter 4.',
      url: 'https://doi.org/10.1137/1.9780898718874',
    },
  ],
  params: {
    sigma: {
      kind: 'number',
      label: 'Width σ',
      help: 'Standard deviation of the Gaussian.',
      default: 1.5,
      min: 0,
      exclusiveMin: true,
      max: 100,
      unit: 'pixels',
    },
    boundary: {
      kind: 'choice',
      label: 'Boundary',
      default: 'reflecting',
      options: [
        { value: 'reflecting', label: 'reflecting' },
        { value: 'circular', label: 'circular' },
      ],
    },
  },
  inputs: SIGNAL_INPUTS,
  outputs: OPERATOR_OUTPUTS,
  evaluate(context) {
    const { sigma, boundary } = context.params;
    const { shape, truth } = requireSignal(context.input('data', 'dataset'), 'Gaussian blur');
    requireSides(shape, 'Gaussian blur');
    context.reserve(axesEffort(shape));
    const side = Math.min(...shape.filter((n) => n > 1), Infinity);
    if (4 * sigma > side) {
      throw new NodeError(
        'range',
        `Gaussian blur (sigma): expected 4σ of at most the shorter side, ${side}, got σ = ${sigma}. Lower σ, or take a larger image.`,
        'sigma',
      );
    }
    const operator = blurOperator(
      shape,
      sigma,
      boundary === 'circular' ? 'circular' : 'reflecting',
    );
    const blurred = hostOperator(operator).apply(Float64Array.from(truth.data));
    const value: OperatorValue = { kind: 'operator', operator };
    return {
      outputs: { operator: value },
      view: signalsView(shape, [
        { values: truth.data, label: 'x', dashed: true },
        { values: blurred, label: 'Kx' },
      ]),
      status: `σ = ${brief(sigma)}, ${boundary}, ${describeShape(shape)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { sigma: 0.3, boundary: 'circular' }],
    invalid: [
      { params: { sigma: 0 }, message: /Width σ.*expected a number > 0/ },
      { params: { boundary: 'zero' }, message: /Boundary.*expected one of 'reflecting'/ },
      { params: { sigma: 50 }, message: /expected 4σ of at most the shorter side, 24, got σ = 50/ },
    ],
  },
});
