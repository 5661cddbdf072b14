/**
 * The solution of a linear system by a factorization in float64, in one step.
 *
 *   A = L Lᵀ,   x = L⁻ᵀ L⁻¹ b;      X = UΣVᵀ,   w = V (Σ² + NλI)⁻¹ Σ Uᵀ y
 *
 * Needs an objective whose minimisers solve A x = b with a known matrix: by Cholesky kernel ridge regression, (K + NλI)α = y, to N = 3000, and
 * quadratics; by a singular value decomposition of the features squared error with a linear model and squared ℓ2 terms.
 * Golub & Van Loan, Matrix Computations, 4th ed., algorithm 4.2.2, sections 5.5 and 6.1.4.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { add, cast, constant, mul } from '../../runtime/ir/ops.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import { requireLinearSystem } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stateLayout } from './state.ts';
import { minus, norm } from './vectors.ts';

export default defineNode({
  type: 'optimizer/direct',
  version: 1,
  family: 'optimizer',
  title: 'Direct solver',
  summary: 'Solves least squares, ridge and kernel ridge regression by a factorization.',
  formula:
    'A = L L^\\top,\\; x = L^{-\\top} L^{-1} b \\qquad X = U \\Sigma V^\\top,\\; w = V (\\Sigma^2 + N\\lambda I)^{-1} \\Sigma U^\\top y',
  description: [
    'The factorization is computed in float64 on the host before the run, whatever the device; the run has one step, from the start to the solution. The residual is ‖A x − b‖.',
    'Kernel ridge regression takes about N³/3 operations and 2N² numbers of memory, so N is at most 3000; conjugate gradients take any N. Its λ is a parameter of the model, and changing it means another factorization.',
    'A linear model with squared error is solved from the singular values of its features, whose squares are never formed: accurate where the normal equations lose all digits. One decomposition serves every λ, so the solution follows a live λ, and where features depend on each other it is the one of least norm.',
  ],
  keywords: [
    'cholesky',
    'svd',
    'closed form',
    'exact',
    'normal equations',
    'ridge',
    'linear system',
  ],
  references: [
    {
      text: 'Golub & Van Loan, Matrix Computations, 4th ed. (2013), algorithm 4.2.2, sections 5.5 and 6.1.4.',
    },
  ],
  params: { tolerance: runParams(1, 1e-4).tolerance },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  async evaluate(context) {
    const objective = context.input('objective', 'objective');
    const system = requireLinearSystem(objective, 'The direct solver');
    if (!system.factorize) {
      throw new NodeError(
        'requirement',
        `The direct solver needs a known matrix; '${objective.title}' is known by its products only. Use conjugate gradients.`,
        'objective',
      );
    }
    const factorized = await system.factorize(context.signal, context.reserve);
    const layout = stateLayout({ x: objective.variables.length, steps: 1 });
    const run: RunPlan = {
      kind: 'plan',
      label: `Direct (${factorized.method})`,
      remedy:
        'The numbers are too large for a factorization: standardize the features, or raise λ.',
      objective,
      live: [],
      init: (x0) => layout.pack({ x: x0, steps: [constant(hostInt([0], []))] }),
      step: (state, _data, live) =>
        layout.pack({
          x: factorized.solve(live),
          steps: [add(layout.unpack(state).steps[0], 1)],
        }),
      parameters: (state) => [...layout.unpack(state).x],
      counters(state) {
        const iterations = cast(layout.unpack(state).steps[0], 'float');
        const none = mul(iterations, 0);
        return {
          iterations,
          oracles: { gradients: none, values: none, prox: none, matvecs: none, passes: none },
        };
      },
      residual: (state, data, live) =>
        norm(minus(system.apply(layout.unpack(state).x, data, live), system.rhs(data, live))),
      maxSteps: 1,
      tolerance: context.params.tolerance,
    };
    return { outputs: { run }, status: `${factorized.method}, float64` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { tolerance: 0 }],
    invalid: [
      { params: { tolerance: -1 }, message: /Tolerance.*expected a number in \[0, 1000000\]/ },
    ],
  },
});
