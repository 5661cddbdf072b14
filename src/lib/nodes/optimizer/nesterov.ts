/**
 * Nesterov's accelerated gradient method.
 *
 *   x_{k+1} = y_k − s ∇f(y_k),   y_{k+1} = x_{k+1} + β_k (x_{k+1} − x_k)
 *
 * β_k = (t_k − 1)/t_{k+1} (convex; Nesterov 1983, Beck & Teboulle 2009, section 4), (1 − √(μs))/(1 + √(μs)) (μ-strongly convex;
 * Nesterov 2004, scheme (2.2.11)), or a live constant. Needs a smooth objective.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, div, mul, sqrt, sub } from '../../runtime/ir/ops.ts';
import { acceleratedPlan } from './accelerated-plan.ts';
import type { Momentum } from './accelerated-plan.ts';
import { strongConvexityOf, tracedStrongConvexity } from './constants.ts';
import { requireConvex, requireNoTerms, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stepParams, stepRule } from './step-rule.ts';
import { sequenceTheory, strongTheory } from './theory.ts';

function strongMomentum(objective: ObjectiveValue): Momentum {
  return {
    kind: 'constant',
    beta(stepSize, live) {
      const q = sqrt(mul(tracedStrongConvexity(objective, live), stepSize));
      return div(sub(1, q), add(q, 1));
    },
  };
}

export default defineNode({
  type: 'optimizer/nesterov',
  version: 1,
  family: 'optimizer',
  title: 'Nesterov',
  summary:
    'Gradient steps from a point extrapolated by momentum: the optimal rate for smooth convex problems.',
  formula: 'x_{k+1} = y_k - s\\nabla f(y_k), \\quad y_{k+1} = x_{k+1} + \\beta_k (x_{k+1} - x_k)',
  description: [
    'Automatic momentum is (1 − √(μs))/(1 + √(μs)) where strong convexity μ > 0 is known and the step is not backtracked, else (t − 1)/t⁺ with t⁺ = (1 + √(1 + 4t²))/2.',
    'With s = 1/L the first gives f(x_k) − f* ≤ (1 − √(μ/L))^k (f₀ − f* + μ‖x₀ − x*‖²/2), the second 2L‖x₀ − x*‖²/(k + 1)².',
    'The automatic and the two named momenta need a convex objective. A constant β works on any smooth objective, without a guarantee.',
  ],
  keywords: ['accelerated', 'momentum', 'agd', 'nag', 'acceleration'],
  references: [
    {
      text: 'Nesterov, Introductory Lectures on Convex Optimization (2004), scheme (2.2.11), theorem 2.2.3.',
      url: 'https://doi.org/10.1007/978-1-4419-8853-9',
    },
    {
      text: 'Beck & Teboulle, A fast iterative shrinkage-thresholding algorithm (2009), theorem 4.4.',
      url: 'https://doi.org/10.1137/080716542',
    },
  ],
  params: {
    ...stepParams(['lipschitz', 'constant', 'backtracking']),
    momentum: {
      kind: 'choice',
      label: 'Momentum',
      default: 'auto',
      options: [
        { value: 'auto', label: 'automatic' },
        { value: 'strong', label: '(1 − √(μs))/(1 + √(μs))' },
        { value: 'sequence', label: '(t − 1)/t⁺' },
        { value: 'constant', label: 'constant β' },
      ],
    },
    beta: {
      kind: 'number',
      label: 'β',
      default: 0.9,
      min: 0,
      max: 1,
      live: true,
      visibleWhen: { param: 'momentum', in: ['constant'] },
    },
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'Nesterov');
    requireNoTerms(objective, 'Nesterov', 'Use FISTA, or a squared ℓ2 term instead.');
    if (params.momentum !== 'constant') {
      requireConvex(objective, 'Nesterov', 'Choose a constant β, or use SGD or Adam.');
    }
    const rule = stepRule(context, params, objective);
    const common = {
      objective,
      rule,
      restart: 'none' as const,
      terms: true,
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    if (params.momentum === 'constant') {
      const beta = context.live('beta');
      const run = acceleratedPlan({
        ...common,
        label: `Nesterov, ${rule.label}, constant β`,
        momentum: { kind: 'constant', beta: (_, live) => live[beta.key] },
        live: [beta],
      });
      return { outputs: { run }, status: `${rule.label}, constant β` };
    }
    const known = strongConvexityOf(objective, context.liveValues) > 0 && !rule.backtracking;
    if (params.momentum === 'strong' && !known) {
      throw new NodeError(
        'requirement',
        'Nesterov (momentum): expected known strong convexity μ > 0 and a step that is not backtracked, got neither or one of them. Use the momentum (t − 1)/t⁺.',
        'objective',
      );
    }
    const strong = known && params.momentum !== 'sequence';
    const run = acceleratedPlan({
      ...common,
      label: `Nesterov, ${rule.label}${strong ? ', momentum from μ' : ''}`,
      momentum: strong ? strongMomentum(objective) : { kind: 'sequence' },
      theory: strong ? strongTheory(objective, rule) : sequenceTheory(objective, rule),
    });
    return { outputs: { run }, status: `${rule.label}${strong ? ', momentum from μ' : ''}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { momentum: 'sequence' }, { momentum: 'constant', beta: 0.5 }],
    invalid: [
      { params: { beta: 1.5 }, message: /β.*expected a number in \[0, 1\], got 1.5/ },
      { params: { momentum: 'heavy' }, message: /Momentum.*expected one of 'auto'/ },
    ],
  },
});
