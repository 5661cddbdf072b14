import { primitives } from '../ir/primitives/index.ts';
import type { Equation, LoopParams, Program } from '../ir/types.ts';

/** Which outputs depend differentiably on an active input. */
export function programActivity(program: Program, active: readonly boolean[]): boolean[] {
  const ids = new Set<number>();
  program.inputs.forEach((input, k) => {
    if (active[k] && input.dtype === 'float') ids.add(input.id);
  });
  for (const equation of program.equations) {
    const inputs = equation.inputs.map((input) => ids.has(input.id));
    if (!inputs.includes(true)) continue;
    equationActivity(equation, inputs).forEach((isActive, k) => {
      if (isActive) ids.add(equation.outputs[k].id);
    });
  }
  return program.outputs.map((output) => ids.has(output.id));
}

/** Which outputs of an equation depend differentiably on its active inputs. */
export function equationActivity(equation: Equation, active: readonly boolean[]): boolean[] {
  if (equation.primitive === 'loop') return loopActivity(equation.params, active);
  const differentiable = primitives[equation.primitive].vjp !== null;
  return equation.outputs.map((output) => differentiable && output.dtype === 'float');
}

/** Which outputs [...carry, ...stacked] of a loop are active: a carry is if any step makes it so. */
export function loopActivity(params: LoopParams, active: readonly boolean[]): boolean[] {
  const { body, constants, carry } = params;
  const inputs = active.map((isActive, k) => isActive && body.inputs[k + 1].dtype === 'float');
  // Ends after as many turns as there are carries: each makes one active.
  for (;;) {
    const outputs = programActivity(body, [false, ...inputs]);
    let changed = false;
    for (let j = 0; j < carry; j++) {
      if (outputs[j] && !inputs[constants + j]) {
        inputs[constants + j] = true;
        changed = true;
      }
    }
    if (!changed) {
      // A carry that starts active stays so, even if the body overwrites it: it may run zero times.
      return outputs.map((isActive, j) => (j < carry ? inputs[constants + j] : isActive));
    }
  }
}
