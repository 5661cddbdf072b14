/**
 * Logistic loss of two classes.
 *
 *   f = 1/N Σᵢ log(1 + exp zᵢ) − yᵢ zᵢ,   y ∈ {0, 1}
 *
 * The negative log-likelihood of y ~ Bernoulli(σ(z)), averaged over N samples. Shapes: z [N, 1], y int [N].
 * One sample's curvature σ(z)(1 − σ(z)) is at most 1/4.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { cast, flatten, mean, mul, softplus, sub } from '../../runtime/ir/ops.ts';
import { crossEntropyCertificate } from './certificates/likelihood.ts';
import { kernelLogisticCertificate } from './certificates/kernel-logistic.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, evaluateLoss } from './objective.ts';
import { labelsOf } from './targets.ts';

export default defineNode({
  type: 'loss/logistic',
  version: 1,
  family: 'loss',
  title: 'Logistic loss',
  summary: 'The negative log-likelihood of two classes with log-odds z.',
  formula: 'f = \\frac{1}{N} \\sum_{i=1}^{N} \\log(1 + e^{z_i}) - y_i z_i',
  description: [
    'The negative log-likelihood of y ~ Bernoulli(σ(z)) averaged over the samples; y is 1 for the second class. Needs exactly two classes.',
    'On separable data without a regularizer there is no minimum: the weights grow for ever and f tends to 0. With a squared ℓ2 term and a linear model, f* is known from Newton’s method; with a kernel machine too, up to 1000 samples.',
  ],
  keywords: [
    'logistic regression',
    'binary',
    'classification',
    'bernoulli',
    'cross-entropy',
    'log loss',
  ],
  references: [
    { text: 'Bishop, Pattern Recognition and Machine Learning (2006), equation (4.90).' },
  ],
  params: {},
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const model = context.input('model', 'model');
    return evaluateLoss(context, {
      title: 'Logistic loss',
      formula: '\\frac{1}{N} \\sum_{i=1}^{N} \\log(1 + e^{z_i}) - y_i z_i',
      targets: labelsOf(model, 'logistic loss', true),
      smooth: { yes: true },
      curvature: { lower: 0, upper: 0.25 },
      value(z, labels) {
        const logit = flatten(z);
        return mean(sub(softplus(logit), mul(cast(labels, 'float'), logit)));
      },
      certificate: crossEntropyCertificate,
      kernelCertificate: kernelLogisticCertificate,
    });
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { reduction: 'sum' }, message: /expected one of the parameters/ }],
  },
});
