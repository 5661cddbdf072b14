import { primitives } from './primitives/index.ts';
import type { SimpleName } from './primitives/rule.ts';
import { sizeOf } from './shape.ts';
import type { ArrayType, EquationOf, Program } from './types.ts';

/** What one run of a program costs, known before anything runs. Loops count once per step. */
export interface Estimate {
  /** Floating point operations, roughly. */
  readonly flops: number;
  /** Bytes read and written by the equations, each on its own. */
  readonly bytes: number;
  /** Equations executed. */
  readonly equations: number;
  /** Largest total of arrays alive at once, inputs and constants included; an upper bound inside of loops. */
  readonly peakBytes: number;
}

/** `floatBytes` is 4 on a float32 device and 8 in float64. */
export function estimate(program: Program, floatBytes: 4 | 8 = 8): Estimate {
  const bytesOf = ({ dtype, shape }: ArrayType): number =>
    sizeOf(shape) * (dtype === 'float' ? floatBytes : dtype === 'int' ? 4 : 1);
  const total = (types: Iterable<ArrayType>): number => {
    let bytes = 0;
    for (const type of types) bytes += bytesOf(type);
    return bytes;
  };

  const lastUse = new Map<number, number>();
  program.equations.forEach(({ inputs }, k) => {
    for (const { id } of inputs) lastUse.set(id, k);
  });
  for (const { id } of [...program.inputs, ...program.outputs]) lastUse.set(id, Infinity);

  let [flops, bytes, equations] = [0, 0, 0];
  let alive = total(program.inputs) + total(program.constants.values());
  let peakBytes = alive;
  program.equations.forEach((equation, k) => {
    alive += total(equation.outputs);
    let inner = 0;
    if (equation.primitive === 'loop') {
      const { steps, body } = equation.params;
      const step = estimate(body, floatBytes);
      flops += steps * step.flops;
      bytes += steps * step.bytes;
      equations += steps * step.equations;
      inner = step.peakBytes;
    } else {
      flops += flopsOf(equation);
      bytes += total(equation.inputs) + total(equation.outputs);
      equations += 1;
    }
    peakBytes = Math.max(peakBytes, alive + inner);
    const values = new Map([...equation.inputs, ...equation.outputs].map((v) => [v.id, v]));
    for (const [id, value] of values) {
      // Never read, or read here for the last time. Constants stay.
      if ((lastUse.get(id) ?? k) <= k && !program.constants.has(id)) alive -= bytesOf(value);
    }
  });
  return { flops, bytes, equations, peakBytes };
}

function flopsOf<P extends SimpleName>({
  primitive,
  params,
  inputs,
  outputs,
}: EquationOf<P>): number {
  return primitives[primitive].flops(params, inputs, outputs);
}
