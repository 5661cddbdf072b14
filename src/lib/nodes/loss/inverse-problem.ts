/**
 * A signal or image from its observation through a linear operator, with penalties.
 *
 *   F(x) = ½‖Kx − b‖² + Σ g(x),   x in the shape of the signal [n] or image [H, W]
 *
 * Penalties of the form g(Dx), such as total variation, stay composed. The data term is quadratic with ‖∇²f‖ = ‖K‖². Without an
 * observation K is the identity and b the noisy signal. Chambolle & Pock 2016, section 2.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { LinearOperator, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, mul, sub, sumSquares, zeros } from '../../runtime/ir/ops.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { brief } from '../shared/format.ts';
import { observationOf } from '../shared/operators/observation.ts';
import { describeShape, requireSignal } from '../shared/operators/signal.ts';
import { bindRegularizer, numberedFormula } from './bind.ts';
import { inverseProblemCertificate } from './certificates/inverse-problem.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, uniqueLive } from './objective.ts';
import { quadraticSystem } from './quadratic-system.ts';

export default defineNode({
  type: 'loss/inverse-problem',
  version: 1,
  family: 'loss',
  title: 'Inverse problem',
  summary: 'A signal or image whose blurred, masked or transformed values fit what was observed.',
  formula: String.raw`\min_x \; \tfrac12 \lVert Kx - b \rVert^2 + \sum_j g_j(x)`,
  description: [
    'Wire an observation, and penalties that say what a good image is: total variation for flat pieces, the ℓ1 norm for few nonzeros, the squared ℓ2 norm for small values. Without an observation K is the identity, and it is a denoising problem.',
    'FISTA takes one penalty with a known prox. Total variation is a norm of differences, which ADMM and Chambolle–Pock take apart. With squared ℓ2 terms alone, conjugate gradients solve it.',
    'f* is certified by a duality gap, proved in double-double, for any sum of ℓ1, squared ℓ2 and total-variation terms; for other penalties, and for images too large for such a solve, there is none.',
  ],
  keywords: ['deblurring', 'inpainting', 'deconvolution', 'compressed sensing', 'tikhonov', 'tv'],
  references: [
    {
      text: 'Chambolle & Pock, An introduction to continuous optimization for imaging (2016), section 2.',
      url: 'https://doi.org/10.1017/S096249291600009X',
    },
    {
      text: 'Kim, Koh, Lustig, Boyd & Gorinevsky, An interior-point method for large-scale ℓ1-regularized least squares (2007), section III.B (duality gap).',
      url: 'https://doi.org/10.1109/JSTSP.2007.910971',
    },
  ],
  params: {},
  inputs: [{ name: 'data', type: 'dataset', label: 'Observation' }, LOSS_INPUTS[1]],
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const observed = context.input('data', 'dataset');
    const { shape, size } = requireSignal(observed, 'Inverse problem');
    const { operator: K, values: b } = observationOf(observed, 'Inverse problem');
    const regularizers = context.list('regularizer', 'regularizer');
    const composed = regularizers.flatMap((regularizer) => {
      const operator = regularizer.operatorOf?.(shape);
      return operator ? [{ regularizer, operator }] : [];
    });
    const direct = regularizers
      .filter(({ operatorOf }) => operatorOf === undefined)
      .map((regularizer) => bindRegularizer(regularizer, [true]));
    const smoothTerms = direct.filter((g) => g.smooth);
    const terms = direct.filter((g) => !g.smooth);
    const dataTerm: ObjectiveValue['dataTerm'] = ([x], [values]) =>
      mul(sumSquares(sub(K.apply(x), values)), 0.5);
    const value: ObjectiveValue['value'] = (x, data, live) =>
      smoothTerms.reduce((total, g) => add(total, g.value(x, live)), dataTerm(x, data, live));
    const variables = [{ name: 'x', shape }];
    const quadratic = smoothTerms.every((g) => g.elasticWeights !== undefined);
    const formula = `\\min_x \\; \\tfrac{1}{2} \\lVert Kx - b \\rVert^2${numberedFormula(regularizers)}`;
    const certify = inverseProblemCertificate(K, b, regularizers);
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: ['Inverse problem', ...regularizers.map((g) => g.title)].join(' + '),
      formula,
      variables,
      penalized: [true],
      init: () => [zeros(shape)],
      data: [b],
      samples: null,
      smooth: { yes: true },
      convex: regularizers.every((g) => g.convex),
      quadratic,
      nonnegative: true,
      value,
      terms,
      composed,
      smoothTerms,
      live: uniqueLive(regularizers),
      dataTerm,
      constants: { lipschitzGrad: K.norm ** 2, strongConvexity: (K.lowerBound ?? 0) ** 2 },
      observed,
      ...(certify && { certify }),
      ...(quadratic &&
        terms.length + composed.length === 0 && {
          linearSystem: quadraticSystem(variables, value),
        }),
    };
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'K', value: K.title },
          { label: 'Unknowns', value: describeShape(shape) },
          { label: 'Observed', value: String(observedCount(K, b)) },
          { label: 'Convex', value: objective.convex ? 'yes' : 'no' },
          { label: '‖K‖', value: brief(K.norm) },
        ],
      },
      status: `${size} unknowns, ${observedCount(K, b)} observed`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { lambda: 1 }, message: /lambda/ }],
  },
});

/** Entries that K observes. */
function observedCount({ support }: LinearOperator, b: HostArray): number {
  if (!support) return b.data.length;
  let count = 0;
  for (const kept of support.data) count += kept;
  return count;
}
