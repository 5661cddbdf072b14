/**
 * Float64 kernels: plain loops over typed arrays, the normative result of every primitive.
 * Nothing here allocates per call, but for scratch kept by the kernel.
 */
import { sizeOf } from '../shape.ts';
import type { ArrayType, Dtype, PrimitiveName, PrimitiveParams } from '../types.ts';

export type Buffer = Float64Array | Int32Array | Uint8Array;

/** Reads inputs and fills every output element. An elementwise kernel may be given an input as its output. */
export type Kernel = (inputs: readonly Buffer[], outputs: readonly Buffer[]) => void;

/** Specialises a primitive to its parameters and types. */
export type KernelFactory<P extends PrimitiveName> = (
  params: PrimitiveParams[P],
  inputs: readonly ArrayType[],
  outputs: readonly ArrayType[],
) => Kernel;

/**
 * Loops are written once for Float64Array: they read and store numbers, and a store to an Int32Array wraps modulo 2^32
 * by itself.
 */
export type Numbers = Float64Array;

export function allocate(dtype: Dtype, size: number): Buffer {
  if (dtype === 'float') return new Float64Array(size);
  return dtype === 'int' ? new Int32Array(size) : new Uint8Array(size);
}

/** 0 for an operand of one element that is read by all, else 1. Elementwise kernels accept such operands. */
export function elementStride(input: ArrayType, output: ArrayType): 0 | 1 {
  return sizeOf(input.shape) === 1 && sizeOf(output.shape) !== 1 ? 0 : 1;
}
