/**
 * Hinge loss of two classes.
 *
 *   f = 1/N Σᵢ max(0, 1 − sᵢ zᵢ),   s = 2y − 1 ∈ {−1, 1}
 *
 * Shapes: z [N, 1], y int [N]. Convex, with a kink at margin s z = 1: not smooth. With a squared ℓ2 term this is the linear
 * support vector machine, C = 1/(N λ).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { cast, flatten, mean, mul, relu, sub } from '../../runtime/ir/ops.ts';
import { hingeCertificate } from './certificates/hinge.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, evaluateLoss } from './objective.ts';
import { labelsOf } from './targets.ts';

export default defineNode({
  type: 'loss/hinge',
  version: 1,
  family: 'loss',
  title: 'Hinge loss',
  summary:
    'The margin loss of support vector machines: zero beyond margin 1, linear below, with a kink.',
  formula: 'f = \\frac{1}{N} \\sum_{i=1}^{N} \\max(0,\\, 1 - s_i z_i), \\qquad s_i = 2 y_i - 1',
  description: [
    'Not the negative log-likelihood of a distribution. It has a kink at margin 1, so methods that need a gradient refuse it; SGD and Adam take a subgradient (0 at the kink). Needs exactly two classes.',
    'With a squared ℓ2 term of weight λ this is the linear support vector machine with C = 1/(N λ). Its f* is known from the dual problem, for a linear model with intercept.',
  ],
  keywords: ['svm', 'support vector machine', 'margin', 'classification', 'non-smooth'],
  references: [
    {
      text: 'Cortes & Vapnik, Support-vector networks (1995), section 3.',
      url: 'https://doi.org/10.1007/BF00994018',
    },
    {
      text: 'Shalev-Shwartz et al., Pegasos (2011), equation (1), for the subgradient method.',
      url: 'https://doi.org/10.1007/s10107-010-0420-4',
    },
  ],
  params: {},
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const model = context.input('model', 'model');
    return evaluateLoss(context, {
      title: 'Hinge loss',
      formula: '\\frac{1}{N} \\sum_{i=1}^{N} \\max(0,\\, 1 - s_i z_i)',
      targets: labelsOf(model, 'hinge loss', true),
      smooth: {
        yes: false,
        reason:
          'the hinge loss has a kink at margin 1. Use the logistic loss, or SGD or Adam, which take a subgradient.',
      },
      curvature: { lower: 0 },
      value(z, labels) {
        const sign = sub(mul(cast(labels, 'float'), 2), 1);
        return mean(relu(sub(1, mul(sign, flatten(z)))));
      },
      certificate: hingeCertificate,
    });
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { reduction: 'sum' }, message: /expected one of the parameters/ }],
  },
});
