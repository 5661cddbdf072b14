/**
 * Proximal gradient (ISTA for an ℓ1 term): a gradient step on f, then the prox of g.
 *
 *   x_{k+1} = prox_{s g}(x_k − s ∇f(x_k))
 *
 * Needs a smooth data term and at most one non-smooth term; without one it is gradient descent.
 * Beck & Teboulle 2009, equation (1.4), and with backtracking the method of section 3.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { gradientPlan } from './gradient-plan.ts';
import { requireOneProx, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stepParams, stepRule } from './step-rule.ts';

export default defineNode({
  type: 'optimizer/proximal-gradient',
  version: 1,
  family: 'optimizer',
  title: 'Proximal gradient (ISTA)',
  summary: 'A gradient step on the smooth part, then the proximal operator of the non-smooth term.',
  formula: 'x_{k+1} = \\operatorname{prox}_{s g}\\bigl(x_k - s\\,\\nabla f(x_k)\\bigr)',
  description: [
    'Needs a smooth data term and at most one non-smooth term, whose proximal operator must be known. With an ℓ1 norm the prox is soft thresholding and the method is called ISTA.',
    'With s ≤ 1/L and a convex objective, F(x_k) − F* ≤ ‖x₀ − x*‖²/(2sk).',
    'Backtracking makes one trial a step: it takes the step where the quadratic upper bound holds, else stays and halves s.',
  ],
  keywords: ['ista', 'forward-backward', 'soft thresholding', 'lasso', 'splitting'],
  references: [
    {
      text: 'Beck & Teboulle, A fast iterative shrinkage-thresholding algorithm (2009), equation (1.4), theorem 3.1.',
      url: 'https://doi.org/10.1137/080716542',
    },
    {
      text: 'Taylor, Hendrickx & Glineur, Exact worst-case convergence rates of the proximal gradient method (2018).',
      url: 'https://arxiv.org/abs/1705.04398',
    },
  ],
  params: { ...stepParams(['lipschitz', 'constant', 'backtracking']), ...runParams(1000, 1e-6) },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'Proximal gradient');
    requireOneProx(objective, 'Proximal gradient');
    const rule = stepRule(context, params, objective);
    const run = gradientPlan({
      label: `ISTA, ${rule.label}`,
      objective,
      rule,
      terms: true,
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: rule.label };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { step: 'constant', stepSize: 0.5 }, { step: 'backtracking', initialStep: 10 }],
    invalid: [
      { params: { stepSize: -1 }, message: /expected a number > 0 and ≤ 1000000, got -1/ },
      { params: { step: 'optimal' }, message: /Step rule.*expected one of 'lipschitz'/ },
    ],
  },
});
