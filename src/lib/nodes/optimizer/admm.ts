/**
 * The alternating direction method of multipliers, scaled form, for f(x) + Σ g(Kx).
 *
 *   x⁺ = argmin f(x) + ρ/2 ‖Kx − z + u‖²,   h = α Kx⁺ + (1 − α) z,   z⁺ = prox_{g/ρ}(h + u),   u⁺ = u + h − z⁺
 *
 * f is quadratic; the x-step takes a fixed number of conjugate gradient steps from the last x. Where f = 0 and there are two terms or
 * more, one of them takes its place by its prox, the projection onto a constraint if there is one. K is the identity for terms without an
 * operator. Over-relaxation 1 ≤ α ≤ 1.8. Residual balancing doubles or halves ρ when one of ‖Kx − z‖ and ρ‖Kᵀ(z⁺ − z)‖ exceeds the
 * other tenfold, in the first 100 iterations only, so that convergence theory for a fixed ρ holds afterwards.
 * Boyd et al. 2011, sections 3.1.1, 3.4.1 and 3.4.3.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import { add, and, constant, div, greater, less, mul, select } from '../../runtime/ir/ops.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { adjointAll, applyAll, blockArrays, proxAll, stationarity } from './blocks.ts';
import { jointPrimal } from './primal.ts';
import { requireQuadratic, requireTerms } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { combined, innerSteps, problemOf, splittingCounters } from './splitting.ts';
import { stateLayout } from './state.ts';
import { axpy, minus, norm, scaled } from './vectors.ts';

const BALANCED_STEPS = 100;

export default defineNode({
  type: 'optimizer/admm',
  version: 1,
  family: 'optimizer',
  title: 'ADMM',
  summary: 'Splits the smooth part from the terms g(Kx), and lets multipliers bring them together.',
  formula:
    'x^{+} = \\arg\\min_x f(x) + \\tfrac{\\rho}{2}\\lVert Kx - z + u\\rVert^2,\\quad z^{+} = \\operatorname{prox}_{g/\\rho}(Kx^{+} + u),\\quad u^{+} = u + Kx^{+} - z^{+}',
  description: [
    'Needs a quadratic smooth part and terms g(Kx) with a known prox of g: the lasso, total variation. The x-step is a linear system, solved by conjugate gradients from the last x. Basis pursuit has no smooth part; the x-step is then the projection onto Kx = b.',
    'The residual is √(‖Kx − z‖² + ‖∇f(x) + Kᵀy‖²) with y = ρu, a subgradient of g at z; it vanishes exactly at solutions, however loosely the linear systems were solved.',
    'ρ decides how fast it goes; residual balancing adapts it in the first 100 iterations.',
  ],
  keywords: ['splitting', 'multipliers', 'augmented lagrangian', 'lasso', 'total variation'],
  references: [
    {
      text: 'Boyd, Parikh, Chu, Peleato & Eckstein, Distributed optimization and statistical learning via ADMM (2011), section 3.',
      url: 'https://doi.org/10.1561/2200000016',
    },
  ],
  params: {
    rho: {
      kind: 'number',
      label: 'ρ (penalty)',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
    },
    relaxation: { kind: 'number', label: 'α (over-relaxation)', default: 1.6, min: 1, max: 1.8 },
    balancing: { kind: 'boolean', label: 'Residual balancing', default: true },
    innerSteps,
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireQuadratic(objective, 'ADMM');
    requireTerms(objective, 'ADMM');
    const primal = jointPrimal(objective, params.innerSteps);
    const { blocks, slopes } = primal;
    const arrays = blockArrays(blocks);
    const variables = objective.variables.length;
    const layout = stateLayout({ x: variables, z: arrays, u: arrays, q: slopes, rho: 1, count: 1 });
    const alpha = params.relaxation;
    const run: RunPlan = {
      kind: 'plan',
      label: `ADMM, ρ = ${params.rho}${params.balancing ? ', balanced' : ''}`,
      remedy: 'Change the penalty ρ, or standardize the data.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const problem = problemOf(objective, data, live);
        const rho = constant(hostScalar(params.rho));
        // In the domain of g, so that the residual sees a constraint that x0 violates; the same for h.
        const z = proxAll(problem, blocks, applyAll(blocks, x0), div(1, rho));
        return layout.pack({
          x: x0,
          z,
          u: scaled(0, z),
          q: slopes > 0 ? primal.step(problem, rho, applyAll(blocks, x0), x0).slope : [],
          rho: [rho],
          count: [constant(hostInt([0], []))],
        });
      },
      step(state, data, live) {
        const {
          x,
          z,
          u,
          rho: [rho],
          count: [count],
        } = layout.unpack(state);
        const problem = problemOf(objective, data, live);
        const { x: next, slope } = primal.step(problem, rho, minus(z, u), x);
        const image = applyAll(blocks, next);
        const relaxed = axpy(1 - alpha, z, scaled(alpha, image));
        const split = proxAll(problem, blocks, axpy(1, u, relaxed), div(1, rho));
        const multiplier = axpy(1, minus(relaxed, split), u);
        const done = add(count, 1);
        if (!params.balancing) {
          return layout.pack({
            x: next,
            z: split,
            u: multiplier,
            q: slope,
            rho: [rho],
            count: [done],
          });
        }
        const apart = norm(minus(image, split));
        const dual = mul(rho, norm(adjointAll(blocks, minus(split, z))));
        const early = less(count, BALANCED_STEPS);
        const up = and(early, greater(apart, mul(dual, 10)));
        const down = and(early, greater(dual, mul(apart, 10)));
        const factor = select(up, 2, select(down, 0.5, constant(hostScalar(1))));
        return layout.pack({
          x: next,
          z: split,
          u: scaled(div(1, factor), multiplier),
          q: slope,
          rho: [mul(rho, factor)],
          count: [done],
        });
      },
      parameters(state) {
        const { x, z } = layout.unpack(state);
        // z is where the prox left its zeros, and feasible for a constraint that was split off.
        return [...(blocks[0].identity && !primal.feasible ? z.slice(0, variables) : x)];
      },
      counters: (state) => splittingCounters(layout.unpack(state).count[0], primal),
      extras: (state) => ({ penalty: layout.unpack(state).rho[0] }),
      residual(state, data, live) {
        const { x, z, u, q, rho } = layout.unpack(state);
        const slope = primal.slope(problemOf(objective, data, live), x, q);
        const y = scaled(rho[0], u);
        return combined(minus(applyAll(blocks, x), z), stationarity(blocks, slope, y));
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `ρ = ${params.rho}, α = ${alpha}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { rho: 10, relaxation: 1, balancing: false }],
    invalid: [
      { params: { rho: 0 }, message: /ρ.*expected a number > 0/ },
      { params: { relaxation: 2 }, message: /α.*expected a number in \[1, 1.8\], got 2/ },
    ],
  },
});
