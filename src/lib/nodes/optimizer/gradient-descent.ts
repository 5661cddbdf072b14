/**
 * Gradient descent.
 *
 *   x_{k+1} = x_k − s ∇f(x_k)
 *
 * Needs a smooth objective. Steps: 1/L; 2/(L + μ); a live constant; backtracking, one trial a step.
 * Nesterov 2004, section 2.1.5.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { gradientPlan } from './gradient-plan.ts';
import { requireNoTerms, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stepParams, stepRule } from './step-rule.ts';

export default defineNode({
  type: 'optimizer/gradient-descent',
  version: 1,
  family: 'optimizer',
  title: 'Gradient descent',
  summary: 'Steps against the gradient of the whole data set.',
  formula: 'x_{k+1} = x_k - s\\,\\nabla f(x_k)',
  description: [
    'Needs a smooth objective. On one with an ℓ1 norm or elastic net it refuses, unless told to descend on the smooth part only: then it minimises f without the non-smooth terms, while its curve still shows the whole objective.',
    'With s = 1/L and f convex, f(x_k) − f* ≤ L‖x₀ − x*‖²/(4k + 2); if f is μ-strongly convex, it falls by (1 − μ/L)² a step, and by ((κ − 1)/(κ + 1))² with s = 2/(L + μ).',
    'Backtracking makes one trial a step: it takes the step where the quadratic upper bound holds, else stays and halves s. Refused trials are counted as gradients and values, not as iterations.',
  ],
  keywords: ['gd', 'steepest descent', 'full batch', 'backtracking', 'learning rate'],
  references: [
    {
      text: 'Nesterov, Introductory Lectures on Convex Optimization (2004), section 2.1.5, theorems 2.1.14 and 2.1.15.',
      url: 'https://doi.org/10.1007/978-1-4419-8853-9',
    },
    {
      text: 'Drori & Teboulle, Performance of first-order methods for smooth convex minimization (2014), section 3.',
      url: 'https://arxiv.org/abs/1206.3209',
    },
    {
      text: 'Taylor, Hendrickx & Glineur, Exact worst-case convergence rates of the proximal gradient method (2018).',
      url: 'https://arxiv.org/abs/1705.04398',
    },
  ],
  params: {
    ...stepParams(['lipschitz', 'optimal', 'constant', 'backtracking']),
    smoothPartOnly: {
      kind: 'boolean',
      label: 'Smooth part only',
      help: 'Leaves non-smooth terms out of the iteration instead of refusing them.',
      default: false,
    },
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'Gradient descent');
    const partial = params.smoothPartOnly && objective.terms.length > 0;
    if (!partial) {
      requireNoTerms(
        objective,
        'Gradient descent',
        'Use proximal gradient or FISTA, a squared ℓ2 term instead, or descend on the smooth part only.',
      );
    }
    const rule = stepRule(context, params, objective);
    const name = partial ? 'GD on the smooth part' : 'Gradient descent';
    const run = gradientPlan({
      label: `${name}, ${rule.label}`,
      objective,
      rule,
      terms: !partial,
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: rule.label };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { step: 'constant', stepSize: 0.5 },
      { step: 'backtracking', initialStep: 10 },
      { smoothPartOnly: true, tolerance: 0 },
    ],
    invalid: [
      { params: { stepSize: 0 }, message: /expected a number > 0 and ≤ 1000000, got 0/ },
      { params: { step: 'exact' }, message: /Step rule.*expected one of 'lipschitz'/ },
      { params: { maxSteps: 0 }, message: /expected an integer in \[1, 1000000\], got 0/ },
      { params: { tolerance: -1 }, message: /Tolerance.*expected a number in \[0, 1000000\]/ },
    ],
  },
});
