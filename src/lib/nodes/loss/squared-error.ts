/**
 * Half the mean squared error.
 *
 *   f = 1/(2N) Σᵢ (zᵢ − yᵢ)²
 *
 * The negative log-likelihood of y ~ N(z, 1), up to a constant, averaged over N samples. Normalised as scikit-learn's Lasso and
 * ElasticNet are; its Ridge minimises ‖z − y‖² + α‖w‖², so α = N λ.
 * Shapes: z [N, 1], y float [N]. One sample's curvature in z is 1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { div, flatten, sub, sumSquares } from '../../runtime/ir/ops.ts';
import { squaredErrorCertificate } from './certificates/squared-error.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, evaluateLoss } from './objective.ts';
import { valuesOf } from './targets.ts';

export default defineNode({
  type: 'loss/squared-error',
  version: 1,
  family: 'loss',
  title: 'Squared error',
  summary:
    'Half the mean squared error: the negative log-likelihood of targets with Gaussian noise.',
  formula: 'f = \\frac{1}{2N} \\sum_{i=1}^{N} (z_i - y_i)^2',
  description: [
    'The negative log-likelihood of y ~ N(z, 1) averaged over the samples, without its constant ½ log 2π. Needs numeric targets.',
    'The factor 1/(2N) is that of scikit-learn’s Lasso and ElasticNet, so their alpha is λ here. Ridge has no such factor: its alpha is N λ.',
    'With a linear model f* is known: by the normal equations without an ℓ1 term, by coordinate descent with a duality gap with one.',
  ],
  keywords: ['least squares', 'mse', 'regression', 'gaussian', 'l2 loss'],
  references: [
    {
      text: 'Bishop, Pattern Recognition and Machine Learning (2006), equation (3.12).',
    },
    {
      text: 'Friedman, Hastie & Tibshirani, Regularization paths for generalized linear models via coordinate descent (2010), equation (1).',
      url: 'https://doi.org/10.18637/jss.v033.i01',
    },
  ],
  params: {},
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const model = context.input('model', 'model');
    return evaluateLoss(context, {
      title: 'Squared error',
      formula: '\\frac{1}{2N} \\sum_{i=1}^{N} (z_i - y_i)^2',
      targets: valuesOf(model, 'squared error'),
      smooth: { yes: true },
      curvature: { lower: 1, upper: 1 },
      leastSquares: true,
      value: (z, y) => div(sumSquares(sub(flatten(z), y)), 2 * y.shape[0]),
      certificate: squaredErrorCertificate,
    });
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { reduction: 'sum' }, message: /expected one of the parameters/ }],
  },
});
