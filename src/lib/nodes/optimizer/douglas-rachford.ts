/**
 * Douglas–Rachford splitting of f + g with the proxes of both.
 *
 *   x = prox_{s f}(w),   z = prox_{s g}(2x − w),   w⁺ = w + α (z − x)
 *
 * A quadratic f and one term, with the prox of f by a fixed number of conjugate gradient steps from the last x; or two terms and no smooth
 * part, one of them in the place of f. Domain: s > 0, 0 < α < 2.
 * Lions & Mercier 1979; Combettes & Pesquet 2011, algorithm 4.2.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import { add, constant } from '../../runtime/ir/ops.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { proxAll, stationarity } from './blocks.ts';
import { jointPrimal } from './primal.ts';
import { requireQuadratic, requireTerms, requireTwoParts } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { combined, innerSteps, problemOf, splittingCounters } from './splitting.ts';
import { stateLayout } from './state.ts';
import { axpy, minus, scaled } from './vectors.ts';

export default defineNode({
  type: 'optimizer/douglas-rachford',
  version: 1,
  family: 'optimizer',
  title: 'Douglas–Rachford',
  summary: 'Reflects at the prox of one part, then at that of the other.',
  formula:
    'x_k = \\operatorname{prox}_{s f}(w_k), \\quad z_k = \\operatorname{prox}_{s g}(2x_k - w_k), \\quad w_{k+1} = w_k + \\alpha (z_k - x_k)',
  description: [
    'Needs a quadratic smooth part and one non-smooth term with a known prox; or, without a smooth part, two such terms: basis pursuit alternates soft thresholding and the projection onto Kx = b. Any s > 0 converges; it decides how fast.',
    'The residual is √(‖x − z‖² + ‖∇f(x) + y‖²) with y = (2x − w − z)/s, a subgradient of g at z; it vanishes exactly at solutions.',
  ],
  keywords: ['splitting', 'reflection', 'proximal', 'lasso'],
  references: [
    {
      text: 'Combettes & Pesquet, Proximal splitting methods in signal processing (2011), algorithm 4.2.',
      url: 'https://arxiv.org/abs/0912.3522',
    },
    {
      text: 'Lions & Mercier, Splitting algorithms for the sum of two nonlinear operators (1979).',
      url: 'https://doi.org/10.1137/0716071',
    },
  ],
  params: {
    stepSize: {
      kind: 'number',
      label: 'Step size s',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
    },
    relaxation: { kind: 'number', label: 'α (relaxation)', default: 1, min: 0.1, max: 1.9 },
    innerSteps,
    ...runParams(1000, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireQuadratic(objective, 'Douglas–Rachford');
    requireTerms(objective, 'Douglas–Rachford');
    requireTwoParts(objective, 'Douglas–Rachford');
    const primal = jointPrimal(objective, params.innerSteps);
    const { blocks, slopes } = primal;
    const n = objective.variables.length;
    const layout = stateLayout({ w: n, x: n, z: n, y: n, q: slopes, count: 1 });
    const s = params.stepSize;
    const run: RunPlan = {
      kind: 'plan',
      label: `Douglas–Rachford, s = ${s}`,
      remedy: 'Lower the step size s.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const problem = problemOf(objective, data, live);
        const weight = constant(hostScalar(1 / s));
        return layout.pack({
          w: x0,
          x: x0,
          // In the domain of g, so that the residual sees a constraint that x0 violates; the same for h.
          z: proxAll(problem, blocks, x0, constant(hostScalar(s))),
          y: scaled(0, x0),
          q: slopes > 0 ? primal.step(problem, weight, x0, x0).slope : [],
          count: [constant(hostInt([0], []))],
        });
      },
      step(state, data, live) {
        const { w, x, count } = layout.unpack(state);
        const problem = problemOf(objective, data, live);
        const weight = constant(hostScalar(1 / s));
        const { x: near, slope } = primal.step(problem, weight, w, x);
        const reflected = minus(scaled(2, near), w);
        const z = proxAll(problem, blocks, reflected, constant(hostScalar(s)));
        return layout.pack({
          w: axpy(params.relaxation, minus(z, near), w),
          x: near,
          z,
          y: scaled(1 / s, minus(reflected, z)),
          q: slope,
          count: [add(count[0], 1)],
        });
      },
      parameters: (state) => [...layout.unpack(state)[primal.feasible ? 'x' : 'z']],
      counters: (state) => splittingCounters(layout.unpack(state).count[0], primal),
      residual(state, data, live) {
        const { x, z, y, q } = layout.unpack(state);
        const slope = primal.slope(problemOf(objective, data, live), x, q);
        return combined(minus(x, z), stationarity(blocks, slope, y));
      },
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `s = ${s}, α = ${params.relaxation}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { stepSize: 0.1, relaxation: 1.5 }],
    invalid: [
      { params: { stepSize: 0 }, message: /Step size.*expected a number > 0/ },
      { params: { relaxation: 2 }, message: /α.*expected a number in \[0.1, 1.9\], got 2/ },
    ],
  },
});
