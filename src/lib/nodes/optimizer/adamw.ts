/**
 * AdamW: Adam with weight decay beside the adaptive step, not inside the gradient.
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   x ← (1 − s λ) x − s (m/(1 − β₁^t)) / (√(v/(1 − β₂^t)) + eps)
 *
 * g is a (sub)gradient of the objective on minibatch t, without the decay; only weights decay, biases do not. Domain: λ ≥ 0, the others as
 * Adam's. Loshchilov & Hutter 2019, algorithm 2, in PyTorch's parametrisation: the paper's decay is η_t λ with η_t the schedule alone, here it is
 * s λ with s the step size times the schedule, so the paper's λ is s₀ λ for a step size s₀.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { mul, sub } from '../../runtime/ir/ops.ts';
import { adamParams, adaptiveSteps } from './adaptive-steps.ts';
import { batchParams, batches } from './minibatch.ts';
import { requireNoConstraints } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { scheduleLabel, scheduleParams, scheduled } from './schedule.ts';
import { stochasticPlan } from './stochastic-plan.ts';

export default defineNode({
  type: 'optimizer/adamw',
  version: 1,
  family: 'optimizer',
  title: 'AdamW',
  summary: 'Adam whose weights also shrink by a fixed share each step, whatever their gradient.',
  formula:
    'x \\leftarrow (1 - s\\lambda)\\,x - s\\,\\frac{m/(1-\\beta_1^t)}{\\sqrt{v/(1-\\beta_2^t)} + \\varepsilon}, \\quad m, v \\text{ as for Adam}',
  description: [
    'A squared ℓ2 term in the objective is scaled by Adam like every gradient, so weights with large gradients are penalised less; decay beside the step is not. The two differ for adaptive methods, and the decay is no term of the objective: f is reported without it, and with λ > 0 the method does not stop at a minimiser of f.',
    'A step takes s λ of each weight, as in PyTorch’s AdamW(lr = s, weight_decay = λ); s is the present step size, with its schedule. In algorithm 2 of the paper the decay leaves out the step size, so its λ is the product of both here. Biases do not decay.',
    'Batches are drawn as for SGD; non-smooth terms get a subgradient and no prox.',
  ],
  keywords: ['weight decay', 'decoupled', 'adaptive', 'stochastic', 'minibatch', 'learning rate'],
  references: [
    {
      text: 'Loshchilov & Hutter, Decoupled weight decay regularization (2019), algorithm 2.',
      url: 'https://openreview.net/forum?id=Bkg6RiCqY7',
    },
    {
      text: 'PyTorch, torch.optim.AdamW.',
      url: 'https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html',
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
    weightDecay: {
      kind: 'number',
      label: 'Weight decay λ',
      help: 'Each step takes λ times the step size of every weight; 0 is Adam.',
      default: 0.01,
      min: 0,
      max: 1e3,
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
    requireNoConstraints(objective, 'AdamW');
    const draws = batches(objective, params, 'AdamW');
    const base = context.live('stepSize');
    const decay = context.live('weightDecay');
    const first = context.live('beta1');
    const second = context.live('beta2');
    const run = stochasticPlan({
      label: `AdamW, ${draws.label}${scheduleLabel(params)}`,
      objective,
      batches: draws,
      live: [base, decay, first, second],
      memories: 2,
      stepSize: (step, live) => scheduled(params, live[base.key], step),
      update(x, memory, gradient, step, live) {
        const stepSize = scheduled(params, live[base.key], step);
        const { steps, memory: next } = adaptiveSteps(gradient, memory, step, {
          stepSize,
          beta1: live[first.key],
          beta2: live[second.key],
          eps: params.eps,
        });
        const kept = sub(1, mul(stepSize, live[decay.key]));
        const moved = x.map((part, i) =>
          sub(objective.penalized[i] ? mul(kept, part) : part, steps[i]),
        );
        return { x: moved, memory: next };
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    });
    return { outputs: { run }, status: draws.label };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { batchSize: 0, weightDecay: 0 }, { schedule: 'cosine', horizon: 500 }],
    invalid: [
      {
        params: { weightDecay: -0.1 },
        message: /Weight decay λ.*expected a number in \[0, 1000\], got -0.1/,
      },
      { params: { beta1: 1 }, message: /β₁.*expected a number in \[0, 0.999999\], got 1/ },
    ],
  },
});
