import { lookup, traceClosure } from '../ir/trace.ts';
import type { Equation, Program, Value } from '../ir/types.ts';
import { prune } from './prune.ts';
import { createRewriter, type Rewriter } from './rewrite.ts';

/**
 * An equal program with less work: no dead code (also inside of loops), common subexpressions once, small arrays that
 * are known computed now, and identities applied. Inputs and outputs keep their order and types.
 */
export function simplify(program: Program): Program {
  const source = prune(program);
  const { program: rewritten } = traceClosure((...inputs) => {
    const rewriter = createRewriter();
    const env = new Map<number, Value>();
    source.inputs.forEach((input, k) => env.set(input.id, inputs[k]));
    for (const [id, host] of source.constants) env.set(id, rewriter.makeConstant(host));
    for (const equation of source.equations) {
      const operands = equation.inputs.map((input) => lookup(env, input));
      const outputs = rewriteEquation(equation, operands, rewriter);
      equation.outputs.forEach((output, k) => env.set(output.id, outputs[k]));
    }
    return source.outputs.map((output) => lookup(env, output));
  }, source.inputs);
  return prune(rewritten);
}

function rewriteEquation(equation: Equation, inputs: readonly Value[], to: Rewriter): Value[] {
  if (equation.primitive === 'loop') {
    return to.makeLoop({ ...equation.params, body: simplify(equation.params.body) }, inputs);
  }
  return [to.make(equation.primitive, equation.params, inputs)];
}
