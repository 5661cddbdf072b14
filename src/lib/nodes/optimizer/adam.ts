/**
 * Adam: steps scaled by running averages of the gradient and its square.
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   x ← x − s (m/(1 − β₁^t)) / (√(v/(1 − β₂^t)) + eps)
 *
 * g is a (sub)gradient of the whole objective on minibatch t. Domain: 0 ≤ β₁, β₂ < 1, s > 0 (all live), eps > 0.
 * Kingma & Ba 2015, algorithm 1, with eps outside the root.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { sub } from '../../runtime/ir/ops.ts';
import { adamParams, adaptiveSteps } from './adaptive-steps.ts';
import { batchParams, batches } from './minibatch.ts';
import { requireNoConstraints } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { scheduleLabel, scheduleParams, scheduled } from './schedule.ts';
import { stochasticPlan } from './stochastic-plan.ts';

export default defineNode({
  type: 'optimizer/adam',
  version: 1,
  family: 'optimizer',
  title: 'Adam',
  summary: 'Steps along an average of gradients, each coordinate scaled by the size of its own.',
  formula:
    'm \\leftarrow \\beta_1 m + (1-\\beta_1) g,\\quad v \\leftarrow \\beta_2 v + (1-\\beta_2) g^2,\\quad x \\leftarrow x - s\\,\\frac{m/(1-\\beta_1^t)}{\\sqrt{v/(1-\\beta_2^t)} + \\varepsilon}',
  description: [
    'g is a gradient of the objective on a minibatch, or a subgradient where it has a kink, so every objective without constraints is accepted; non-smooth terms get no prox.',
    'Batches are drawn as for SGD. Adam may fail to converge even on convex problems with a constant step (Reddi, Kale & Kumar 2018); a falling schedule helps.',
  ],
  keywords: ['adaptive', 'stochastic', 'minibatch', 'moments', 'learning rate', 'schedule'],
  references: [
    {
      text: 'Kingma & Ba, Adam: a method for stochastic optimization (2015), algorithm 1.',
      url: 'https://arxiv.org/abs/1412.6980',
    },
    {
      text: 'Reddi, Kale & Kumar, On the convergence of Adam and beyond (2018), theorem 1.',
      url: 'https://openreview.net/forum?id=ryQu7f-RZ',
    },
  ],
  params: {
    stepSize: {
      kind: 'number',
      label: 'Step size (learning rate)',
      default: 0.01,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      live: true,
    },
    ...batchParams,
    ...adamParams,
    ...scheduleParams,
    ...runParams(2000, 0),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireNoConstraints(objective, 'Adam');
    const draws = batches(objective, params, 'Adam');
    const base = context.live('stepSize');
    const first = context.live('beta1');
    const second = context.live('beta2');
    const label = `Adam, ${draws.label}${scheduleLabel(params)}`;
    const run = stochasticPlan({
      label,
      objective,
      batches: draws,
      live: [base, first, second],
      memories: 2,
      stepSize: (step, live) => scheduled(params, live[base.key], step),
      update(x, memory, gradient, step, live) {
        const { steps, memory: next } = adaptiveSteps(gradient, memory, step, {
          stepSize: scheduled(params, live[base.key], step),
          beta1: live[first.key],
          beta2: live[second.key],
          eps: params.eps,
        });
        return { x: x.map((part, i) => sub(part, steps[i])), memory: next };
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: draws.label };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { batchSize: 0, beta1: 0, beta2: 0 }, { schedule: 'cosine', horizon: 500 }],
    invalid: [
      { params: { beta1: 1 }, message: /β₁.*expected a number in \[0, 0.999999\], got 1/ },
      { params: { beta2: -0.1 }, message: /β₂.*expected a number in \[0, 0.999999\], got -0.1/ },
      { params: { eps: 0 }, message: /ε.*expected a number > 0 and ≤ 1, got 0/ },
    ],
  },
});
