/**
 * Kernels of a fused group: elementwise outputs of one size, optionally after one reduction whose result they use at their own place.
 *
 * map: one invocation per element.
 * reduce: one invocation per output when outputs abound or the reduction is short; else one workgroup per output with a tree in workgroup
 *   memory; else (long, few outputs) a first dispatch leaves partial accumulators that a second combines.
 * Floating sums are blocked in every case, so that rounding grows with the block length and the logarithm of the rest.
 */
import { sizeOf } from '../../../ir/shape.ts';
import type { HostArray, Value } from '../../../ir/types.ts';
import { emitValue, storable } from './emit.ts';
import type { EmitContext, InlineEquation } from './emit.ts';
import { reductionOf } from './heavy.ts';
import type { ReducingEquation, Reduction } from './heavy.ts';
import type { Monoid } from './monoid.ts';
import { assemble, bufferName, grid, invocationNumber, workgroupNumber } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { Block, flatIndex } from './source.ts';
import { tiledProduct, suitsTiles } from './tiled-product.ts';

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
  /** A fresh value of the plan. */
  temporary(shape: readonly number[], dtype: 'float' | 'int'): Value;
}

const MAP_SIZE = 64;
const GROUP_SIZE = 64;
/** A reduction up to this length stays in one invocation. */
const SERIAL_LENGTH = 256;
/** This many outputs keep a device busy with one invocation each, up to SERIAL_LENGTH_WIDE. */
const WIDE_OUTPUTS = 512;
const SERIAL_LENGTH_WIDE = 2048;
/** A reduction longer than this with few outputs is split over several workgroups. */
const SPLIT_LENGTH = 16384;
const SPLIT_PART = 4096;
const MAX_PARTS = 256;

export function generate(group: Group, environment: GroupEnvironment): Kernel[] {
  const { reduction } = group;
  if (!reduction) return [mapKernel(group, environment)];
  const description = reductionOf(reduction);
  const { length } = description;
  if (reduction.primitive === 'matmul' && suitsTiles(reduction))
    return [tiledKernel(group, reduction, environment)];
  const serial =
    length <= SERIAL_LENGTH || (group.size >= WIDE_OUTPUTS && length <= SERIAL_LENGTH_WIDE);
  if (serial) return [serialKernel(group, reduction, description, environment)];
  if (!environment.barriers) return spreadKernels(group, reduction, description, environment);
  if (length > SPLIT_LENGTH && group.size * GROUP_SIZE < 16384)
    return splitKernels(group, reduction, description, environment);
  return [groupKernel(group, reduction, description, environment)];
}

/** Collects the buffers that a kernel reads while it is emitted. */
function contextOf(
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
function stores(group: Group, context: EmitContext, block: Block, i: string): string {
  const lines = group.stored.map((value) => {
    const expression = emitValue(context, value, flatIndex(value.shape, i), block);
    return `${bufferName('o', value)}[${i}] = ${storable(value, expression)};`;
  });
  return [block.text, ...lines.map((line) => `  ${line}`)].join('\n');
}

function mapKernel(group: Group, environment: GroupEnvironment): Kernel {
  const { context, reads } = contextOf(environment);
  const workgroups = grid(Math.ceil(group.size / MAP_SIZE));
  const body = stores(group, context, new Block(), 'i');
  return assemble({
    label: `map[${group.size}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    main: `  let i = ${invocationNumber(workgroups, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
${body}`,
  });
}

function outputOf(equation: ReducingEquation): Value {
  return equation.outputs[0];
}

/** The loop `for r in start, start + stride, … < end` around one accumulation step. */
function loopText(
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

function serialKernel(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel {
  const workgroups = grid(Math.ceil(group.size / MAP_SIZE));
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const outer = new Block();
  const loop = loopText(reduction, equation, context, outer, {
    start: '0u',
    end: `${reduction.length}u`,
    stride: '1u',
    out: 'i',
  });
  return assemble({
    label: `${equation.primitive}.serial[${group.size}×${reduction.length}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    declarations: reduction.monoid.declarations,
    main: `  let i = ${invocationNumber(workgroups, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
${loop}
  let result = ${reduction.monoid.result('acc')};
${stores(group, context, outerForStores(), 'i')}`,
  });
}

/** Stores come after the loop in a block of their own, with names that do not clash with the loop's. */
function outerForStores(): Block {
  const block = new Block();
  block.skipNames(10000);
  return block;
}

/** Combines the lanes' accumulators in `scratch`; the total is in lane 0. */
function tree(reduction: Reduction): string {
  return `  scratch[lane] = acc;
  workgroupBarrier();
  for (var half = ${GROUP_SIZE / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { scratch[lane] = ${reduction.monoid.combine('scratch[lane]', 'scratch[lane + half]')}; }
    workgroupBarrier();
  }`;
}

function groupKernel(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel {
  const workgroups = grid(group.size);
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const loop = loopText(reduction, equation, context, new Block(), {
    start: 'lane',
    end: `${reduction.length}u`,
    stride: `${GROUP_SIZE}u`,
    out: 'i',
  });
  return assemble({
    label: `${equation.primitive}.group[${group.size}×${reduction.length}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: GROUP_SIZE,
    declarations: `${reduction.monoid.declarations}
var<workgroup> scratch: array<${reduction.monoid.type}, ${GROUP_SIZE}>;`,
    main: `  let i = ${workgroupNumber(workgroups)};
  if (i >= ${group.size}u) { return; }
${loop}
${tree(reduction)}
  if (lane > 0u) { return; }
  let total = scratch[0];
  let result = ${reduction.monoid.result('total')};
${stores(group, context, outerForStores(), 'i')}`,
  });
}

/** Values that hold the accumulators of `words` partial reductions, and the fields of an accumulator they hold. */
function partialValues(
  monoid: Monoid,
  words: number,
  environment: GroupEnvironment,
): { readonly values: readonly Value[]; readonly fields: readonly string[] } {
  const first = environment.temporary([words], monoid.wordType === 'i32' ? 'int' : 'float');
  if (monoid.words === 1) return { values: [first], fields: [''] };
  const pair = monoid.type === 'Best';
  const second = environment.temporary([words], pair ? 'int' : 'float');
  return { values: [first, second], fields: pair ? ['.value', '.position'] : ['.x', '.y'] };
}

/** The accumulator of partial reduction `w`. */
function loadPartial(monoid: Monoid, names: readonly string[], w: string): string {
  const words = names.map((name) => `${name}[${w}]`);
  return monoid.words === 2 ? `${monoid.type}(${words.join(', ')})` : words[0];
}

/** Workgroups, `parts` for each output, each with a tree; then one workgroup for each output. */
function splitKernels(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel[] {
  const { monoid, length } = reduction;
  const parts = Math.min(MAX_PARTS, Math.ceil(length / SPLIT_PART));
  const words = group.size * parts;
  const partial = partialValues(monoid, words, environment);
  const declarations = `${monoid.declarations}
var<workgroup> scratch: array<${monoid.type}, ${GROUP_SIZE}>;`;

  const first = contextOf(environment);
  const firstGrid = grid(words);
  const loop = loopText(reduction, equation, first.context, new Block(), {
    start: `part * ${GROUP_SIZE}u + lane`,
    end: `${length}u`,
    stride: `${GROUP_SIZE * parts}u`,
    out: 'i',
  });
  const saves = partial.values.map(
    (v, k) => `  ${bufferName('o', v)}[w] = scratch[0]${partial.fields[k]};`,
  );
  const partials = assemble({
    label: `${equation.primitive}.partial[${group.size}×${length}]`,
    reads: first.reads,
    writes: partial.values,
    workgroups: firstGrid,
    workgroupSize: GROUP_SIZE,
    declarations,
    main: `  let w = ${workgroupNumber(firstGrid)};
  if (w >= ${words}u) { return; }
  let i = w / ${parts}u;
  let part = w % ${parts}u;
${loop}
${tree(reduction)}
  if (lane > 0u) { return; }
${saves.join('\n')}`,
  });

  const last = contextOf(environment, { value: outputOf(equation), name: 'result', at: 'i' });
  const lastGrid = grid(group.size);
  const names = partial.values.map((v) => last.context.buffer(v));
  const combined = assemble({
    label: `${equation.primitive}.combine[${group.size}×${parts}]`,
    reads: last.reads,
    writes: group.stored,
    workgroups: lastGrid,
    workgroupSize: GROUP_SIZE,
    declarations,
    main: `  let i = ${workgroupNumber(lastGrid)};
  if (i >= ${group.size}u) { return; }
  var acc = ${monoid.init};
  for (var p = lane; p < ${parts}u; p += ${GROUP_SIZE}u) {
    acc = ${monoid.combine('acc', loadPartial(monoid, names, `i * ${parts}u + p`))};
  }
${tree(reduction)}
  if (lane > 0u) { return; }
  let total = scratch[0];
  let result = ${monoid.result('total')};
${stores(group, last.context, outerForStores(), 'i')}`,
  });
  return [partials, combined];
}

/** One invocation for each of about √length parts of every output; then one for each output. No barriers. */
function spreadKernels(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel[] {
  const { monoid, length } = reduction;
  const parts = Math.ceil(Math.sqrt(length));
  const words = group.size * parts;
  const partial = partialValues(monoid, words, environment);

  const first = contextOf(environment);
  const firstGrid = grid(Math.ceil(words / MAP_SIZE));
  const loop = loopText(reduction, equation, first.context, new Block(), {
    start: 'part',
    end: `${length}u`,
    stride: `${parts}u`,
    out: 'i',
  });
  const saves = partial.values.map(
    (v, k) => `  ${bufferName('o', v)}[w] = acc${partial.fields[k]};`,
  );
  const partials = assemble({
    label: `${equation.primitive}.spread[${group.size}×${length}]`,
    reads: first.reads,
    writes: partial.values,
    workgroups: firstGrid,
    workgroupSize: MAP_SIZE,
    declarations: monoid.declarations,
    main: `  let w = ${invocationNumber(firstGrid, MAP_SIZE)};
  if (w >= ${words}u) { return; }
  let i = w / ${parts}u;
  let part = w % ${parts}u;
${loop}
${saves.join('\n')}`,
  });

  const last = contextOf(environment, { value: outputOf(equation), name: 'result', at: 'i' });
  const lastGrid = grid(Math.ceil(group.size / MAP_SIZE));
  const names = partial.values.map((v) => last.context.buffer(v));
  const gathered = assemble({
    label: `${equation.primitive}.gather[${group.size}×${parts}]`,
    reads: last.reads,
    writes: group.stored,
    workgroups: lastGrid,
    workgroupSize: MAP_SIZE,
    declarations: monoid.declarations,
    main: `  let i = ${invocationNumber(lastGrid, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
  var acc = ${monoid.init};
  for (var p = 0u; p < ${parts}u; p++) {
    acc = ${monoid.combine('acc', loadPartial(monoid, names, `i * ${parts}u + p`))};
  }
  let result = ${monoid.result('acc')};
${stores(group, last.context, outerForStores(), 'i')}`,
  });
  return [partials, gathered];
}

function tiledKernel(
  group: Group,
  equation: Extract<ReducingEquation, { primitive: 'matmul' }>,
  environment: GroupEnvironment,
): Kernel {
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const tile = tiledProduct(equation, (value, index, block) =>
    emitValue(context, value, index, block),
  );
  const finish = stores(group, context, outerForStores(), 'i');
  const workgroups = grid(Math.ceil(tile.invocations / MAP_SIZE));
  return assemble({
    label: `matmul.tiled${equation.outputs[0].shape.join('×')}`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    declarations: `fn finish(i: u32, result: f32) {
${finish}
}`,
    main: `  let t = ${invocationNumber(workgroups, MAP_SIZE)};
  if (t >= ${tile.invocations}u) { return; }
${tile.main}`,
  });
}

/** Elements of a value, as groups count them. */
export function groupSize(value: Value): number {
  return sizeOf(value.shape);
}
