/**
 * FISTA: proximal gradient from an extrapolated point, with adaptive restart.
 *
 *   x_{k+1} = prox_{s g}(y_k − s ∇f(y_k)),   t_{k+1} = (1 + √(1 + 4t_k²))/2,   y_{k+1} = x_{k+1} + (t_k − 1)/t_{k+1} (x_{k+1} − x_k)
 *
 * Needs a convex objective, a smooth data term and at most one non-smooth term.
 * Beck & Teboulle 2009, section 4; restarts of O'Donoghue & Candès 2015, section 6.1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { acceleratedPlan } from './accelerated-plan.ts';
import { requireConvex, requireOneProx, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stepParams, stepRule } from './step-rule.ts';
import { sequenceTheory } from './theory.ts';

const RESTARTS: Readonly<Record<string, { kind: 'none' | 'gradient' | 'value'; label: string }>> = {
  none: { kind: 'none', label: '' },
  gradient: { kind: 'gradient', label: ', restart by gradient' },
  value: { kind: 'value', label: ', restart by value' },
};

export default defineNode({
  type: 'optimizer/fista',
  version: 1,
  family: 'optimizer',
  title: 'FISTA',
  summary:
    'Proximal gradient with Nesterov’s momentum, and restarts when the momentum turns uphill.',
  formula:
    'x_{k+1} = \\operatorname{prox}_{s g}\\bigl(y_k - s\\nabla f(y_k)\\bigr), \\quad y_{k+1} = x_{k+1} + \\tfrac{t_k - 1}{t_{k+1}}(x_{k+1} - x_k)',
  description: [
    'Needs a convex objective with a smooth data term and at most one non-smooth term with a known proximal operator.',
    'Without restart and with s ≤ 1/L, F(x_k) − F* ≤ 2‖x₀ − x*‖²/(s(k + 1)²). Restarting resets t to 1: by gradient when the last step points against the momentum, by value when the objective rose. It often turns slow ripples into linear convergence; the bound above is then not promised.',
    'Backtracking makes one trial a step and never lets s grow, as the proof needs.',
  ],
  keywords: ['accelerated', 'momentum', 'restart', 'lasso', 'soft thresholding'],
  references: [
    {
      text: 'Beck & Teboulle, A fast iterative shrinkage-thresholding algorithm (2009), equations (4.1)–(4.3), theorem 4.4.',
      url: 'https://doi.org/10.1137/080716542',
    },
    {
      text: 'O’Donoghue & Candès, Adaptive restart for accelerated gradient schemes (2015), sections 3.2 and 6.1.',
      url: 'https://arxiv.org/abs/1204.3982',
    },
  ],
  params: {
    ...stepParams(['lipschitz', 'constant', 'backtracking']),
    restart: {
      kind: 'choice',
      label: 'Restart',
      default: 'gradient',
      options: [
        { value: 'none', label: 'none' },
        { value: 'gradient', label: 'by gradient' },
        { value: 'value', label: 'by function value' },
      ],
    },
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'FISTA');
    requireOneProx(objective, 'FISTA');
    requireConvex(objective, 'FISTA', 'Use proximal gradient, SGD or Adam.');
    const rule = stepRule(context, params, objective);
    const restart = RESTARTS[params.restart];
    const run = acceleratedPlan({
      label: `FISTA, ${rule.label}${restart.label}`,
      objective,
      rule,
      momentum: { kind: 'sequence' },
      restart: restart.kind,
      terms: true,
      theory: restart.kind === 'none' ? sequenceTheory(objective, rule) : undefined,
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: `${rule.label}${restart.label}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { restart: 'none' }, { restart: 'value', step: 'backtracking' }],
    invalid: [
      { params: { restart: 'often' }, message: /Restart.*expected one of 'none'/ },
      { params: { initialStep: 0 }, message: /expected a number > 0 and ≤ 1000000, got 0/ },
    ],
  },
});
