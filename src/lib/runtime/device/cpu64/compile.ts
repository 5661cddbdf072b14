import { kernels } from '../../ir/kernels/index.ts';
import { allocate, type Buffer, type Kernel } from '../../ir/kernels/kernel.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { ArrayType, Equation, EquationOf, PrimitiveName, Program } from '../../ir/types.ts';
import { DeviceError, formatBytes } from '../errors.ts';
import { loopKernel } from './loop.ts';

/** A program as a list of kernel calls on preplanned buffers. */
export interface CompiledProgram {
  /** What it keeps; see `bufferBytes`. */
  readonly bytes: number;
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
  /** Constants; inputs come with each call. */
  readonly given: Buffer | null;
  /** Inputs and constants live outside of the plan. */
  readonly external: boolean;
  /** Index into the buffers of the plan; -1 outside of it, and where nothing is stored. */
  buffer: number;
}

interface Instruction {
  readonly make: () => Kernel;
  /** Bytes that the kernel allocates for itself. */
  readonly scratch: number;
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

/** What a program needs, decided before anything is allocated. */
interface Layout {
  readonly storages: readonly Storage[];
  readonly instructions: readonly Instruction[];
  /** Storages of the outputs. */
  readonly outputs: readonly number[];
  /** Types of the buffers, shared between storages that are never alive together. */
  readonly buffers: readonly ArrayType[];
  readonly inputs: number;
}

/** Beyond this no program is given memory, whoever asks: a browser tab would not survive several of them. */
const MOST_BYTES = 2e9;

/**
 * Compiles once; the result is reused for every call of the program.
 * @throws DeviceError 'memory' before anything is allocated, where the buffers would take more than a tab has
 */
export function compile(program: Program): CompiledProgram {
  const layout = layOut(program);
  const bytes = bytesIn(layout);
  if (bytes > MOST_BYTES)
    throw new DeviceError(
      'memory',
      `cpu64: expected a program of at most ${formatBytes(MOST_BYTES)}, got one of ${formatBytes(bytes)}. Use a smaller model or fewer samples.`,
    );
  return assemble(layout, bytes);
}

/** Bytes that a compiled program keeps: its buffers and what its kernels keep, without inputs, constants and copies of outputs. */
export function bufferBytes(program: Program): number {
  return bytesIn(layOut(program));
}

function bytesIn({ buffers, instructions }: Layout): number {
  return (
    buffers.reduce((total, type) => total + bytesOf(type), 0) +
    instructions.reduce((total, { scratch }) => total + scratch, 0)
  );
}

function layOut(program: Program): Layout {
  const storages: Storage[] = [];
  const slots = new Map<number, Slot>();
  const instructions: Instruction[] = [];

  const addStorage = (type: ArrayType, external: boolean, given: Buffer | null): number =>
    storages.push({ type, external, given, buffer: -1 }) - 1;
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
      make: () => kernels.broadcast({ shape: value.shape }, [slot.type], [value]),
      scratch: 0,
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
    const types = operands.map((slot) => slot.type);
    instructions.push({
      make: () => kernelOf(equation, types),
      scratch: scratchOf(equation as Equation, types),
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
  const buffers = plan(storages, instructions, outputs);
  return { storages, instructions, outputs, buffers, inputs: program.inputs.length };
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

/** Bytes that the kernel of an equation keeps: the body and the carries of a loop, or an operand that is copied into another order. */
function scratchOf({ primitive, params }: Equation, inputs: readonly ArrayType[]): number {
  if (primitive === 'loop') {
    const { body, constants, carry } = params;
    const carried = inputs.slice(constants, constants + carry);
    return bufferBytes(body) + 2 * carried.reduce((total, type) => total + bytesOf(type), 0);
  }
  if (primitive === 'matmul') return params.transposeB ? bytesOf(inputs[1]) : 0;
  const apart = 'axes' in params && params.axes.some((axis, i) => axis !== params.axes[0] + i);
  return apart ? bytesOf(inputs[0]) : 0;
}

function bytesOf({ dtype, shape }: ArrayType): number {
  return sizeOf(shape) * (dtype === 'float' ? 8 : dtype === 'int' ? 4 : 1);
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

/** Gives every storage a buffer, sharing buffers between storages that are never alive together. @returns their types */
function plan(
  storages: readonly Storage[],
  instructions: readonly Instruction[],
  outputs: readonly number[],
): ArrayType[] {
  const buffers: ArrayType[] = [];
  const lastUse = new Int32Array(storages.length).fill(-1);
  instructions.forEach(({ reads, writes }, k) => {
    for (const s of reads) lastUse[s] = k;
    for (const s of writes) lastUse[s] = Math.max(lastUse[s], k);
  });
  for (const s of outputs) lastUse[s] = instructions.length;

  const free = new Map<string, number[]>();
  const keyOf = ({ type }: Storage) => `${type.dtype}${sizeOf(type.shape)}`;
  const release = (list: readonly number[], k: number) => {
    for (const s of new Set(list)) {
      const storage = storages[s];
      if (storage.buffer < 0 || lastUse[s] !== k) continue;
      const key = keyOf(storage);
      const list = free.get(key);
      if (list) list.push(storage.buffer);
      else free.set(key, [storage.buffer]);
    }
  };
  instructions.forEach(({ reads, writes, inPlace }, k) => {
    if (inPlace) release(reads, k);
    for (const s of writes) {
      storages[s].buffer =
        free.get(keyOf(storages[s]))?.pop() ?? buffers.push(storages[s].type) - 1;
    }
    if (!inPlace) release(reads, k);
    release(
      writes.filter((s) => !reads.includes(s)),
      k,
    );
  });
  return buffers;
}

function assemble(layout: Layout, bytes: number): CompiledProgram {
  const { storages, instructions, outputs, inputs: inputCount } = layout;
  const buffers = layout.buffers.map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)));
  const unset: Buffer = new Float64Array(0);
  const bound = (list: readonly number[]) =>
    list.map((s) => storages[s].given ?? buffers[storages[s].buffer] ?? unset);
  const code = instructions.map(({ make, reads, writes }) => ({
    kernel: make(),
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
    bytes,
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
