/**
 * The primal–dual method of Chambolle and Pock for f(x) + Σ g(Kx).
 *
 *   x⁺ = prox_{τ f}(x − τ Kᵀy),   y⁺ = prox_{σ g*}(y + σ K(2x⁺ − x)),   στ‖K‖² = 0.99
 *
 * f is quadratic; its prox takes a fixed number of conjugate gradient steps from the last x. ‖K‖² is at most the sum of the squared bounds
 * that the operators state; the prox of g* comes from that of g by Moreau's identity. The ratio τ/σ is chosen.
 * Chambolle & Pock 2011, algorithm 1 with θ = 1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import { add, constant } from '../../runtime/ir/ops.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import type { Block } from './blocks.ts';
import {
  adjointAll,
  applyAll,
  blockArrays,
  blocksOf,
  conjugateProxAll,
  stationarity,
} from './blocks.ts';
import { quadraticStep } from './quadratic-step.ts';
import { requireQuadratic, requireTerms } from './requirements.ts';
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
    'Needs a quadratic smooth part and terms g(Kx) with a known prox of g. K and its adjoint are applied once an iteration; nothing is inverted but the smooth part.',
    'The residual is √(‖(y_k − y_{k+1})/σ‖² + ‖∇f(x) + Kᵀy‖²), with the first part corrected for the extrapolation; it vanishes exactly at solutions.',
  ],
  keywords: ['primal-dual', 'splitting', 'saddle point', 'pdhg', 'total variation'],
  references: [
    {
      text: 'Chambolle & Pock, A first-order primal-dual algorithm for convex problems with applications to imaging (2011), algorithm 1.',
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
    const blocks = blocksOf(objective);
    const norm2 = blocks.reduce((total, { norm }) => total + norm ** 2, 0);
    const tau = Math.sqrt((MARGIN * params.ratio) / norm2);
    const sigma = Math.sqrt(MARGIN / (params.ratio * norm2));
    const n = objective.variables.length;
    const arrays = blockArrays(blocks);
    const layout = stateLayout({ x: n, y: arrays, gap: arrays, count: 1 });
    const own: Block = { ...identityBlock(n), regularizer: blocks[0].regularizer };
    const run: RunPlan = {
      kind: 'plan',
      label: `Chambolle–Pock, τ/σ = ${params.ratio}`,
      objective,
      live: [],
      init(x0) {
        const image = applyAll(blocks, x0);
        return layout.pack({
          x: x0,
          y: scaled(0, image),
          gap: image,
          count: [constant(hostInt([0], []))],
        });
      },
      step(state, data, live) {
        const { x, y, count } = layout.unpack(state);
        const problem = problemOf(objective, data, live);
        const target = axpy(-tau, adjointAll(blocks, y), x);
        const weight = constant(hostScalar(1 / tau));
        const next = quadraticStep(problem, [own], weight, target, x, params.innerSteps);
        const ahead = applyAll(blocks, minus(scaled(2, next), x));
        const dual = conjugateProxAll(
          problem,
          blocks,
          axpy(sigma, ahead, y),
          constant(hostScalar(sigma)),
        );
        // y⁺ is a subgradient of g at z = K(2x⁺ − x) + (y − y⁺)/σ; at a solution z = Kx⁺.
        const z = axpy(1 / sigma, minus(y, dual), ahead);
        return layout.pack({
          x: next,
          y: dual,
          gap: minus(applyAll(blocks, next), z),
          count: [add(count[0], 1)],
        });
      },
      parameters: (state) => [...layout.unpack(state).x],
      counters: (state) =>
        splittingCounters(layout.unpack(state).count[0], params.innerSteps, blocks.length),
      residual(state, data, live) {
        const { x, y, gap } = layout.unpack(state);
        return combined(gap, stationarity(problemOf(objective, data, live), blocks, x, y));
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `τ/σ = ${params.ratio}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { ratio: 100, innerSteps: 3 }],
    invalid: [{ params: { ratio: 0 }, message: /τ\/σ.*expected a number > 0/ }],
  },
});

const identityBlock = (size: number): Omit<Block, 'regularizer'> => ({
  identity: true,
  norm: 1,
  size,
  apply: (x) => [...x],
  adjoint: (y) => [...y],
});
