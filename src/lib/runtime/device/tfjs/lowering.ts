/** How a Program's equations become tfjs operations. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ArrayType, PrimitiveName, PrimitiveParams, Program } from '../../ir/types.ts';
import type { Tf } from './engine.ts';

/** What a lowering may use besides its operands. */
export interface LowerContext {
  readonly tf: Tf;
  /** Runs one primitive through the device's table. */
  apply<P extends PrimitiveName>(
    primitive: P,
    params: PrimitiveParams[P],
    inputs: readonly Tensor[],
    outputs: readonly ArrayType[],
  ): Tensor[];
  /** Compiles a loop's body once per program. */
  body(program: Program): (inputs: readonly Tensor[]) => Tensor[];
}

/**
 * Executes one equation. Operands have exactly the equation's shapes, except those of elementwise primitives, which may still be
 * broadcastable to it (tfjs broadcasts natively); the results of these may then be too.
 * Runs inside a tidy: intermediates need no disposal. Returns new tensors.
 */
export type Lowering<P extends PrimitiveName> = (
  context: LowerContext,
  params: PrimitiveParams[P],
  inputs: readonly Tensor[],
  outputs: readonly ArrayType[],
) => Tensor[];

export type LoweringTable = { readonly [P in PrimitiveName]: Lowering<P> };

/** Primitives that act element by element on operands of one shape. */
export const ELEMENTWISE = [
  'neg',
  'abs',
  'sign',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sqrt',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'floor',
  'not',
  'stopGradient',
  'cast',
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'maximum',
  'minimum',
  'floorDiv',
  'mod',
  'less',
  'lessEqual',
  'equal',
  'and',
  'or',
  'select',
] as const satisfies readonly PrimitiveName[];

export type ElementwiseName = (typeof ELEMENTWISE)[number];

const ELEMENTWISE_SET: ReadonlySet<PrimitiveName> = new Set(ELEMENTWISE);

export function isElementwise(name: PrimitiveName): name is ElementwiseName {
  return ELEMENTWISE_SET.has(name);
}
