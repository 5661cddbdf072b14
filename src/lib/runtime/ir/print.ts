import { sizeOf } from './shape.ts';
import type { ArrayType, Equation, HostArray, Program, Value } from './types.ts';

/**
 * A program as text, one equation a line:
 * ```
 * inputs a: float[2,3]
 * constants b: float[] = 0.5
 * c: float[2,3] = mul a d
 * outputs c
 * ```
 */
export function print(program: Program): string {
  return lines(program, new Map()).join('\n');
}

type Names = Map<number, string>;

/** a, b, …, z, a1, b1, … in order of appearance. */
function nameOf(names: Names, value: { id: number }): string {
  let name = names.get(value.id);
  if (!name) {
    const n = names.size;
    const round = Math.floor(n / 26);
    name = String.fromCharCode(97 + (n % 26)) + (round || '');
    names.set(value.id, name);
  }
  return name;
}

const typeText = ({ dtype, shape }: ArrayType): string => `${dtype}[${shape.join(',')}]`;

function declare(names: Names, value: Value): string {
  return `${nameOf(names, value)}: ${typeText(value)}`;
}

function constantText(host: HostArray): string {
  const shown = Array.from(host.data.slice(0, 6), (x) => String(Number(x.toPrecision(6))));
  return sizeOf(host.shape) > 6 ? `${shown.join(' ')} …` : shown.join(' ');
}

function lines(program: Program, names: Names): string[] {
  const constants = [...program.constants].map(
    ([id, host]) => `${nameOf(names, { id })}: ${typeText(host)} = ${constantText(host)}`,
  );
  return [
    `inputs ${program.inputs.map((input) => declare(names, input)).join(', ')}`,
    ...constants.map((text) => `constant ${text}`),
    ...program.equations.flatMap((equation) => equationLines(equation, names)),
    `outputs ${program.outputs.map((output) => nameOf(names, output)).join(', ')}`,
  ];
}

function equationLines(equation: Equation, names: Names): string[] {
  const inputs = equation.inputs.map((input) => nameOf(names, input)).join(' ');
  const outputs = equation.outputs.map((output) => declare(names, output)).join(', ');
  if (equation.primitive === 'loop') {
    const { body, ...counts } = equation.params;
    return [
      `${outputs} = loop${paramsText(counts)} ${inputs}`,
      ...lines(body, names).map((line) => `  ${line}`),
    ];
  }
  return [`${outputs} = ${equation.primitive}${paramsText(equation.params)} ${inputs}`.trimEnd()];
}

function paramsText(params: object): string {
  const entries = Object.entries(params).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return entries.length > 0 ? `{${entries.join(' ')}}` : '';
}
