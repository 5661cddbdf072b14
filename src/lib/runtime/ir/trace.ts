import { TraceError } from './errors.ts';
import { hostInt, hostScalar } from './host.ts';
import { shapeRules } from './shape-rules/index.ts';
import type {
  ArrayType,
  Dtype,
  Equation,
  EquationOf,
  HostArray,
  PrimitiveName,
  PrimitiveParams,
  Program,
  Value,
} from './types.ts';

/** A program under construction. */
interface Trace {
  readonly equations: Equation[];
  readonly constants: Map<number, HostArray>;
  readonly literals: Map<string, Value>;
  /** Ids of the values that belong to this trace. */
  readonly defined: Set<number>;
  /** Values of enclosing traces used here; they become further inputs. */
  readonly captured: Value[];
}

/** Enclosing traces, innermost last. */
const active: Trace[] = [];
let nextId = 0;

function newValue(type: ArrayType): Value {
  return { id: nextId++, shape: type.shape, dtype: type.dtype };
}

function innermost(where: string): Trace {
  const trace = active.at(-1);
  if (!trace) {
    throw new TraceError(
      `${where}: expected to be used while a program is traced, got no active trace. Wrap the computation in trace(…).`,
    );
  }
  return trace;
}

/** Makes sure that the innermost trace may read the value, capturing it from an enclosing trace if need be. */
function resolve(where: string, trace: Trace, value: Value): void {
  if (trace.defined.has(value.id)) return;
  if (!active.some((outer) => outer !== trace && outer.defined.has(value.id))) {
    throw new TraceError(
      `${where}: expected values of the program being traced, got value %${value.id} of a finished trace. Pass it as an input.`,
    );
  }
  trace.defined.add(value.id);
  trace.captured.push(value);
}

/** Appends one equation to the innermost trace, after checking shapes. */
export function emit<P extends PrimitiveName>(
  primitive: P,
  params: PrimitiveParams[P],
  inputs: readonly Value[],
): Value[] {
  const trace = innermost(primitive);
  for (const input of inputs) resolve(primitive, trace, input);
  const outputs = shapeRules[primitive](params, inputs).map(newValue);
  for (const output of outputs) trace.defined.add(output.id);
  const equation: EquationOf<P> = { primitive, params, inputs, outputs };
  trace.equations.push(equation as Equation);
  return outputs;
}

/** An array that is known now, as a value of the program being traced. */
export function constant(host: HostArray): Value {
  const trace = innermost('constant');
  const value = newValue(host);
  trace.constants.set(value.id, host);
  trace.defined.add(value.id);
  return value;
}

/** A scalar constant, shared between its uses in one trace. */
export function literal(x: number, dtype: Dtype): Value {
  const trace = innermost('literal');
  // Object.is distinguishes −0 from 0; a string key would not.
  const key = `${dtype}:${Object.is(x, -0) ? '-0' : x}`;
  let value = trace.literals.get(key);
  if (!value) {
    if (dtype === 'float') value = constant(hostScalar(x));
    else if (dtype === 'int') value = constant(hostInt([x], []));
    else value = constant({ shape: [], dtype: 'bool', data: Uint8Array.of(x ? 1 : 0) });
    trace.literals.set(key, value);
  }
  return value;
}

/** A traced function together with the values of enclosing traces that it uses. */
export interface Closure {
  /** Inputs: those declared, then one for each captured value. */
  readonly program: Program;
  readonly captured: readonly Value[];
}

/** Traces `fn`; values of enclosing traces that it uses become further inputs of the program, after those declared. */
export function traceClosure(
  fn: (...inputs: Value[]) => readonly Value[],
  inputs: readonly ArrayType[],
): Closure {
  const trace: Trace = {
    equations: [],
    constants: new Map(),
    literals: new Map(),
    defined: new Set(),
    captured: [],
  };
  const declared = inputs.map(newValue);
  for (const input of declared) trace.defined.add(input.id);
  active.push(trace);
  try {
    const outputs = [...fn(...declared)];
    for (const output of outputs) resolve('trace', trace, output);
    const program: Program = {
      inputs: [...declared, ...trace.captured],
      constants: trace.constants,
      equations: trace.equations,
      outputs,
    };
    return { program, captured: trace.captured };
  } finally {
    active.pop();
  }
}

/**
 * Traces `fn` once with inputs of the given types. Inside of another trace, values of that trace used by `fn` become
 * further inputs of the program, after those declared, and `call` passes them on by itself.
 */
export function trace(
  fn: (...inputs: Value[]) => readonly Value[],
  inputs: readonly ArrayType[],
): Program {
  return traceClosure(fn, inputs).program;
}

/**
 * Inlines the program into the innermost trace. Inputs left out at the end are captured values: they are read from the
 * enclosing traces.
 */
export function call(program: Program, inputs: readonly Value[]): Value[] {
  const env = new Map<number, Value>();
  bindInputs('call', env, program, inputs);
  for (const equation of program.equations) replay(env, equation);
  return program.outputs.map((output) => lookup(env, output));
}

/** Binds inputs and constants of a program to values of the innermost trace. */
export function bindInputs(
  where: string,
  env: Map<number, Value>,
  program: Program,
  inputs: readonly Value[],
): void {
  if (inputs.length > program.inputs.length) {
    throw new TraceError(
      `${where}: expected at most ${program.inputs.length} inputs, got ${inputs.length}.`,
    );
  }
  program.inputs.forEach((input, index) => env.set(input.id, inputs[index] ?? input));
  for (const [id, host] of program.constants) {
    env.set(id, host.shape.length === 0 ? literal(host.data[0], host.dtype) : constant(host));
  }
}

/** Emits a copy of the equation with its values translated by `env`, which learns the outputs. */
export function replay(env: Map<number, Value>, equation: Equation): Value[] {
  const inputs = equation.inputs.map((input) => lookup(env, input));
  const outputs = emit(equation.primitive, equation.params, inputs);
  equation.outputs.forEach((output, index) => env.set(output.id, outputs[index]));
  return outputs;
}

export function lookup(env: ReadonlyMap<number, Value>, value: Value): Value {
  const found = env.get(value.id);
  if (!found) throw new TraceError(`internal: value %${value.id} is used before it is defined.`);
  return found;
}
