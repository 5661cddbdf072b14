/**
 * L-BFGS: quasi-Newton steps from the last m changes of the point and the gradient.
 *
 *   d = −H ∇f(x) by the two-loop recursion,   x⁺ = x + t d
 *
 * Each step is one trial of t: accepted when f(x + t d) ≤ f(x) + c t ⟨∇f(x), d⟩ with c = 1e-4, else t is halved; it starts at 1 again
 * with every new direction. A pair with sᵀy ≤ 1e-10 ‖s‖‖y‖ is not remembered, so that H stays positive definite.
 * State: pairs float [m, P] for P unknowns, newest last. Nocedal & Wright 2006, algorithms 7.4 and 7.5, H₀ by equation (7.20).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import {
  add,
  and,
  cast,
  concat,
  constant,
  div,
  dot,
  expandDims,
  greater,
  lessEqual,
  maximum,
  mul,
  reshape,
  select,
  slice,
  sqrt,
  sub,
  sumSquares,
  zeros,
} from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { VariableSpec } from '../../runtime/graph/ports.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { smoothGradient, smoothValueAndGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { solverCounters } from './counters.ts';
import { requireNoTerms, requireSmoothData } from './requirements.ts';
import { OPTIMIZER_INPUTS, OPTIMIZER_OUTPUTS, runParams } from './run-params.ts';
import { stateLayout } from './state.ts';
import { machineEpsilon } from './trial.ts';
import { norm } from './vectors.ts';
import { forgivenRounding } from './rounding.ts';
import { countOf, sizeOf } from '../../runtime/ir/shape.ts';

const ARMIJO = 1e-4;
const CURVATURE = 1e-10;

/** All variables as one vector [P]. */
const flat = (x: readonly Value[]): Value =>
  x.length === 1
    ? reshape(x[0], [sizeOf(x[0].shape)])
    : concat(
        x.map((part) => reshape(part, [sizeOf(part.shape)])),
        0,
      );

function unflat(x: Value, variables: readonly VariableSpec[]): Value[] {
  let start = 0;
  return variables.map(({ shape }) => {
    const size = sizeOf(shape);
    const part = reshape(slice(x, [start], [size]), shape);
    start += size;
    return part;
  });
}

const row = (pairs: Value, i: number): Value =>
  reshape(slice(pairs, [i, 0], [1, pairs.shape[1]]), [pairs.shape[1]]);

/** −H g; a row with sᵀy = 0 is empty and skipped. */
function twoLoops(g: Value, s: Value, y: Value): Value {
  const m = s.shape[0];
  const rows = Array.from({ length: m }, (_, i) => {
    const [si, yi] = [row(s, i), row(y, i)];
    const product = dot(si, yi);
    const there = greater(product, 0);
    const safe = select(there, product, 1);
    return { si, yi, product, there, rho: div(select(there, safe, 0), mul(safe, safe)) };
  });
  let q = g;
  const weights: Value[] = [];
  for (let i = m - 1; i >= 0; i--) {
    weights[i] = mul(rows[i].rho, dot(rows[i].si, q));
    q = sub(q, mul(weights[i], rows[i].yi));
  }
  const newest = rows[m - 1];
  const scale = select(
    newest.there,
    div(newest.product, select(newest.there, sumSquares(newest.yi), 1)),
    // Without a pair, a step of length at most 1.
    div(1, maximum(sqrt(sumSquares(g)), 1)),
  );
  let r = mul(q, scale);
  for (let i = 0; i < m; i++) {
    const correction = mul(rows[i].rho, dot(rows[i].yi, r));
    r = add(r, mul(sub(weights[i], correction), rows[i].si));
  }
  return mul(r, -1);
}

/** Drops the oldest pair and appends one. */
const pushed = (pairs: Value, next: Value): Value => {
  const [m, P] = pairs.shape;
  const last = expandDims(next, 0);
  return m === 1 ? last : concat([slice(pairs, [1, 0], [m - 1, P]), last], 0);
};

export default defineNode({
  type: 'optimizer/l-bfgs',
  version: 1,
  family: 'optimizer',
  title: 'L-BFGS',
  summary: 'Quasi-Newton steps from the last few changes of the gradient, with backtracking.',
  formula: String.raw`x_{k+1} = x_k - t_k H_k \nabla f(x_k), \qquad H_k y_i = s_i \text{ for the newest pair}`,
  description: [
    'Remembers m pairs s = x⁺ − x and y = ∇f(x⁺) − ∇f(x) and applies the inverse Hessian they suggest. A step is one trial of a step size: refused trials stay at the point and halve it, and are not counted as iterations.',
    'Needs a smooth objective; uses all samples in every step.',
  ],
  keywords: ['quasi-newton', 'bfgs', 'limited memory', 'second order', 'line search'],
  references: [
    {
      text: 'Nocedal & Wright, Numerical Optimization, 2nd ed. (2006), algorithms 7.4 and 7.5.',
      url: 'https://doi.org/10.1007/978-0-387-40065-5',
    },
    {
      text: 'Liu & Nocedal, On the limited memory BFGS method for large scale optimization (1989).',
      url: 'https://doi.org/10.1007/BF01589116',
    },
  ],
  params: {
    memory: { kind: 'integer', label: 'Memory m', default: 10, min: 1, max: 30 },
    ...runParams(200, 1e-6),
  },
  inputs: OPTIMIZER_INPUTS,
  outputs: OPTIMIZER_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const objective = context.input('objective', 'objective');
    requireSmoothData(objective, 'L-BFGS');
    requireNoTerms(objective, 'L-BFGS', 'Use FISTA, or a squared ℓ2 term instead.');
    const { variables } = objective;
    const P = countOf(variables);
    const layout = stateLayout({
      x: 1,
      f: 1,
      g: 1,
      d: 1,
      size: 1,
      s: 1,
      y: 1,
      trials: 1,
      accepted: 1,
    });
    const evaluated = (problem: Problem, x: Value): [Value, Value] => {
      const [f, g] = smoothValueAndGradient(problem, unflat(x, variables));
      return [f, flat(g)];
    };
    const zero = () => constant(hostInt([0], []));
    const one = () => constant(hostScalar(1));
    const run: RunPlan = {
      kind: 'plan',
      label: `L-BFGS, m = ${params.memory}`,
      remedy:
        'The line search accepts no step that raises f, so the numbers are too large: standardize the features, or add a squared ℓ2 penalty.',
      objective,
      live: [],
      init(x0, _key, data, live) {
        const x = flat(x0);
        const [f, g] = evaluated({ objective, data, live, terms: false }, x);
        const none = zeros([params.memory, P]);
        const d = twoLoops(g, none, none);
        return layout.pack({
          x: [x],
          f: [f],
          g: [g],
          d: [d],
          size: [one()],
          s: [none],
          y: [none],
          trials: [zero()],
          accepted: [zero()],
        });
      },
      step(state, data, live) {
        const part = layout.unpack(state);
        const {
          x: [x],
          f: [f],
          g: [g],
          d: [d],
          size: [t],
          s: [s],
          y: [y],
        } = part;
        const point = add(x, mul(t, d));
        const [value, gradient] = evaluated({ objective, data, live, terms: false }, point);
        const slack = forgivenRounding(f, machineEpsilon(part.trials[0]));
        const bound = add(add(f, slack), mul(mul(t, ARMIJO), dot(g, d)));
        const accepted = lessEqual(value, bound);
        const move = sub(point, x);
        const change = sub(gradient, g);
        const lengths = sqrt(mul(sumSquares(move), sumSquares(change)));
        const curved = greater(dot(move, change), mul(lengths, CURVATURE));
        const remembered = and(accepted, curved);
        const nextS = select(remembered, pushed(s, move), s);
        const nextY = select(remembered, pushed(y, change), y);
        return layout.pack({
          x: [select(accepted, point, x)],
          f: [select(accepted, value, f)],
          g: [select(accepted, gradient, g)],
          d: [select(accepted, twoLoops(gradient, nextS, nextY), d)],
          size: [select(accepted, 1, mul(t, 0.5))],
          s: [nextS],
          y: [nextY],
          trials: [add(part.trials[0], 1)],
          accepted: [add(part.accepted[0], cast(accepted, 'int'))],
        });
      },
      parameters: (state) => unflat(layout.unpack(state).x[0], variables),
      counters(state) {
        const { trials, accepted } = layout.unpack(state);
        return solverCounters({
          iterations: accepted[0],
          trials: add(trials[0], 1),
          prox: false,
          trialValues: false,
          setupProducts: 0,
        });
      },
      extras: (state) => ({ stepSize: layout.unpack(state).size[0] }),
      residual: (state, data, live) =>
        norm(
          smoothGradient(
            { objective, data, live, terms: false },
            unflat(layout.unpack(state).x[0], variables),
          ),
        ),
      maxSteps: params.maxSteps,
      tolerance: params.tolerance,
    };
    return { outputs: { run }, status: `m = ${params.memory}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { memory: 1, maxSteps: 20 }],
    invalid: [
      { params: { memory: 0 }, message: /Memory m.*expected an integer in \[1, 30\], got 0/ },
    ],
  },
});
