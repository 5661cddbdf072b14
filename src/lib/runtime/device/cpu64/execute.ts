import { ShapeError } from '../../ir/errors.ts';
import { hostOf } from '../../ir/host.ts';
import { formatType, sameShape } from '../../ir/shape.ts';
import type { ArrayType, HostArray, Program } from '../../ir/types.ts';
import { compile, type CompiledProgram } from './compile.ts';

const compiled = new WeakMap<Program, CompiledProgram>();

/** Programs with larger buffers are compiled at every call: compiling is nothing beside running them, and the memory is given back. */
const KEPT_BYTES = 4e6;

/** The compiled program, made on first use. */
export function compiledProgram(program: Program): CompiledProgram {
  let result = compiled.get(program);
  if (!result) {
    result = compile(program);
    if (result.bytes <= KEPT_BYTES) compiled.set(program, result);
  }
  return result;
}

/** Throws unless the arrays are what the program takes. */
export function checkInputs(
  where: string,
  types: readonly ArrayType[],
  inputs: readonly HostArray[],
): void {
  if (inputs.length !== types.length) {
    throw new ShapeError(where, `${types.length} inputs`, String(inputs.length));
  }
  types.forEach((type, index) => {
    const input = inputs[index];
    if (input.dtype !== type.dtype || !sameShape(input.shape, type.shape)) {
      throw new ShapeError(`${where}(input ${index})`, formatType(type), formatType(input));
    }
  });
}

/** Runs the program once in float64, here and now. The results are fresh arrays. */
export function executeSync(program: Program, inputs: readonly HostArray[]): HostArray[] {
  checkInputs('executeSync', program.inputs, inputs);
  const results = compiledProgram(program).run(inputs.map((input) => input.data));
  return program.outputs.map((output, index) => hostOf(output, results[index].slice()));
}
