/**
 * Stochastic gradient descent with momentum and a step schedule.
 *
 *   v_{k+1} = m v_k + g_k,   x_{k+1} = x_k − s_k v_{k+1}            (Nesterov: x_{k+1} = x_k − s_k (g_k + m v_{k+1}))
 *
 * g_k is a (sub)gradient of the whole objective on minibatch k. Domain: 0 ≤ m < 1, s > 0 (both live).
 * The form of PyTorch and of Sutskever et al. 2013 up to where the step size multiplies: theirs is v ← m v − s g, x ← x + v.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { batchParams, batches } from './minibatch.ts';
import { requireNoConstraints } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { scheduleLabel, scheduleParams, scheduled } from './schedule.ts';
import { stochasticPlan } from './stochastic-plan.ts';
import { axpy } from './vectors.ts';
import { neg } from '../../runtime/ir/ops.ts';

export default defineNode({
  type: 'optimizer/sgd',
  version: 1,
  family: 'optimizer',
  title: 'SGD',
  summary:
    'Steps along the gradient of a few samples at a time, with momentum and a step schedule.',
  formula: 'v_{k+1} = m\\,v_k + g_k, \\qquad x_{k+1} = x_k - s_k\\, v_{k+1}',
  description: [
    'g is a gradient of the objective on a minibatch, or a subgradient where it has a kink, so every objective without constraints is accepted; non-smooth terms get no prox, so ℓ1 solutions are small but not exactly sparse.',
    'Without replacement each epoch visits a new permutation of the samples; samples that do not fill a batch are left out of that epoch. With replacement every batch is drawn from all samples, independent of those before. Runs on one graph see the same batches.',
    'With a constant step it ends in a ball around a solution; on convex problems a step that falls like 1/√k or 1/k converges. Theorems of the rate assume sampling with replacement: on a strongly convex smooth f and without momentum a step s/√k gives E f(x_k) − f* = O(1/√k) (Moulines & Bach 2011, theorem 1), and no better, for near the solution it tends to s/(4√k) times the variance of the gradient. Without replacement errors of one epoch cancel in part, and the rate is better. Momentum is in the form of PyTorch: the step size multiplies the velocity.',
  ],
  keywords: [
    'stochastic',
    'minibatch',
    'momentum',
    'nesterov',
    'subgradient',
    'learning rate',
    'schedule',
  ],
  references: [
    {
      text: 'Robbins & Monro, A stochastic approximation method (1951).',
      url: 'https://doi.org/10.1214/aoms/1177729586',
    },
    {
      text: 'Moulines & Bach, Non-asymptotic analysis of stochastic approximation algorithms for machine learning (2011), theorem 1.',
      url: 'https://papers.nips.cc/paper/4316-non-asymptotic-analysis-of-stochastic-approximation-algorithms-for-machine-learning',
    },
    {
      text: 'Sutskever et al., On the importance of initialization and momentum in deep learning (2013), equations (1)–(4).',
      url: 'https://proceedings.mlr.press/v28/sutskever13.html',
    },
    {
      text: 'Loshchilov & Hutter, SGDR (2017), equation (5), for the cosine schedule.',
      url: 'https://arxiv.org/abs/1608.03983',
    },
  ],
  params: {
    stepSize: {
      kind: 'number',
      label: 'Step size (learning rate)',
      default: 0.1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      live: true,
    },
    ...batchParams,
    momentum: {
      kind: 'number',
      label: 'Momentum m',
      default: 0,
      min: 0,
      max: 0.9999,
      live: true,
    },
    nesterov: { kind: 'boolean', label: 'Nesterov momentum', default: false },
    ...scheduleParams,
    ...runParams(2000, 0),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireNoConstraints(objective, 'SGD');
    const draws = batches(objective, params, 'SGD');
    const base = context.live('stepSize');
    const momentum = context.live('momentum');
    const label = `SGD, ${draws.label}${scheduleLabel(params)}${params.nesterov ? ', Nesterov' : ''}`;
    const run = stochasticPlan({
      label,
      objective,
      batches: draws,
      live: [base, momentum],
      memories: 1,
      stepSize: (step, live) => scheduled(params, live[base.key], step),
      update(x, velocity, gradient, step, live) {
        const m = live[momentum.key];
        const memory = axpy(m, velocity, gradient);
        const direction = params.nesterov ? axpy(m, memory, gradient) : memory;
        const size = scheduled(params, live[base.key], step);
        return { x: axpy(neg(size), direction, x), memory };
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: draws.label };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { batchSize: 0, momentum: 0.9, nesterov: true },
      { schedule: 'step', horizon: 100, decay: 0.1 },
      { sampling: 'replacement', schedule: 'inverse-sqrt', horizon: 1 },
    ],
    invalid: [
      { params: { momentum: 1 }, message: /Momentum m.*expected a number in \[0, 0.9999\], got 1/ },
      { params: { batchSize: -1 }, message: /Batch size.*expected an integer in \[0, 1000000\]/ },
      { params: { decay: 0 }, message: /Decay γ.*expected a number > 0 and ≤ 1, got 0/ },
      { params: { sampling: 'importance' }, message: /Sampling.*expected one of 'epochs'/ },
      { params: { schedule: 'warm' }, message: /Schedule.*expected one of 'constant'/ },
    ],
  },
});
