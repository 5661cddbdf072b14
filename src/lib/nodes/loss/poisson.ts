/**
 * Poisson loss of counts, with the logarithm as link.
 *
 *   f = 1/N Σᵢ exp(zᵢ) − yᵢ zᵢ,   y ∈ {0, 1, 2, …}
 *
 * The negative log-likelihood of y ~ Poisson(exp z), averaged over N samples, without its constant log y!. Shapes: z [N, 1],
 * y float [N]. One sample's curvature exp z is positive and unbounded: there is no Lipschitz constant of the gradient.
 * McCullagh & Nelder 1989, section 6.2.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { exp, flatten, mean, mul, sub } from '../../runtime/ir/ops.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { poissonCertificate } from './certificates/likelihood.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, evaluateLoss } from './objective.ts';
import { valuesOf } from './targets.ts';

export default defineNode({
  type: 'loss/poisson',
  version: 1,
  family: 'loss',
  title: 'Poisson loss',
  summary: 'The negative log-likelihood of counts whose logarithmic rate is the output.',
  formula: 'f = \\frac{1}{N} \\sum_{i=1}^{N} e^{z_i} - y_i z_i',
  description: [
    'The negative log-likelihood of y ~ Poisson(exp z) averaged over the samples, without its constant log y!. Targets are counts: whole numbers from 0.',
    'Convex in z, but its curvature exp z has no bound, so a step of 1/L is not available for the whole space. Standardise the features, and use a line search or Adam.',
    'With squared ℓ2 terms or none and a linear model, f* is known from Newton’s method; where counts of 0 leave no minimum, it is an infimum.',
  ],
  keywords: ['counts', 'log link', 'poisson regression', 'glm', 'rates', 'likelihood'],
  references: [
    { text: 'McCullagh & Nelder, Generalized Linear Models, 2nd ed. (1989), section 6.2.' },
  ],
  params: {},
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const model = context.input('model', 'model');
    return evaluateLoss(context, {
      title: 'Poisson loss',
      formula: '\\frac{1}{N} \\sum_{i=1}^{N} e^{z_i} - y_i z_i',
      targets: counts(valuesOf(model, 'Poisson loss')),
      mayBeNegative: true,
      smooth: { yes: true },
      curvature: { lower: 0 },
      value(z, y) {
        const rate = flatten(z);
        return mean(sub(exp(rate), mul(y, rate)));
      },
      certificate: poissonCertificate,
    });
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { reduction: 'sum' }, message: /expected one of the parameters/ }],
  },
});

function counts(targets: HostArray): HostArray {
  const wrong = targets.data.findIndex((y) => !(Number.isInteger(y) && y >= 0));
  if (wrong < 0) return targets;
  throw new NodeError(
    'targets',
    `Poisson loss: expected counts, whole numbers from 0, got ${targets.data[wrong]} in sample ${wrong + 1}. Use squared error for other values.`,
    'model',
  );
}
