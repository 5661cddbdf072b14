/**
 * Newton's method, damped, its linear systems solved by conjugate residuals.
 *
 *   ∇²f(x) d ≈ −∇f(x),   x⁺ = x + t d,   t the first of 1, ½, ¼, … with f(x + t d) ≤ f(x) + c t ⟨∇f(x), d⟩, c = 1e-4
 *
 * The inner iteration stops at a residual of min(½, ‖∇f‖)·‖∇f‖, which keeps quadratic convergence, and where the curvature is not
 * positive: it then goes with what it has, or with −∇f. Hessians are only multiplied with. Nocedal & Wright 2006, algorithm 7.1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { add, cast, constant, mul } from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { hvp } from '../../runtime/transform/index.ts';
import { backtrackingStep } from './backtracking-step.ts';
import { smoothGradient, smoothValueAndGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { requireNoTerms, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stateLayout } from './state.ts';
import { machineEpsilon } from './trial.ts';
import { truncatedDirection } from './truncated-direction.ts';
import { axpy, innerProduct, norm } from './vectors.ts';
import { countOf } from '../../runtime/ir/shape.ts';

export default defineNode({
  type: 'optimizer/newton',
  version: 1,
  family: 'optimizer',
  title: 'Newton',
  summary: 'Newton steps by conjugate residuals on Hessian-vector products, with backtracking.',
  formula: String.raw`\nabla^2 f(x_k)\,d_k \approx -\nabla f(x_k), \qquad x_{k+1} = x_k + t_k d_k`,
  description: [
    'Near a minimum with a positive definite Hessian the number of right digits doubles with every step. Far from it, the step is halved until f falls enough.',
    'The Hessian is never formed: a product with it costs about two gradients. Where the curvature is not positive the direction falls back on the gradient, so networks are accepted. A step stays out of directions that f does not see, such as one number added to the intercepts of all classes, or features that depend on each other.',
    'All inner steps are computed, also those after the inner iteration has ended; the counts leave them out.',
  ],
  keywords: ['second order', 'hessian', 'truncated newton', 'newton-cg', 'quadratic convergence'],
  references: [
    {
      text: 'Nocedal & Wright, Numerical Optimization, 2nd ed. (2006), algorithm 7.1, theorem 7.2.',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
    {
      text: 'Dahito & Orban, The conjugate residual method in linesearch and trust-region methods, SIAM J. Optim. 29(3) (2019).',
      url: 'https://www.gerad.ca/en/papers/G-2018-50',
    },
  ],
  params: {
    innerSteps: {
      kind: 'integer',
      label: 'Inner steps at most',
      help: 'Conjugate residual steps for each direction; never more than there are unknowns.',
      default: 50,
      min: 1,
      max: 1000,
      scale: 'log',
    },
    ...runParams(30, 1e-8),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'Newton’s method');
    requireNoTerms(objective, 'Newton’s method', 'Use FISTA, or a squared ℓ2 term instead.');
    const unknowns = countOf(objective.variables);
    const most = Math.max(1, Math.min(params.innerSteps, unknowns));
    const layout = stateLayout({
      x: objective.variables.length,
      size: 1,
      steps: 1,
      products: 1,
      values: 1,
    });
    const zero = () => constant(hostInt([0], []));
    const run: RunPlan = {
      kind: 'plan',
      label: 'Newton',
      remedy:
        'Steps that raise f are refused, so the numbers are too large: standardize the features, or add a squared ℓ2 penalty.',
      objective,
      live: [],
      init: (x0) =>
        layout.pack({
          x: x0,
          size: [constant(hostScalar(1))],
          steps: [zero()],
          products: [zero()],
          values: [zero()],
        }),
      step(state, data, live) {
        const { x, steps, products, values } = layout.unpack(state);
        const problem: Problem = { objective, data, live, terms: false };
        const [f, g] = smoothValueAndGradient(problem, x);
        const epsilon = machineEpsilon(steps[0]);
        const { d, products: multiplied } = truncatedDirection({
          gradient: g,
          most,
          forcing: 0.5,
          epsilon,
          multiply: (p) => hvp((v) => objective.value(v, data, live), [...x], [...p]),
        });
        const [t, tried] = backtrackingStep(problem, x, d, f, innerProduct(g, d), epsilon);
        return layout.pack({
          x: axpy(t, d, x),
          size: [t],
          steps: [add(steps[0], 1)],
          products: [add(products[0], multiplied)],
          values: [add(values[0], tried)],
        });
      },
      parameters: (state) => [...layout.unpack(state).x],
      counters(state) {
        const part = layout.unpack(state);
        const gradients = cast(part.steps[0], 'float');
        const matvecs = cast(part.products[0], 'float');
        const values = cast(part.values[0], 'float');
        return {
          iterations: gradients,
          oracles: {
            gradients,
            values,
            prox: mul(gradients, 0),
            matvecs,
            passes: add(add(gradients, values), mul(matvecs, 2)),
          },
        };
      },
      extras: (state) => ({ stepSize: layout.unpack(state).size[0] }),
      residual: (state, data, live) =>
        norm(smoothGradient({ objective, data, live, terms: false }, layout.unpack(state).x)),
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `at most ${most} inner steps` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { innerSteps: 5, maxSteps: 10 }],
    invalid: [
      {
        params: { innerSteps: 0 },
        message: /Inner steps.*expected an integer in \[1, 1000\], got 0/,
      },
    ],
  },
});
