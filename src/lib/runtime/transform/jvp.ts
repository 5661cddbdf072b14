import { loop } from '../ir/ops/control.ts';
import { zerosLike } from '../ir/ops/shape.ts';
import { primitives } from '../ir/primitives/index.ts';
import type { SimpleName, Tangent } from '../ir/primitives/rule.ts';
import { bindInputs, emit, lookup, replay } from '../ir/trace.ts';
import type { EquationOf, LoopParams, Program, Value } from '../ir/types.ts';
import { loopActivity } from './activity.ts';

/** Values and their tangents, in the innermost trace. */
export interface Dual {
  readonly outputs: Value[];
  readonly tangents: Tangent[];
}

/**
 * Forward mode: emits the program at `inputs` together with its directional derivative along `tangents` (null is zero).
 * Inputs left out at the end are captured values, with tangent zero.
 */
export function jvpProgram(
  program: Program,
  inputs: readonly Value[],
  tangents: readonly Tangent[],
): Dual {
  const env = new Map<number, Value>();
  const duals = new Map<number, Value>();
  bindInputs('jvp', env, program, inputs);
  program.inputs.forEach((input, k) => {
    const tangent = tangents[k];
    if (tangent && input.dtype === 'float') duals.set(input.id, tangent);
  });
  for (const equation of program.equations) {
    const incoming = equation.inputs.map((input) => duals.get(input.id) ?? null);
    if (incoming.every((t) => t === null)) {
      replay(env, equation);
      continue;
    }
    const operands = equation.inputs.map((input) => lookup(env, input));
    const result =
      equation.primitive === 'loop'
        ? jvpLoop(equation.params, operands, incoming)
        : jvpSimple(equation, operands, incoming);
    equation.outputs.forEach((output, k) => {
      env.set(output.id, result.outputs[k]);
      const tangent = result.tangents[k];
      if (tangent && output.dtype === 'float') duals.set(output.id, tangent);
    });
  }
  return {
    outputs: program.outputs.map((output) => lookup(env, output)),
    tangents: program.outputs.map((output) => duals.get(output.id) ?? null),
  };
}

function jvpSimple<P extends SimpleName>(
  { primitive, params }: EquationOf<P>,
  inputs: readonly Value[],
  tangents: readonly Tangent[],
): Dual {
  const outputs = emit(primitive, params, inputs);
  const rule = primitives[primitive];
  const tangent = rule.jvp ? rule.jvp({ params, inputs, output: outputs[0], tangents }) : null;
  return { outputs, tangents: [tangent] };
}

/** A loop that carries tangents beside the values. */
function jvpLoop(params: LoopParams, inputs: readonly Value[], tangents: readonly Tangent[]): Dual {
  const { steps, body, constants, carry, reverse, checkpoint } = params;
  const active = loopActivity(
    params,
    tangents.map((t) => t !== null),
  );
  const carryEnd = constants + carry;
  const present = (list: readonly Tangent[]) => list.filter((t): t is Value => t !== null);
  const tangentOf = (k: number): Tangent =>
    k >= constants && k < carryEnd && active[k - constants]
      ? (tangents[k] ?? zerosLike(inputs[k]))
      : tangents[k];
  const incoming = inputs.map((_, k) => tangentOf(k));
  const [tConstants, tCarry, tSequences] = [
    present(incoming.slice(0, constants)),
    present(incoming.slice(constants, carryEnd)),
    present(incoming.slice(carryEnd)),
  ];
  const stackedCount = body.outputs.length - carry;

  const result = loop({
    steps,
    reverse,
    checkpoint,
    constants: [...inputs.slice(0, constants), ...tConstants],
    carry: [...inputs.slice(constants, carryEnd), ...tCarry],
    sequences: [...inputs.slice(carryEnd), ...tSequences],
    body: (i, cs, ks, ss) => {
      const sequences = inputs.length - carryEnd;
      const primals = [
        i,
        ...cs.slice(0, constants),
        ...ks.slice(0, carry),
        ...ss.slice(0, sequences),
      ];
      const duals = [...cs.slice(constants), ...ks.slice(carry), ...ss.slice(sequences)];
      let next = 0;
      const dual = jvpProgram(body, primals, [
        null,
        ...incoming.map((t) => (t ? duals[next++] : null)),
      ]);
      const outgoing = dual.outputs.map((output, k) =>
        active[k] ? (dual.tangents[k] ?? zerosLike(output)) : null,
      );
      return {
        carry: [...dual.outputs.slice(0, carry), ...present(outgoing.slice(0, carry))],
        stacked: [...dual.outputs.slice(carry), ...present(outgoing.slice(carry))],
      };
    },
  });
  const duals = [...result.carry.slice(carry), ...result.stacked.slice(stackedCount)];
  let next = 0;
  return {
    outputs: [...result.carry.slice(0, carry), ...result.stacked.slice(0, stackedCount)],
    tangents: active.map((isActive) => (isActive ? duals[next++] : null)),
  };
}
