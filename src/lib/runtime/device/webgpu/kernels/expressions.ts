/** The WGSL expression of each elementwise primitive: what the fuser inlines. */
import type { Dtype, PrimitiveParams, Value } from '../../../ir/types.ts';
import type { ElementwiseName } from '../../tfjs/lowering.ts';

interface Operands {
  /** WGSL expressions of type f32, i32 or bool. */
  readonly args: readonly string[];
  readonly values: readonly Value[];
  /** The number an operand is known to be everywhere, or undefined. */
  readonly known: (operand: number) => number | undefined;
}

type Expression<P extends ElementwiseName> = (
  operands: Operands,
  params: PrimitiveParams[P],
) => string;

type ExpressionTable = { readonly [P in ElementwiseName]: Expression<P> };

export const WGSL_TYPE: Readonly<Record<Dtype, string>> = {
  float: 'f32',
  int: 'i32',
  bool: 'bool',
};

const call =
  (name: string) =>
  ({ args }: Operands): string =>
    `${name}(${args.join(', ')})`;

const infix =
  (operator: string) =>
  ({ args }: Operands): string =>
    `(${args[0]} ${operator} ${args[1]})`;

/** Exact products for the small whole exponents that losses use. */
function power({ args: [x, y], known }: Operands): string {
  const exponent = known(1);
  if (exponent === 1) return x;
  if (exponent === 2) return `(${x} * ${x})`;
  if (exponent === 3) return `(${x} * ${x} * ${x})`;
  if (exponent === 4) return `((${x} * ${x}) * (${x} * ${x}))`;
  if (exponent === -1) return `(1.0f / ${x})`;
  if (exponent === 0.5) return `sqrt(${x})`;
  return `m_pow(${x}, ${y})`;
}

function cast(x: string, from: Dtype, to: Dtype): string {
  if (from === to) return x;
  if (to === 'bool') return from === 'float' ? `(${x} != 0.0f)` : `(${x} != 0)`;
  return `${WGSL_TYPE[to]}(${x})`;
}

export const WGSL_EXPRESSIONS: ExpressionTable = {
  neg: ({ args }) => `(-${args[0]})`,
  abs: call('abs'),
  sign: call('sign'),
  exp: call('exp'),
  expm1: call('m_expm1'),
  log: call('m_log'),
  log1p: call('m_log1p'),
  sqrt: call('sqrt'),
  sin: ({ args }) => `m_sincos(${args[0]}, 0)`,
  cos: ({ args }) => `m_sincos(${args[0]}, 1)`,
  tanh: call('m_tanh'),
  sigmoid: call('m_sigmoid'),
  softplus: call('m_softplus'),
  erf: call('m_erf'),
  floor: call('floor'),
  not: ({ args }) => `(!${args[0]})`,
  stopGradient: ({ args }) => args[0],
  cast: ({ args, values }, { dtype }) => cast(args[0], values[0].dtype, dtype),
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: infix('/'),
  pow: power,
  maximum: call('max'),
  minimum: call('min'),
  floorDiv: call('m_floor_div'),
  mod: call('m_mod'),
  less: infix('<'),
  lessEqual: infix('<='),
  equal: infix('=='),
  and: infix('&&'),
  or: infix('||'),
  select: ({ args: [condition, a, b] }) => `select(${b}, ${a}, ${condition})`,
};

/** Rough cost in arithmetic instructions; decides whether recomputing beats storing. */
export const EXPRESSION_COST: Readonly<Record<ElementwiseName, number>> = {
  neg: 1,
  abs: 1,
  sign: 1,
  exp: 8,
  expm1: 16,
  log: 16,
  log1p: 16,
  sqrt: 4,
  sin: 20,
  cos: 20,
  tanh: 24,
  sigmoid: 12,
  softplus: 24,
  erf: 30,
  floor: 1,
  not: 1,
  stopGradient: 0,
  cast: 1,
  add: 1,
  sub: 1,
  mul: 1,
  div: 4,
  pow: 12,
  maximum: 1,
  minimum: 1,
  floorDiv: 8,
  mod: 8,
  less: 1,
  lessEqual: 1,
  equal: 1,
  and: 1,
  or: 1,
  select: 1,
};
