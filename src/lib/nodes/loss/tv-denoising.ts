/**
 * Total-variation denoising of a signal [n].
 *
 *   F(x) = ½‖x − y‖² + λ ‖Kx‖₁,   (Kx)_i = x_{i+1} − x_i
 *
 * Domain: λ ≥ 0 (live). Strongly convex, so the minimiser is unique. Rudin, Osher & Fatemi 1992, in the penalised form; the certificate
 * in one dimension is the taut string of Condat 2013, with its duality gap.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue, RegularizerValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { abs, mul, softThreshold, sub, sum, sumSquares, zeros } from '../../runtime/ir/ops.ts';
import { gradientOperator } from '../shared/operators/gradient.ts';
import { signalGap, tautString } from './certificates/taut-string.ts';
import { LOSS_OUTPUTS } from './objective.ts';

export default defineNode({
  type: 'loss/tv-denoising',
  version: 1,
  family: 'loss',
  title: 'Total-variation denoising',
  summary:
    'A signal near the noisy one with few jumps: edges stay sharp where smoothing would blur.',
  formula: '\\min_x \\; \\tfrac{1}{2} \\lVert x - y \\rVert^2 + \\lambda \\sum_i |x_{i+1} - x_i|',
  description: [
    'The penalty is the ℓ1 norm of Kx with K the differences of neighbours. Its prox is not that of the ℓ1 norm, so proximal gradient and FISTA are refused; ADMM and Chambolle–Pock take K and the ℓ1 norm apart.',
    'The minimum is certified by the taut-string algorithm in float64, with its duality gap.',
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
  inputs: [{ name: 'data', type: 'dataset', label: 'Signal' }],
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const observed = context.input('data', 'dataset');
    const { grid, targets } = observed;
    if (grid === undefined || grid.shape.length !== 1 || targets.kind !== 'values') {
      throw new NodeError(
        'shape',
        `Total-variation denoising (data): expected a signal on a line, got '${observed.name}'. Use the piecewise constant signal.`,
        'data',
      );
    }
    const { shape } = grid;
    const noisy = targets.values;
    const lambda = context.live('lambda');
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'Total variation',
      formula: '\\lambda \\lVert Kx \\rVert_1',
      convex: true,
      smooth: false,
      live: [lambda],
      value: ([z], live) => mul(live[lambda.key], sum(abs(z))),
      prox: ([z], stepSize, live) => [softThreshold(z, mul(stepSize, live[lambda.key]))],
    };
    const dataTerm: ObjectiveValue['dataTerm'] = ([x], [y]) => mul(sumSquares(sub(x, y)), 0.5);
    const formula =
      '\\min_x \\; \\tfrac{1}{2} \\lVert x - y \\rVert^2 + \\lambda \\lVert Kx \\rVert_1';
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
      composed: [{ regularizer, operator: gradientOperator(shape) }],
      smoothTerms: [],
      live: [lambda],
      dataTerm,
      constants: { lipschitzGrad: 1, strongConvexity: 1 },
      observed,
      certify(live) {
        const weight = live[lambda.key];
        const minimiser = tautString(noisy.data, weight);
        return Promise.resolve({
          ...signalGap(noisy.data, minimiser, weight),
          method: 'taut string',
          precision: 'float64',
          minimiser: [hostFloat(minimiser)],
        });
      },
    };
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'Unknowns', value: String(shape[0]) },
          { label: 'Convex', value: 'yes' },
          { label: '‖K‖', value: 'at most 2' },
        ],
      },
      status: `${shape[0]} unknowns`,
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
