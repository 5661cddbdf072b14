/**
 * Gauss–Newton and Levenberg–Marquardt steps for a loss ℓ of a model's outputs z(x), by conjugate residuals.
 *
 *   G = JᵀHJ,   J = ∂z/∂x,   H = ∇²ℓ(z),   (G + μI) d ≈ −∇f(x),   x⁺ = x + t d
 *
 * G is the Hessian without the curvature of the model, so it is positive semidefinite for a convex loss; a rest of f besides the loss (squared ℓ2
 * terms, the norm of a kernel machine) adds its exact Hessian. G is multiplied with, as a forward and a reverse derivative of z, never formed.
 * Without damping μ = 0 and t is the first of 1, ½, ¼, … with sufficient decrease (Nocedal & Wright 2006, section 10.3; Schraudolph 2002, section 3.1).
 * With damping t = 1 and μ follows the gain ratio ρ = (f(x) − f(x + d))/(m(0) − m(d)), m the quadratic model with G: Madsen, Nielsen & Tingleff 2004,
 * algorithm 3.16, with τ times the curvature of G along ∇f(x₀) instead of its largest diagonal element as the first μ.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { add, cast, constant, mul } from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { backtrackingStep } from './backtracking-step.ts';
import { smoothGradient, smoothValueAndGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { curvatureAlong, dampedStep, gaussNewtonProduct } from './damped-trial.ts';
import { requireNoTerms, requireOutputLoss, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stateLayout } from './state.ts';
import { machineEpsilon } from './trial.ts';
import { truncatedDirection } from './truncated-direction.ts';
import { axpy, innerProduct, norm } from './vectors.ts';
import { countOf } from '../../runtime/ir/shape.ts';

export default defineNode({
  type: 'optimizer/gauss-newton',
  version: 1,
  family: 'optimizer',
  title: 'Gauss–Newton',
  summary:
    'Gauss–Newton or Levenberg–Marquardt steps by conjugate residuals: Newton’s method without the curvature of the model.',
  formula: String.raw`(J_k^\top H_k J_k + \mu_k I)\,d_k \approx -\nabla f(x_k), \qquad x_{k+1} = x_k + t_k d_k`,
  description: [
    'For squared error H is the identity over N and this is nonlinear least squares; for other convex losses it is the generalized Gauss–Newton method. Where the outputs fit the targets exactly at the minimum, convergence is quadratic; else it is linear, the faster the smaller the residuals. For a linear model it is Newton’s method.',
    'Levenberg–Marquardt adds μ to the matrix and adapts it: a step that lowers f about as much as the quadratic model promised lowers μ to a third, a refused one raises it ever faster and stays at the point; refused trials are not counted as iterations. Without damping the step is halved until f falls enough.',
    'Products with the matrix cost about two gradients. All inner steps are computed, also those after the inner iteration has ended; the counts leave them out.',
  ],
  keywords: [
    'levenberg-marquardt',
    'nonlinear least squares',
    'second order',
    'ggn',
    'curve fitting',
  ],
  references: [
    {
      text: 'Nocedal & Wright, Numerical Optimization, 2nd ed. (2006), section 10.3.',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
    {
      text: 'Madsen, Nielsen & Tingleff, Methods for non-linear least squares problems, 2nd ed. (2004), algorithm 3.16.',
      url: 'https://www2.imm.dtu.dk/pubdb/edoc/imm3215.pdf',
    },
    {
      text: 'Schraudolph, Fast curvature matrix-vector products for second-order gradient descent (2002), section 3.1.',
      url: 'https://doi.org/10.1162/08997660260028683',
    },
    {
      text: 'Dahito & Orban, The conjugate residual method in linesearch and trust-region methods, SIAM J. Optim. 29(3) (2019).',
      url: 'https://www.gerad.ca/en/papers/G-2018-50',
    },
  ],
  params: {
    damping: {
      kind: 'choice',
      label: 'Damping',
      default: 'levenberg-marquardt',
      options: [
        { value: 'levenberg-marquardt', label: 'Levenberg–Marquardt' },
        { value: 'none', label: 'none, backtracking' },
      ],
    },
    initialDamping: {
      kind: 'number',
      label: 'First damping τ',
      help: 'The first μ is τ times the curvature along the first gradient; small where the start is good.',
      default: 1e-3,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      visibleWhen: { param: 'damping', in: ['levenberg-marquardt'] },
    },
    innerSteps: {
      kind: 'integer',
      label: 'Inner steps at most',
      help: 'Conjugate residual steps for each direction; never more than there are unknowns.',
      default: 50,
      min: 1,
      max: 1000,
      scale: 'log',
    },
    forcing: {
      kind: 'number',
      label: 'Inner tolerance η',
      help: 'A direction is good enough when its residual is at most min(η, ‖∇f‖)·‖∇f‖.',
      default: 0.5,
      min: 0,
      max: 0.99,
    },
    ...runParams(50, 1e-8),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'Gauss–Newton');
    requireNoTerms(objective, 'Gauss–Newton', 'Use FISTA, or a squared ℓ2 term instead.');
    const split = requireOutputLoss(objective, 'Gauss–Newton');
    const most = Math.max(1, Math.min(params.innerSteps, countOf(objective.variables)));
    const inner = { most, forcing: params.forcing };
    const damped = params.damping === 'levenberg-marquardt';
    const layout = stateLayout({
      x: objective.variables.length,
      size: 1,
      damping: 3,
      trials: 1,
      taken: 1,
      products: 1,
      values: 1,
    });
    const zero = () => constant(hostInt([0], []));
    const one = () => constant(hostScalar(1));
    const run: RunPlan = {
      kind: 'plan',
      label: damped ? 'Levenberg–Marquardt' : 'Gauss–Newton',
      remedy: damped
        ? 'Raise the first damping τ, or standardize the features.'
        : 'Choose Levenberg–Marquardt as the damping, or standardize the features.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const none = zero();
        const start = () => {
          if (!damped) return [constant(hostScalar(0)), one(), constant(hostScalar(0))];
          const gradient = smoothGradient({ objective, data, live, terms: false }, x0);
          const product = gaussNewtonProduct(split, x0, data, live)(gradient);
          const curvature = curvatureAlong(gradient, product);
          // Damping below the rounding of G has no effect, and from 0 it could not grow again.
          const floor = mul(curvature, machineEpsilon(none));
          return [mul(curvature, params.initialDamping), mul(one(), 2), floor];
        };
        return layout.pack({
          x: x0,
          size: [one()],
          damping: start(),
          trials: [none],
          taken: [zero()],
          products: [zero()],
          values: [zero()],
        });
      },
      step(state, data, live) {
        const { x, damping, trials, taken, products, values } = layout.unpack(state);
        const problem: Problem = { objective, data, live, terms: false };
        const product = gaussNewtonProduct(split, x, data, live);
        const epsilon = machineEpsilon(trials[0]);
        const next = add(trials[0], 1);
        if (damped) {
          const trial = dampedStep(problem, x, damping, epsilon, inner, product);
          return layout.pack({
            x: trial.x,
            size: [cast(trial.taken, 'float')],
            damping: [trial.mu, trial.nu, damping[2]],
            trials: [next],
            taken: [add(taken[0], trial.taken)],
            products: [add(products[0], trial.products)],
            values: [add(values[0], 1)],
          });
        }
        const [f, gradient] = smoothValueAndGradient(problem, x);
        const found = truncatedDirection({ ...inner, gradient, epsilon, multiply: product });
        const slope = innerProduct(gradient, found.d);
        const [t, tried] = backtrackingStep(problem, x, found.d, f, slope, epsilon);
        return layout.pack({
          x: axpy(t, found.d, x),
          size: [t],
          damping,
          trials: [next],
          taken: [add(taken[0], 1)],
          products: [add(products[0], found.products)],
          values: [add(values[0], tried)],
        });
      },
      parameters: (state) => [...layout.unpack(state).x],
      counters(state) {
        const part = layout.unpack(state);
        // The first damping takes a gradient and a product.
        const setup = damped ? 1 : 0;
        const gradients = add(cast(part.trials[0], 'float'), setup);
        const matvecs = add(cast(part.products[0], 'float'), setup);
        const values = cast(part.values[0], 'float');
        return {
          iterations: cast(part.taken[0], 'float'),
          oracles: {
            gradients,
            values,
            prox: mul(gradients, 0),
            matvecs,
            passes: add(add(gradients, values), mul(matvecs, 2)),
          },
        };
      },
      extras(state) {
        const { size, damping } = layout.unpack(state);
        return { stepSize: size[0], ...(damped && { damping: damping[0] }) };
      },
      residual: (state, data, live) =>
        norm(smoothGradient({ objective, data, live, terms: false }, layout.unpack(state).x)),
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `at most ${most} inner steps` };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { damping: 'none', innerSteps: 5, maxSteps: 10 },
      { initialDamping: 1, forcing: 0 },
    ],
    invalid: [
      {
        params: { damping: 'trust-region' },
        message: /Damping.*expected one of 'levenberg-marquardt'/,
      },
      {
        params: { initialDamping: 0 },
        message: /First damping τ.*expected a number > 0 and ≤ 1000000, got 0/,
      },
    ],
  },
});
