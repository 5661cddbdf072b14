import { primitives } from '../ir/primitives/index.ts';
import type { SimpleName } from '../ir/primitives/rule.ts';
import type { EquationOf, Program } from '../ir/types.ts';

/** Floating point operations of one execution, roughly; the device is chosen by it. */
export function programFlops(program: Program): number {
  let total = 0;
  for (const equation of program.equations) {
    if (equation.primitive === 'loop')
      total += equation.params.steps * programFlops(equation.params.body);
    else total += equationFlops(equation);
  }
  return total;
}

function equationFlops<P extends SimpleName>({
  primitive,
  params,
  inputs,
  outputs,
}: EquationOf<P>) {
  return primitives[primitive].flops(params, inputs, outputs);
}
