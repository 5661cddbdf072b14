import { primitives } from './primitives/index.ts';
import type { SimpleName } from './primitives/rule.ts';
import type { Program } from './types.ts';

/** What the program computes on the host at every run, in words; undefined when nothing. */
export function hostWork(program: Program): string | undefined {
  for (const equation of program.equations) {
    const found =
      equation.primitive === 'loop'
        ? hostWork(equation.params.body)
        : ruleOf(equation.primitive).host;
    if (found !== undefined) return found;
  }
  return undefined;
}

function ruleOf(primitive: SimpleName): { readonly host?: string } {
  return primitives[primitive];
}
