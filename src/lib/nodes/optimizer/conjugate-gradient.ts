/**
 * The conjugate gradient method for A x = b.
 *
 *   s = rᵀr/pᵀAp,  x⁺ = x + s p,  r⁺ = r − s A p,  p⁺ = r⁺ + (r⁺ᵀr⁺/rᵀr) p,   r₀ = p₀ = b − A x₀
 *
 * Needs an objective whose minimisers solve A x = b with A symmetric positive semidefinite: squared error with a linear or kernel
 * model and squared ℓ2 terms, or a quadratic. Only products with A are formed. Saad 2003, algorithm 6.18.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { add, cast, constant, div, greater, mul, select } from '../../runtime/ir/ops.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { requireLinearSystem } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stateLayout } from './state.ts';
import { axpy, innerProduct, minus, norm, squaredNorm } from './vectors.ts';

export default defineNode({
  type: 'optimizer/conjugate-gradient',
  version: 1,
  family: 'optimizer',
  title: 'Conjugate gradients',
  summary: 'Solves the linear system of a quadratic objective from products with its matrix alone.',
  formula: String.raw`s_k = \frac{r_k^\top r_k}{p_k^\top A p_k},\quad x_{k+1} = x_k + s_k p_k,\quad r_{k+1} = r_k - s_k A p_k`,
  description: [
    'In exact arithmetic it ends after as many steps as A has distinct eigenvalues. The energy ½xᵀAx − bᵀx falls with every step; the residual ‖b − A x‖ need not.',
    'For kernel ridge regression the system is (K + NλI)α = y, and products with K are formed by blocks of rows, so that memory is linear in N.',
    'Live values should stay as they are during a run: the directions are conjugate for one matrix only.',
  ],
  keywords: ['cg', 'krylov', 'matrix-free', 'linear system', 'least squares'],
  references: [
    {
      text: 'Hestenes & Stiefel, Methods of conjugate gradients for solving linear systems (1952), section 3.',
      url: 'https://doi.org/10.6028/jres.049.044',
    },
    {
      text: 'Saad, Iterative Methods for Sparse Linear Systems, 2nd ed. (2003), algorithm 6.18.',
      url: 'https://www-users.cse.umn.edu/~saad/IterMethBook_2ndEd.pdf',
    },
  ],
  params: runParams(200, 1e-6),
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    const system = requireLinearSystem(objective, 'Conjugate gradients');
    if (system.unsolvable !== undefined)
      throw new NodeError('singular', `Conjugate gradients: ${system.unsolvable}`, 'objective');
    const variables = objective.variables.length;
    const layout = stateLayout({ x: variables, r: variables, p: variables, steps: 1 });
    const run: RunPlan = {
      kind: 'plan',
      label: 'Conjugate gradients',
      remedy:
        system.remedy ??
        'The matrix is too near to singular for this precision: standardize the features, or add a squared ℓ2 penalty.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const r = minus(system.rhs(data, live), system.apply(x0, data, live));
        return layout.pack({ x: x0, r, p: r, steps: [constant(hostInt([0], []))] });
      },
      step(state, data, live) {
        const { x, r, p, steps } = layout.unpack(state);
        const product = system.apply(p, data, live);
        const before = squaredNorm(r);
        const curvature = innerProduct(p, product);
        // At the solution there is no direction left: the step is 0.
        const moves = greater(curvature, 0);
        const size = div(select(moves, before, 0), select(moves, curvature, 1));
        const residual = axpy(mul(size, -1), product, r);
        const some = greater(before, 0);
        const beta = div(select(some, squaredNorm(residual), 0), select(some, before, 1));
        return layout.pack({
          x: axpy(size, p, x),
          r: residual,
          p: axpy(beta, p, residual),
          steps: [add(steps[0], 1)],
        });
      },
      parameters: (state) => [...layout.unpack(state).x],
      counters(state) {
        const iterations = cast(layout.unpack(state).steps[0], 'float');
        const none = mul(iterations, 0);
        const matvecs = add(iterations, 1);
        return {
          iterations,
          oracles: {
            gradients: none,
            values: none,
            prox: none,
            matvecs,
            passes: mul(matvecs, 2),
          },
        };
      },
      extras(state, data, live) {
        const { x, r } = layout.unpack(state);
        const b = system.rhs(data, live);
        return { energy: mul(add(innerProduct(x, b), innerProduct(x, r)), -0.5) };
      },
      residual: (state, data, live) =>
        norm(minus(system.rhs(data, live), system.apply(layout.unpack(state).x, data, live))),
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: 'matrix-free' };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { maxSteps: 10, tolerance: 0 }],
    invalid: [{ params: { maxSteps: 0 }, message: /expected an integer in \[1, 1000000\], got 0/ }],
  },
});
