import type { KernelFactory } from '../kernels/kernel.ts';
import type { ShapeRule } from '../shape-rules/rule.ts';
import type { ArrayType, PrimitiveName, PrimitiveParams, Value } from '../types.ts';

/** Every primitive but `loop`, whose derivatives are loops again and live with the transforms. */
export type SimpleName = Exclude<PrimitiveName, 'loop'>;

/** A tangent or cotangent; null is a known zero. */
export type Tangent = Value | null;

export interface JvpContext<P extends PrimitiveName> {
  readonly params: PrimitiveParams[P];
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** One for each input, at least one of them not null. */
  readonly tangents: readonly Tangent[];
}

export interface VjpContext<P extends PrimitiveName> {
  readonly params: PrimitiveParams[P];
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly cotangent: Value;
  /** Which inputs want a cotangent; the others may stay null. */
  readonly needs: readonly boolean[];
}

/**
 * What the system knows of a primitive (all of these have one output). Derivative rules are written in operations on
 * traced values, so that derivatives differentiate again. A null rule says that the derivative is zero everywhere.
 */
export interface PrimitiveRule<P extends PrimitiveName> {
  readonly shape: ShapeRule<P>;
  readonly jvp: ((context: JvpContext<P>) => Tangent) | null;
  readonly vjp: ((context: VjpContext<P>) => Tangent[]) | null;
  readonly float64: KernelFactory<P>;
  /** Set where it cannot be a kernel of a GPU: what it computes on the host. */
  readonly host?: string;
  /** Floating point operations, roughly: 1 for arithmetic, `TRANSCENDENTAL` for a function value. */
  readonly flops: (
    params: PrimitiveParams[P],
    inputs: readonly ArrayType[],
    outputs: readonly ArrayType[],
  ) => number;
}

export type RuleTable<P extends SimpleName> = { [Q in P]: PrimitiveRule<Q> };

/** Operations counted for exp, log, tanh and the like. */
export const TRANSCENDENTAL = 8;
