import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue, PenaltyNorm, ScalarValue } from '../../runtime/graph/ports.ts';
import type { ProblemView } from '../../runtime/graph/view-data.ts';
import { hostFloat, hostScalar } from '../../runtime/ir/host.ts';
import { add, mul, sum } from '../../runtime/ir/ops.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { ArrayType, HostArray, Program, Value } from '../../runtime/ir/types.ts';
import { grad, simplify } from '../../runtime/transform/index.ts';
import { brief } from '../shared/format.ts';
import { hasEnded, standingOf } from '../shared/standing.ts';

const WHERE = 'Optimality';

/**
 * How far x can be from a minimiser of F = f + λ‖x‖, from convexity alone: no solver is trusted. With G = ∇f(x), all in float64,
 *
 *   F(u) ≥ f(x) + ⟨G, u − x⟩ + λ‖u‖ ≥ f(x) − ⟨G, x⟩ − ‖u‖ max(0, ‖G‖° − λ),   ‖x*‖ ≤ F(0)/λ as f ≥ 0,
 *   F(x) − F* ≤ λ‖x‖ + ⟨G, x⟩ + F(0)/λ · max(0, ‖G‖° − λ)
 *
 * with the dual norm ‖·‖°. And 0 is a minimiser if and only if λ ≥ ‖∇f(0)‖°. Domain: f convex, smooth and ≥ 0, one penalty that is a
 * norm of all variables, λ > 0. Bach, Jenatton, Mairal & Obozinski 2012, propositions 1.2 and 1.3.
 */
export default defineNode({
  type: 'check/optimality',
  version: 1,
  family: 'check',
  title: WHERE,
  summary: 'A bound of f − f* from the gradient at the end of a run, for penalties that are norms.',
  formula: String.raw`F(x) - F^* \le \lambda\lVert x\rVert + \langle \nabla f(x), x\rangle + \tfrac{F(0)}{\lambda}\bigl(\lVert\nabla f(x)\rVert^\circ - \lambda\bigr)_+`,
  description: [
    'At a minimiser of f + λ‖x‖ the dual norm of ∇f is at most λ, and ⟨∇f, x⟩ = −λ‖x‖. The bound says by how much f can be above its minimum where these hold only nearly; it knows neither the method nor its stopping rule.',
    'The critical weight is the dual norm of ∇f(0): from there on 0 is a minimiser. The dual norm of the ℓ1 norm is the largest entry, that of the nuclear norm the largest singular value.',
  ],
  keywords: ['kkt', 'duality gap', 'certificate', 'subdifferential', 'critical', 'lambda max'],
  references: [
    {
      text: 'Bach, Jenatton, Mairal, Obozinski, Optimization with Sparsity-Inducing Penalties, Found. Trends Mach. Learn. 4, 2012, propositions 1.2 and 1.3',
      url: 'https://arxiv.org/abs/1108.0775',
    },
  ],
  params: {},
  inputs: [{ name: 'run', type: 'run', label: 'Run' }],
  outputs: [
    { name: 'bound', type: 'scalar', label: 'Bound of f − f*' },
    { name: 'dual', type: 'scalar', label: 'Dual norm of ∇f' },
    { name: 'critical', type: 'scalar', label: 'Critical λ' },
  ],
  async evaluate({ input, cpu64, signal }) {
    const run = input('run', 'run');
    // The values that its state was computed with, whatever the graph says now.
    const { live: values } = run.segments[run.segments.length - 1];
    const { objective, label } = run.plan;
    const norm = penaltyOf(objective);
    const lambda = norm.weight(values);
    if (!(lambda > 0)) {
      throw new NodeError(
        'range',
        `${WHERE} (run): expected λ > 0, got ${lambda}. Measure the residual instead.`,
        'run',
      );
    }
    const scalar = (value: number, name: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${name}, ${label}`,
      precision: run.precision,
      standing: standingOf(run),
    });
    const outputs = (bound: number, dual: number, critical: number) => ({
      bound: scalar(bound, 'bound of f − f*'),
      dual: scalar(dual, 'dual norm of ∇f'),
      critical: scalar(critical, 'critical λ'),
    });
    if (!hasEnded(run) || run.parameters.length === 0)
      return { outputs: outputs(NaN, NaN, NaN), status: 'waits for the run' };

    const live = objective.live.map(({ key }) => hostScalar(values[key]));
    const program = conditions(objective);
    const at = async (x: readonly HostArray[]) => {
      const [f, g, slope, ...gradient] = await cpu64.execute(program, [
        ...x,
        ...objective.data,
        ...live,
      ]);
      const number = ({ data }: HostArray) => data[0];
      return {
        total: number(f) + number(g),
        penalty: number(g),
        slope: number(slope),
        dual: await norm.dual(gradient, signal),
      };
    };
    const zero = await at(
      run.parameters.map(({ shape, data }) => hostFloat(new Float64Array(data.length), shape)),
    );
    const here = await at(run.parameters);
    const bound =
      here.penalty + here.slope + (zero.total / lambda) * Math.max(0, here.dual - lambda);
    const view: ProblemView = {
      kind: 'problem',
      formula: objective.formula,
      facts: [
        { label: 'λ', value: brief(lambda) },
        { label: 'Dual norm of ∇f', value: brief(here.dual) },
        { label: '⟨∇f, x⟩ + λ‖x‖', value: brief(here.penalty + here.slope) },
        { label: 'f − f* at most', value: brief(bound) },
        { label: 'Critical λ', value: brief(zero.dual) },
      ],
    };
    return {
      outputs: outputs(bound, here.dual, zero.dual),
      view,
      status: `f − f* ≤ ${brief(bound)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { lambda: 1 }, message: /expected no parameters|lambda/ }],
  },
});

function penaltyOf(objective: ObjectiveValue): PenaltyNorm {
  const { terms, smoothTerms, composed = [], smooth, convex, nonnegative, penalized } = objective;
  const norm = terms.length === 1 ? terms[0].norm : undefined;
  const fits =
    smooth.yes &&
    convex &&
    nonnegative === true &&
    composed.length === 0 &&
    smoothTerms.length === 0;
  if (norm !== undefined && fits && penalized.every(Boolean)) return norm;
  throw new NodeError(
    'requirement',
    `${WHERE} (run): expected a smooth convex loss ≥ 0 with one penalty that is a norm of all variables, such as λ‖w‖₁ without an intercept, got "${objective.title}"${penalized.every(Boolean) ? '' : ' with an intercept'}. Measure f − f* instead where it is certified.`,
    'run',
  );
}

const programs = new WeakMap<ObjectiveValue, Program>();

/** [...x, ...data, ...live] → f, g, ⟨∇f, x⟩, ...∇f. */
function conditions(objective: ObjectiveValue): Program {
  let program = programs.get(objective);
  if (program) return program;
  const { variables, data, live } = objective;
  const types: ArrayType[] = [
    ...variables.map(({ shape }): ArrayType => ({ shape, dtype: 'float' })),
    ...data.map(({ shape, dtype }): ArrayType => ({ shape, dtype })),
    ...live.map((): ArrayType => ({ shape: [], dtype: 'float' })),
  ];
  program = simplify(
    trace((...inputs) => {
      const x = inputs.slice(0, variables.length);
      const given = inputs.slice(variables.length, variables.length + data.length);
      const values = Object.fromEntries(
        live.map(({ key }, i) => [key, inputs[variables.length + data.length + i]]),
      );
      const f = (at: readonly Value[]) => objective.value(at, given, values);
      const gradient = grad(f)(x);
      const slope = gradient
        .map((part, i) => sum(mul(part, x[i])))
        .reduce((total, part) => add(total, part));
      return [f(x), objective.terms[0].value(x, values), slope, ...gradient];
    }, types),
  );
  programs.set(objective, program);
  return program;
}
