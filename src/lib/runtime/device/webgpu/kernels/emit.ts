/**
 * Emits the WGSL expression of a value at a place. Elementwise primitives become expressions, shape primitives become changes of
 * the place, and only values that live in buffers are loaded: this is all of kernel fusion.
 */
import { feistelHalfBits } from '../../../ir/random-bits.ts';
import { sameShape, sizeOf } from '../../../ir/shape.ts';
import type { EquationOf, HostArray, PrimitiveName, Value } from '../../../ir/types.ts';
import { isElementwise } from '../../tfjs/lowering.ts';
import type { ElementwiseName } from '../../tfjs/lowering.ts';
import { WGSL_EXPRESSIONS, WGSL_TYPE } from './expressions.ts';
import { coordinateIndex, coordinatesOf, flatIndex, flatOf, indexKey } from './source.ts';
import type { Block, Index } from './source.ts';

/** Primitives that the emitter inlines; the others are kernels of their own. */
export type InlineName =
  | ElementwiseName
  | 'reshape'
  | 'transpose'
  | 'broadcast'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'reverse'
  | 'iota'
  | 'gather'
  | 'randomBits'
  | 'randomPermutation';

const INLINE_SHAPING: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'pad',
  'concat',
  'reverse',
  'iota',
  'gather',
  'randomBits',
  'randomPermutation',
]);

export type InlineEquation = { [P in InlineName]: EquationOf<P> }[InlineName];

export function isInline(name: PrimitiveName): name is InlineName {
  return isElementwise(name) || INLINE_SHAPING.has(name);
}

/** Where the emitter finds values. */
export interface EmitContext {
  /** The equation to inline, or undefined when the value is loaded from a buffer. */
  inline(value: Value): InlineEquation | undefined;
  constant(value: Value): HostArray | undefined;
  /** A value the kernel has at hand at its own output index (an accumulator), or undefined. */
  atHand(value: Value, index: Index): string | undefined;
  /** The name of the value's buffer in the kernel. */
  buffer(value: Value): string;
}

/** A literal of the constant, or undefined when WGSL has none (∞, NaN, not a single number). */
export function literalOf(host: HostArray | undefined): string | undefined {
  if (!host || host.data.length === 0) return undefined;
  const first = host.data[0];
  // Short arrays of one repeated number are as good as a scalar.
  if (
    host.data.length > 1 &&
    (host.data.length > 64 || host.data.some((x) => !Object.is(x, first)))
  )
    return undefined;
  if (host.dtype === 'bool') return first ? 'true' : 'false';
  if (host.dtype === 'int') return `i32(${first})`;
  const rounded = Math.fround(first);
  if (!Number.isFinite(rounded)) return undefined;
  const text = Object.is(rounded, -0) ? '-0.0' : String(rounded);
  const number = /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
  return rounded < 0 || Object.is(rounded, -0) ? `(${number})` : number;
}

/** The name or literal of `value` at `index` in `block`. */
export function emitValue(context: EmitContext, value: Value, index: Index, block: Block): string {
  const hand = context.atHand(value, index);
  if (hand !== undefined) return hand;
  const host = context.constant(value);
  const literal = literalOf(host);
  if (literal !== undefined) return literal;

  const key = `${value.id}@${indexKey(index)}`;
  const known = block.recall(key);
  if (known !== undefined) return known;
  const equation = host ? undefined : context.inline(value);
  const name = equation
    ? block.bind(emitEquation(context, equation, index, block))
    : block.bind(load(context, value, index, block));
  block.remember(key, name);
  return name;
}

function load(context: EmitContext, value: Value, index: Index, block: Block): string {
  const element = `${context.buffer(value)}[${flatOf(index, block)}]`;
  return value.dtype === 'bool' ? `(${element} != 0)` : element;
}

const ZERO = { float: '0.0f', int: '0i', bool: 'false' } as const;

function emitEquation(
  context: EmitContext,
  equation: InlineEquation,
  index: Index,
  block: Block,
): string {
  const at = (value: Value, place: Index): string => emitValue(context, value, place, block);
  const { inputs } = equation;
  switch (equation.primitive) {
    case 'reshape':
      return at(inputs[0], flatIndex(inputs[0].shape, flatOf(index, block)));
    case 'broadcast':
      return at(inputs[0], broadcastIndex(inputs[0], index, block));
    case 'transpose': {
      const out = coordinatesOf(index, block);
      const coordinates = new Array<string>(out.length);
      equation.params.permutation.forEach((axis, i) => (coordinates[axis] = out[i]));
      return at(inputs[0], coordinateIndex(inputs[0].shape, coordinates));
    }
    case 'slice': {
      const { start } = equation.params;
      const coordinates = coordinatesOf(index, block).map((c, axis) =>
        offset(c, start[axis], block),
      );
      return at(inputs[0], coordinateIndex(inputs[0].shape, coordinates));
    }
    case 'reverse': {
      const { axes } = equation.params;
      const coordinates = coordinatesOf(index, block).map((c, axis) =>
        axes.includes(axis) ? block.bind(`${index.shape[axis] - 1}u - ${c}`) : c,
      );
      return at(inputs[0], coordinateIndex(inputs[0].shape, coordinates));
    }
    case 'pad':
      return emitPad(equation, index, block, at);
    case 'concat':
      return emitConcat(equation, index, block, at);
    case 'iota':
      return `i32(${coordinatesOf(index, block)[equation.params.axis]})`;
    case 'gather': {
      const [operand, indices] = inputs;
      const out = coordinatesOf(index, block);
      const rank = indices.shape.length;
      const row = at(indices, coordinateIndex(indices.shape, out.slice(0, rank)));
      const safe = block.bind(`u32(clamp(${row}, 0i, ${Math.max(operand.shape[0] - 1, 0)}i))`);
      return at(operand, coordinateIndex(operand.shape, [safe, ...out.slice(rank)]));
    }
    case 'randomBits': {
      const [k0, k1] = keyWords(inputs[0], at);
      return `m_random_bits(${k0}, ${k1}, ${flatOf(index, block)}, ${equation.params.bits}u)`;
    }
    case 'randomPermutation': {
      const [k0, k1] = keyWords(inputs[0], at);
      const { n } = equation.params;
      return `m_permute(${k0}, ${k1}, ${at(inputs[1], index)}, ${n}u, ${feistelHalfBits(n)}u)`;
    }
    default:
      return emitElementwise(context, equation, index, at);
  }
}

type At = (value: Value, place: Index) => string;

function emitElementwise<P extends ElementwiseName>(
  context: EmitContext,
  equation: EquationOf<P>,
  index: Index,
  at: At,
): string {
  const operands = {
    args: equation.inputs.map((input) => at(input, index)),
    values: equation.inputs,
    known: (operand: number) => knownScalar(context, equation.inputs[operand]),
  };
  return WGSL_EXPRESSIONS[equation.primitive](operands, equation.params);
}

/** The number that a value is everywhere, seen through broadcasts. */
function knownScalar(context: EmitContext, value: Value): number | undefined {
  const host = context.constant(value);
  if (host) return host.data.length === 1 ? host.data[0] : undefined;
  const equation = context.inline(value);
  if (equation?.primitive === 'broadcast' || equation?.primitive === 'reshape')
    return knownScalar(context, equation.inputs[0]);
  return undefined;
}

function keyWords(key: Value, at: At): [string, string] {
  return [at(key, flatIndex(key.shape, '0u')), at(key, flatIndex(key.shape, '1u'))];
}

function offset(coordinate: string, start: number, block: Block): string {
  if (start === 0) return coordinate;
  return coordinate === '0u' ? `${start}u` : block.bind(`${coordinate} + ${start}u`);
}

function broadcastIndex(operand: Value, index: Index, block: Block): Index {
  const { shape } = operand;
  if (sameShape(shape, index.shape)) return index;
  if (sizeOf(shape) === sizeOf(index.shape)) return flatIndex(shape, flatOf(index, block));
  if (sizeOf(shape) === 1) return flatIndex(shape, '0u');
  const lead = index.shape.length - shape.length;
  const inner = shape.findIndex((n) => n !== 1);
  // A repeated row: the operand is the trailing axes of the result, so only the flat index matters.
  const trailing = shape.every((n, axis) => axis < inner || n === index.shape[lead + axis]);
  if (trailing && index.flat !== undefined && !index.coordinates)
    return flatIndex(shape, block.bind(`${index.flat} % ${sizeOf(shape)}u`));
  const out = coordinatesOf(index, block);
  return coordinateIndex(
    shape,
    shape.map((n, axis) => (n === 1 ? '0u' : out[lead + axis])),
  );
}

function emitPad(equation: EquationOf<'pad'>, index: Index, block: Block, at: At): string {
  const [operand] = equation.inputs;
  const zero = ZERO[operand.dtype];
  if (sizeOf(operand.shape) === 0) return zero;
  const { before, after } = equation.params;
  const conditions: string[] = [];
  const coordinates = coordinatesOf(index, block).map((c, axis) => {
    const n = operand.shape[axis];
    if (before[axis] === 0 && after[axis] === 0) return c;
    // Below the operand the difference wraps to a huge number, so one comparison covers both sides.
    const moved = before[axis] === 0 ? c : block.bind(`${c} - ${before[axis]}u`);
    conditions.push(`${moved} < ${n}u`);
    return block.bind(`min(${moved}, ${n - 1}u)`);
  });
  const value = at(operand, coordinateIndex(operand.shape, coordinates));
  return conditions.length === 0 ? value : `select(${zero}, ${value}, ${conditions.join(' && ')})`;
}

function emitConcat(equation: EquationOf<'concat'>, index: Index, block: Block, at: At): string {
  const { axis } = equation.params;
  const out = coordinatesOf(index, block);
  let start = 0;
  const parts = equation.inputs.flatMap((operand) => {
    const n = operand.shape[axis];
    if (n === 0) return [];
    const moved = start === 0 ? out[axis] : block.bind(`${out[axis]} - ${start}u`);
    const local = block.bind(`min(${moved}, ${n - 1}u)`);
    const coordinates = out.map((c, i) => (i === axis ? local : c));
    const value = at(operand, coordinateIndex(operand.shape, coordinates));
    start += n;
    return [{ value, end: start }];
  });
  return parts.reduceRight(
    (rest, part) =>
      rest === ''
        ? part.value
        : block.bind(`select(${rest}, ${part.value}, ${out[axis]} < ${part.end}u)`),
    '',
  );
}

/** The declared element type of a value's buffer. */
export function storageType(value: Value): string {
  return value.dtype === 'bool' ? 'i32' : WGSL_TYPE[value.dtype];
}

/** What is stored for an expression of the value's type. */
export function storable(value: Value, expression: string): string {
  return value.dtype === 'bool' ? `select(0i, 1i, ${expression})` : expression;
}
