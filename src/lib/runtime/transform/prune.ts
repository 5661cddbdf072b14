import type { Equation, EquationOf, HostArray, LoopParams, Program, Value } from '../ir/types.ts';

/** Keeps the equations and constants on which the outputs depend, also inside of loops. Inputs stay. */
export function prune(program: Program): Program {
  const needed = new Set(program.outputs.map((output) => output.id));
  const kept: Equation[] = [];
  for (let k = program.equations.length - 1; k >= 0; k--) {
    const equation = program.equations[k];
    const wanted = equation.outputs.map((output) => needed.has(output.id));
    if (!wanted.includes(true)) continue;
    const smaller = equation.primitive === 'loop' ? pruneLoop(equation, wanted) : equation;
    for (const input of smaller.inputs) needed.add(input.id);
    kept.push(smaller);
  }
  const constants = new Map<number, HostArray>();
  for (const [id, host] of program.constants) if (needed.has(id)) constants.set(id, host);
  return { ...program, constants, equations: kept.reverse() };
}

/** Inputs that the program reads, in place. */
function readInputs(program: Program): boolean[] {
  const read = new Set(program.outputs.map((output) => output.id));
  for (const { inputs } of program.equations) for (const input of inputs) read.add(input.id);
  return program.inputs.map((input) => read.has(input.id));
}

const where = <T>(list: readonly T[], keep: readonly boolean[]): T[] =>
  list.filter((_, k) => keep[k]);
const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;

/** Drops outputs nobody wants, carries that no wanted output depends on, and inputs that nothing reads. */
function pruneLoop(equation: EquationOf<'loop'>, wanted: readonly boolean[]): EquationOf<'loop'> {
  const { params, inputs, outputs } = equation;
  const { constants, carry } = params;
  const carryEnd = constants + carry;
  const keepOutputs = [...wanted];
  // Ends after as many turns as there are carries: each keeps one more.
  for (;;) {
    const body = prune({ ...params.body, outputs: where(params.body.outputs, keepOutputs) });
    const read = readInputs(body);
    const missing = keepOutputs.findIndex(
      (keep, j) => j < carry && !keep && read[1 + constants + j],
    );
    if (missing >= 0) {
      keepOutputs[missing] = true;
      continue;
    }
    const keepInputs = inputs.map((_: Value, k: number) =>
      k >= constants && k < carryEnd ? keepOutputs[k - constants] : read[k + 1],
    );
    const smaller: LoopParams = {
      ...params,
      body: { ...body, inputs: where(body.inputs, [true, ...keepInputs]) },
      constants: count(keepInputs.slice(0, constants)),
      carry: count(keepInputs.slice(constants, carryEnd)),
    };
    return {
      primitive: 'loop',
      params: smaller,
      inputs: where(inputs, keepInputs),
      outputs: where(outputs, keepOutputs),
    };
  }
}
