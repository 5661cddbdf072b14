/**
 * The primal–dual method of Chambolle and Pock for f(x) + Σ g(Kx).
 *
 *   x⁺ = prox_{τ f}(x − τ Kᵀy),   y⁺ = prox_{σ g*}(y + σ K(x⁺ + θ(x⁺ − x))),   στ‖K‖² = 0.99
 *
 * f is quadratic; its prox takes a fixed number of conjugate gradient steps from the last x. Where f = 0 and there are two terms or more,
 * the first without an operator takes its place. ‖K‖² is at most the sum of the squared bounds that the operators state; the prox of g*
 * comes from that of g by Moreau's identity. The ratio τ/σ at the start is chosen.
 * Chambolle & Pock 2011, algorithm 1 with θ = 1; accelerated, algorithm 2: θ = 1/√(1 + 2γτ), τ⁺ = θτ, σ⁺ = σ/θ with f γ-strongly convex,
 * where ‖x_k − x*‖² falls as 1/k² (theorem 2).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import { add, constant, div, mul, sqrt } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import {
  adjointAll,
  applyAll,
  blockArrays,
  conjugateProxAll,
  proxAll,
  stationarity,
} from './blocks.ts';
import { tracedStrongConvexity } from './constants.ts';
import { separatePrimal } from './primal.ts';
import { requireQuadratic, requireStrongConvexity, requireTerms } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { combined, innerSteps, problemOf, splittingCounters } from './splitting.ts';
import { stateLayout } from './state.ts';
import { axpy, minus, scaled } from './vectors.ts';

const MARGIN = 0.99;

export default defineNode({
  type: 'optimizer/chambolle-pock',
  version: 1,
  family: 'optimizer',
  title: 'Chambolle–Pock',
  summary: 'Steps in the unknowns and in the dual variables of the terms g(Kx) by turns.',
  formula:
    'x^{+} = \\operatorname{prox}_{\\tau f}(x - \\tau K^\\top y), \\quad y^{+} = \\operatorname{prox}_{\\sigma g^*}\\bigl(y + \\sigma K(2x^{+} - x)\\bigr), \\quad \\sigma\\tau\\lVert K\\rVert^2 < 1',
  description: [
    'Needs a quadratic smooth part and terms g(Kx) with a known prox of g, or no smooth part and two terms. K and its adjoint are applied once an iteration; nothing is inverted but the smooth part.',
    'Accelerated it uses that the smooth part is strongly convex: the primal step shrinks as 1/k, and ‖x − x*‖² falls as 1/k². For a data term that is not strongly convex, such as that of a mask, it is refused.',
    'The residual is √(‖(y_k − y_{k+1})/σ‖² + ‖∇f(x) + Kᵀy‖²), with the first part corrected for the extrapolation; it vanishes exactly at solutions.',
  ],
  keywords: ['primal-dual', 'splitting', 'saddle point', 'pdhg', 'total variation'],
  references: [
    {
      text: 'Chambolle & Pock, A first-order primal-dual algorithm for convex problems with applications to imaging (2011), algorithms 1 and 2.',
      url: 'https://doi.org/10.1007/s10851-010-0251-1',
    },
  ],
  params: {
    ratio: {
      kind: 'number',
      label: 'τ/σ',
      help: 'The primal over the dual step.',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e9,
      scale: 'log',
    },
    accelerated: {
      kind: 'boolean',
      label: 'Accelerated',
      help: 'Shrinks τ and grows σ as the iteration goes on; needs a strongly convex smooth part, such as ½‖x − b‖².',
      default: false,
    },
    innerSteps,
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireQuadratic(objective, 'Chambolle–Pock');
    requireTerms(objective, 'Chambolle–Pock');
    const { accelerated } = params;
    if (accelerated) requireStrongConvexity(objective, 'The accelerated Chambolle–Pock method');
    const primal = separatePrimal(objective, params.innerSteps);
    const { blocks, slopes } = primal;
    // K = 0 takes any step.
    const norm2 = blocks.reduce((total, { norm }) => total + norm ** 2, 0) || 1;
    const tau0 = Math.sqrt((MARGIN * params.ratio) / norm2);
    const sigma0 = Math.sqrt(MARGIN / (params.ratio * norm2));
    const n = objective.variables.length;
    const arrays = blockArrays(blocks);
    const layout = stateLayout({
      x: n,
      y: arrays,
      gap: arrays,
      q: slopes,
      tau: accelerated ? 1 : 0,
      count: 1,
    });
    const run: RunPlan = {
      kind: 'plan',
      label: `Chambolle–Pock${accelerated ? ', accelerated' : ''}, τ/σ = ${params.ratio}`,
      remedy: 'Its steps keep στ‖K‖² < 1, so the numbers are too large: scale the data.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const problem = problemOf(objective, data, live);
        const image = applyAll(blocks, x0);
        const tau = constant(hostScalar(tau0));
        return layout.pack({
          x: x0,
          y: scaled(0, image),
          // To the domain of g, so that the residual sees a constraint that x0 violates; the same for h.
          gap: minus(image, proxAll(problem, blocks, image, constant(hostScalar(1 / sigma0)))),
          q: slopes > 0 ? primal.step(problem, div(1, tau), x0, x0).slope : [],
          tau: accelerated ? [tau] : [],
          count: [constant(hostInt([0], []))],
        });
      },
      step(state, data, live) {
        const { x, y, tau, count } = layout.unpack(state);
        const problem = problemOf(objective, data, live);
        const primalStep = accelerated ? tau[0] : constant(hostScalar(tau0));
        const target = minus(x, scaled(primalStep, adjointAll(blocks, y)));
        const { x: next, slope } = primal.step(problem, div(1, primalStep), target, x);
        const theta = accelerated ? extrapolation(objective, primalStep, live) : 1;
        const nextStep = mul(primalStep, theta);
        const dualStep = accelerated ? div(tau0 * sigma0, nextStep) : constant(hostScalar(sigma0));
        const ahead = applyAll(blocks, axpy(theta, minus(next, x), next));
        const dual = conjugateProxAll(problem, blocks, axpy(dualStep, ahead, y), dualStep);
        // y⁺ is a subgradient of g at z = K(x⁺ + θ(x⁺ − x)) + (y − y⁺)/σ; at a solution z = Kx⁺.
        const z = axpy(div(1, dualStep), minus(y, dual), ahead);
        return layout.pack({
          x: next,
          y: dual,
          gap: minus(applyAll(blocks, next), z),
          q: slope,
          tau: accelerated ? [nextStep] : [],
          count: [add(count[0], 1)],
        });
      },
      parameters: (state) => [...layout.unpack(state).x],
      counters: (state) => splittingCounters(layout.unpack(state).count[0], primal),
      residual(state, data, live) {
        const { x, y, gap, q } = layout.unpack(state);
        const slope = primal.slope(problemOf(objective, data, live), x, q);
        return combined(gap, stationarity(blocks, slope, y));
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return {
      outputs: { run },
      status: `τ/σ = ${params.ratio}${accelerated ? ', accelerated' : ''}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { ratio: 100, innerSteps: 3 }, { accelerated: true }],
    invalid: [{ params: { ratio: 0 }, message: /τ\/σ.*expected a number > 0/ }],
  },
});

/** θ = 1/√(1 + 2γτ). */
const extrapolation = (objective: ObjectiveValue, tau: Value, live: LiveValues): Value =>
  div(1, sqrt(add(mul(mul(tracedStrongConvexity(objective, live), tau), 2), 1)));
