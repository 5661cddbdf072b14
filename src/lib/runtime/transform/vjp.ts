import { add } from '../ir/ops/elementwise.ts';
import { primitives } from '../ir/primitives/index.ts';
import type { SimpleName, Tangent } from '../ir/primitives/rule.ts';
import { bindInputs, emit, lookup, replay } from '../ir/trace.ts';
import type { EquationOf, Program, Value } from '../ir/types.ts';
import { equationActivity } from './activity.ts';
import { linearizeLoop } from './vjp-loop.ts';

/** Cotangents of outputs → cotangents of inputs; null is zero. Emits into the trace that is innermost when called. */
export type Pullback = (cotangents: readonly Tangent[]) => Tangent[];

export interface Linearized {
  readonly outputs: Value[];
  readonly pullback: Pullback;
}

interface Entry {
  readonly inputIds: readonly number[];
  readonly outputIds: readonly number[];
  readonly pullback: Pullback;
}

/**
 * Reverse mode: emits the program at `inputs`, and returns the map from cotangents of its outputs to cotangents of
 * those inputs that are needed (null for the others). Inputs left out at the end are captured and not needed.
 */
export function linearize(
  program: Program,
  inputs: readonly Value[],
  needs: readonly boolean[],
): Linearized {
  const env = new Map<number, Value>();
  bindInputs('vjp', env, program, inputs);
  const active = new Set<number>();
  program.inputs.forEach((input, k) => {
    if (needs[k] && input.dtype === 'float') active.add(input.id);
  });
  const tape: Entry[] = [];
  for (const equation of program.equations) {
    const wanted = equation.inputs.map((input) => active.has(input.id));
    const reached = wanted.includes(true)
      ? equationActivity(equation, wanted)
      : equation.outputs.map(() => false);
    if (!reached.includes(true)) {
      replay(env, equation);
      continue;
    }
    const operands = equation.inputs.map((input) => lookup(env, input));
    const { outputs, pullback } =
      equation.primitive === 'loop'
        ? linearizeLoop(equation.params, operands, wanted)
        : linearizeSimple(equation, operands, wanted);
    equation.outputs.forEach((output, k) => {
      env.set(output.id, outputs[k]);
      if (reached[k]) active.add(output.id);
    });
    tape.push({
      inputIds: equation.inputs.map((input) => input.id),
      outputIds: equation.outputs.map((output) => output.id),
      pullback,
    });
  }
  return {
    outputs: program.outputs.map((output) => lookup(env, output)),
    pullback: (cotangents) => {
      const total = new Map<number, Value>();
      const accumulate = (id: number, cotangent: Tangent) => {
        if (!cotangent || !active.has(id)) return;
        const sum = total.get(id);
        total.set(id, sum ? add(sum, cotangent) : cotangent);
      };
      program.outputs.forEach((output, k) => accumulate(output.id, cotangents[k] ?? null));
      for (let k = tape.length - 1; k >= 0; k--) {
        const { inputIds, outputIds, pullback } = tape[k];
        const incoming = outputIds.map((id) => total.get(id) ?? null);
        if (incoming.every((g) => g === null)) continue;
        pullback(incoming).forEach((g, j) => accumulate(inputIds[j], g));
      }
      return program.inputs.map((input) => total.get(input.id) ?? null);
    },
  };
}

function linearizeSimple<P extends SimpleName>(
  { primitive, params }: EquationOf<P>,
  inputs: readonly Value[],
  needs: readonly boolean[],
): Linearized {
  const outputs = emit(primitive, params, inputs);
  const rule = primitives[primitive];
  return {
    outputs,
    pullback: ([cotangent]) =>
      cotangent && rule.vjp
        ? rule.vjp({ params, inputs, output: outputs[0], cotangent, needs })
        : inputs.map(() => null),
  };
}
