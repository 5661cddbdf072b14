/**
 * Total-variation denoising of a signal [n] or an image [H, W].
 *
 *   F(x) = ½‖x − y‖² + λ ‖Kx‖₁,   (Kx)_i = x_{i+1} − x_i;   for images ‖Kx‖₂,₁, the sum over pixels of the length of the gradient
 *
 * Domain: λ ≥ 0 (live). Strongly convex, so the minimiser is unique. Rudin, Osher & Fatemi 1992, in the penalised form; the certificate
 * in one dimension is the taut string of Condat 2013, in two a dual solve, each with its duality gap.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { mul, sub, sumSquares, zeros } from '../../runtime/ir/ops.ts';
import { gradientOperator } from '../shared/operators/gradient.ts';
import { requireFinite, requireSignal } from '../shared/operators/signal.ts';
import { totalVariation } from '../shared/operators/total-variation.ts';
import { denoisingCertificate } from './certificates/tv-denoising.ts';
import { LOSS_OUTPUTS } from './objective.ts';

export default defineNode({
  type: 'loss/tv-denoising',
  version: 1,
  family: 'loss',
  title: 'Total-variation denoising',
  summary:
    'A signal or image near the noisy one with few jumps: edges stay sharp where smoothing would blur.',
  formula: '\\min_x \\; \\tfrac{1}{2} \\lVert x - y \\rVert^2 + \\lambda \\sum_i |x_{i+1} - x_i|',
  description: [
    'The penalty is the ℓ1 norm of Kx with K the differences of neighbours. Its prox is not that of the ℓ1 norm, so proximal gradient and FISTA are refused; ADMM and Chambolle–Pock take K and the ℓ1 norm apart.',
    'The minimum is certified with a duality gap that is proved in double-double: by the taut-string algorithm for a signal, by fast gradient projection on the dual for an image (isotropic total variation), where f* is known to a gap of about 1e-8 of the square of its range.',
  ],
  keywords: ['rof', 'fused lasso', 'taut string', 'edges', 'inverse problem'],
  references: [
    {
      text: 'Rudin, Osher & Fatemi, Nonlinear total variation based noise removal algorithms (1992).',
      url: 'https://doi.org/10.1016/0167-2789(92)90242-F',
    },
    {
      text: 'Condat, A direct algorithm for 1-D total variation denoising (2013), section II.',
      url: 'https://doi.org/10.1109/LSP.2013.2278339',
    },
  ],
  params: {
    lambda: {
      kind: 'number',
      label: 'λ',
      help: 'Weight of the total variation.',
      default: 0.5,
      min: 0,
      max: 1e6,
      scale: 'log',
      live: true,
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Signal or image' }],
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const observed = context.input('data', 'dataset');
    const { shape } = requireSignal(observed, 'Total-variation denoising');
    const { targets } = observed;
    if (targets.kind !== 'values') {
      throw new NodeError(
        'shape',
        `Total-variation denoising (data): expected a signal or an image with noise, got '${observed.name}' without values. Use the piecewise constant signal or the image phantom.`,
        'data',
      );
    }
    const noisy = targets.values;
    requireFinite({ ...noisy, shape }, 'Total-variation denoising (data)', observed.name, 'data');
    const count = noisy.data.length;
    const lambda = context.live('lambda');
    const operator = gradientOperator(shape);
    const isImage = shape.length === 2;
    const regularizer = totalVariation(lambda);
    const dataTerm: ObjectiveValue['dataTerm'] = ([x], [y]) => mul(sumSquares(sub(x, y)), 0.5);
    const formula =
      '\\min_x \\; \\tfrac{1}{2} \\lVert x - y \\rVert^2 + \\lambda ' +
      (isImage ? '\\lVert Kx \\rVert_{2,1}' : '\\lVert Kx \\rVert_1');
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: 'Total-variation denoising',
      formula,
      variables: [{ name: 'x', shape }],
      penalized: [true],
      init: () => [zeros(shape)],
      data: [hostFloat(noisy.data, shape)],
      samples: null,
      smooth: { yes: true },
      convex: true,
      quadratic: true,
      value: dataTerm,
      terms: [],
      composed: [{ regularizer, operator }],
      smoothTerms: [],
      live: [lambda],
      dataTerm,
      constants: { lipschitzGrad: 1, strongConvexity: 1 },
      observed,
      certify: (live, signal) => denoisingCertificate(noisy.data, shape, live[lambda.key], signal),
    };
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'Unknowns', value: String(count) },
          { label: 'Convex', value: 'yes' },
          { label: '‖K‖', value: isImage ? 'at most √8' : 'at most 2' },
        ],
      },
      status: `${count} unknowns`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { lambda: 0 }],
    invalid: [
      { params: { lambda: -1 }, message: /λ.*expected a number in \[0, 1000000\], got -1/ },
    ],
  },
});
