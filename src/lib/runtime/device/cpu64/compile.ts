import { kernels } from '../../ir/kernels/index.ts';
import { allocate, type Buffer, type Kernel } from '../../ir/kernels/kernel.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { ArrayType, Equation, EquationOf, PrimitiveName, Program } from '../../ir/types.ts';
import { loopKernel } from './loop.ts';

/** A program as a list of kernel calls on preplanned buffers. */
export interface CompiledProgram {
  /**
   * Runs once. The returned buffers belong to the program (or are inputs or constants) and are overwritten by the
   * next call: copy what must last.
   */
  run(inputs: readonly Buffer[]): readonly Buffer[];
}

/** Where a value lives. Several values may share one storage (a reshape is no work). */
interface Slot {
  readonly storage: number;
  /** Type of the stored array: one element where a broadcast of a scalar is left to its readers. */
  readonly type: ArrayType;
}

interface Storage {
  readonly type: ArrayType;
  /** Inputs and constants live outside of the plan. */
  readonly external: boolean;
  buffer: Buffer | null;
}

interface Instruction {
  readonly kernel: Kernel;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** May write over an operand that dies here. */
  readonly inPlace: boolean;
}

/** Primitives whose kernels read single elements with stride 0 and may work in place. */
const ELEMENTWISE: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  ...(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'floorDiv', 'mod'] as const),
  ...(['less', 'lessEqual', 'equal', 'and', 'or', 'select'] as const),
]);
const UNARY: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  ...(['neg', 'abs', 'sign', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos'] as const),
  ...(['tanh', 'sigmoid', 'softplus', 'erf', 'floor', 'not'] as const),
]);

/** Compiles once; the result is reused for every call of the program. */
export function compile(program: Program): CompiledProgram {
  const storages: Storage[] = [];
  const slots = new Map<number, Slot>();
  const instructions: Instruction[] = [];

  const addStorage = (type: ArrayType, external: boolean, buffer: Buffer | null): number =>
    storages.push({ type, external, buffer }) - 1;
  const slotOf = (id: number): Slot => {
    const slot = slots.get(id);
    if (!slot) throw new Error(`internal: value %${id} is read before it is computed.`);
    return slot;
  };
  const newSlot = (type: ArrayType): Slot => ({ storage: addStorage(type, false, null), type });
  /** The slot with all elements stored. */
  const materialized = (value: ArrayType & { id: number }): Slot => {
    const slot = slotOf(value.id);
    if (sizeOf(slot.type.shape) === sizeOf(value.shape)) return { ...slot, type: value };
    const full = newSlot(value);
    instructions.push({
      kernel: kernels.broadcast({ shape: value.shape }, [slot.type], [value]),
      reads: [slot.storage],
      writes: [full.storage],
      inPlace: false,
    });
    slots.set(value.id, full);
    return full;
  };

  program.inputs.forEach((input) =>
    slots.set(input.id, { storage: addStorage(input, true, null), type: input }),
  );
  for (const [id, host] of program.constants) {
    slots.set(id, { storage: addStorage(host, true, host.data), type: host });
  }

  const add = <P extends PrimitiveName>(equation: EquationOf<P>): void => {
    const elementwise = ELEMENTWISE.has(equation.primitive);
    const operands = equation.inputs.map((input) =>
      elementwise ? slotOf(input.id) : materialized(input),
    );
    const results = equation.outputs.map(newSlot);
    equation.outputs.forEach((output, index) => slots.set(output.id, results[index]));
    instructions.push({
      kernel: kernelOf(
        equation,
        operands.map((slot) => slot.type),
      ),
      reads: operands.map((slot) => slot.storage),
      writes: results.map((slot) => slot.storage),
      inPlace: elementwise || UNARY.has(equation.primitive),
    });
  };

  for (const equation of liveEquations(program)) {
    const [output] = equation.outputs;
    const [input] = equation.inputs;
    if (isCopy(equation)) {
      slots.set(output.id, { ...materialized(input), type: output });
    } else if (equation.primitive === 'broadcast' && sizeOf(input.shape) === 1) {
      slots.set(output.id, slotOf(input.id));
    } else {
      add(equation);
    }
  }
  const outputs = program.outputs.map((output) => materialized(output).storage);
  plan(storages, instructions, outputs);
  return assemble(program.inputs.length, storages, instructions, outputs);
}

/** A reshape, or an identity in value: the output shares the storage of the input. */
function isCopy(equation: Equation): boolean {
  return (
    equation.primitive === 'reshape' ||
    equation.primitive === 'stopGradient' ||
    (equation.primitive === 'cast' && equation.params.dtype === equation.inputs[0].dtype)
  );
}

function kernelOf<P extends PrimitiveName>(
  equation: EquationOf<P>,
  inputs: readonly ArrayType[],
): Kernel {
  const { primitive, params, outputs } = equation as Equation;
  if (primitive === 'loop') return loopKernel(params, inputs, outputs, compile);
  return kernelFor(primitive, params as EquationOf<typeof primitive>['params'], inputs, outputs);
}

function kernelFor<P extends keyof typeof kernels>(
  primitive: P,
  params: EquationOf<P>['params'],
  inputs: readonly ArrayType[],
  outputs: readonly ArrayType[],
): Kernel {
  return kernels[primitive](params, inputs, outputs);
}

/** The equations on which an output depends. */
function liveEquations(program: Program): Equation[] {
  const needed = new Set(program.outputs.map((output) => output.id));
  const live: Equation[] = [];
  for (let k = program.equations.length - 1; k >= 0; k--) {
    const equation = program.equations[k];
    if (!equation.outputs.some((output) => needed.has(output.id))) continue;
    for (const input of equation.inputs) needed.add(input.id);
    live.push(equation);
  }
  return live.reverse();
}

/** Gives every storage a buffer, sharing buffers between storages that are never alive together. */
function plan(
  storages: readonly Storage[],
  instructions: readonly Instruction[],
  outputs: readonly number[],
): void {
  const lastUse = new Int32Array(storages.length).fill(-1);
  instructions.forEach(({ reads, writes }, k) => {
    for (const s of reads) lastUse[s] = k;
    for (const s of writes) lastUse[s] = Math.max(lastUse[s], k);
  });
  for (const s of outputs) lastUse[s] = instructions.length;

  const free = new Map<string, Buffer[]>();
  const keyOf = ({ type }: Storage) => `${type.dtype}${sizeOf(type.shape)}`;
  const release = (list: readonly number[], k: number) => {
    for (const s of new Set(list)) {
      const storage = storages[s];
      if (storage.external || lastUse[s] !== k || !storage.buffer) continue;
      const key = keyOf(storage);
      free.set(key, [...(free.get(key) ?? []), storage.buffer]);
    }
  };
  instructions.forEach(({ reads, writes, inPlace }, k) => {
    if (inPlace) release(reads, k);
    for (const s of writes) {
      const { dtype, shape } = storages[s].type;
      storages[s].buffer = free.get(keyOf(storages[s]))?.pop() ?? allocate(dtype, sizeOf(shape));
    }
    if (!inPlace) release(reads, k);
    release(
      writes.filter((s) => !reads.includes(s)),
      k,
    );
  });
}

function assemble(
  inputCount: number,
  storages: readonly Storage[],
  instructions: readonly Instruction[],
  outputs: readonly number[],
): CompiledProgram {
  const unset: Buffer = new Float64Array(0);
  const bound = (list: readonly number[]) => list.map((s) => storages[s].buffer ?? unset);
  const code = instructions.map(({ kernel, reads, writes }) => ({
    kernel,
    reads: bound(reads),
    writes: bound(writes),
  }));
  const results = bound(outputs);
  /** Places where each input's buffer is read. */
  const uses = Array.from({ length: inputCount }, (_, input) => [
    ...instructions.flatMap(({ reads }, k) =>
      reads.flatMap((s, index) => (s === input ? [{ list: code[k].reads, index }] : [])),
    ),
    ...outputs.flatMap((s, index) => (s === input ? [{ list: results, index }] : [])),
  ]);
  const current: (Buffer | null)[] = new Array<Buffer | null>(inputCount).fill(null);

  return {
    run(inputs) {
      for (let input = 0; input < inputCount; input++) {
        const buffer = inputs[input];
        if (buffer === current[input]) continue;
        current[input] = buffer;
        for (const { list, index } of uses[input]) list[index] = buffer;
      }
      for (let k = 0; k < code.length; k++) {
        const { kernel, reads, writes } = code[k];
        kernel(reads, writes);
      }
      return results;
    },
  };
}
