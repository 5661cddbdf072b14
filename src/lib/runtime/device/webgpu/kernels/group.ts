/** What the kernels of a fused group have in common. */
import type { HostArray, Value } from '../../../ir/types.ts';
import { emitValue, storable } from './emit.ts';
import type { EmitContext, InlineEquation } from './emit.ts';
import type { ReducingEquation, Reduction } from './heavy.ts';
import { bufferName } from './kernel.ts';
import type { ProductKernel } from './product-choice.ts';
import { Block, flatIndex } from './source.ts';

export interface Group {
  /** Elements of each output, and of the reduction's result. */
  readonly size: number;
  readonly reduction?: ReducingEquation;
  /** Values to store, each of `size` elements. */
  readonly stored: readonly Value[];
}

export interface GroupEnvironment {
  inline(value: Value): InlineEquation | undefined;
  constant(value: Value): HostArray | undefined;
  /** Whether workgroups may wait at barriers; otherwise long reductions are spread over invocations. */
  readonly barriers: boolean;
  /** The kernel of every matrix product. @default by its shape */
  readonly product?: ProductKernel;
  /** A fresh value of the plan. */
  temporary(shape: readonly number[], dtype: 'float' | 'int'): Value;
}

/** Invocations of a workgroup, when each is by itself and when they reduce together. */
export const MAP_SIZE = 64;
export const GROUP_SIZE = 64;

/** Collects the buffers that a kernel reads while it is emitted. */
export function contextOf(
  environment: GroupEnvironment,
  result?: { readonly value: Value; readonly name: string; readonly at: string },
): { context: EmitContext; reads: Value[] } {
  const reads: Value[] = [];
  const context: EmitContext = {
    inline: (value) => environment.inline(value),
    constant: (value) => environment.constant(value),
    atHand: (value, index) => {
      if (value.id !== result?.value.id) return undefined;
      if (index.flat !== result.at)
        throw new Error(`internal: value ${value.id} was expected at its own place, got another`);
      return result.name;
    },
    buffer: (value) => {
      if (!reads.some((read) => read.id === value.id)) reads.push(value);
      return bufferName('b', value);
    },
  };
  return { context, reads };
}

/** Statements that compute and store the group's outputs at the flat index `i`. */
export function stores(group: Group, context: EmitContext, block: Block, i: string): string {
  const lines = group.stored.map((value) => {
    const expression = emitValue(context, value, flatIndex(value.shape, i), block);
    return `${bufferName('o', value)}[${i}] = ${storable(value, expression)};`;
  });
  return [block.text, ...lines.map((line) => `  ${line}`)].join('\n');
}

export function outputOf(equation: ReducingEquation): Value {
  return equation.outputs[0];
}

/** The loop `for r in start, start + stride, … < end` around one accumulation step. */
export function loopText(
  reduction: Reduction,
  equation: ReducingEquation,
  context: EmitContext,
  outer: Block,
  range: {
    readonly start: string;
    readonly end: string;
    readonly stride: string;
    readonly out: string;
  },
): string {
  const inner = outer.inner();
  const at = (value: Value, index: Parameters<EmitContext['atHand']>[1], block: Block): string =>
    emitValue(context, value, index, block);
  const out = flatIndex(outputOf(equation).shape, range.out);
  const x = reduction.element(out, 'r', inner, outer, at);
  const step = reduction.monoid.step('acc', x, 'r');
  return `${outer.text}
  var acc = ${reduction.monoid.init};
  for (var r = ${range.start}; r < ${range.end}; r += ${range.stride}) {
${inner.text}
    acc = ${step};
  }`;
}

/** Stores come after the loop in a block of their own, with names that do not clash with the loop's. */
export function outerForStores(): Block {
  const block = new Block();
  block.skipNames(10000);
  return block;
}

/** Combines the lanes' accumulators in `scratch`; the total is in lane 0. */
export function tree(reduction: Reduction): string {
  return `  scratch[lane] = acc;
  workgroupBarrier();
  for (var half = ${GROUP_SIZE / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { scratch[lane] = ${reduction.monoid.combine('scratch[lane]', 'scratch[lane + half]')}; }
    workgroupBarrier();
  }`;
}
