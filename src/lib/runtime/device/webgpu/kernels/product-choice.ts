/** Which kernel computes a matrix product; the thresholds are those of bench/products.ts on an H100. */
import { sizeOf } from '../../../ir/shape.ts';
import type { EquationOf } from '../../../ir/types.ts';
import { sharedTiles } from './shared-product.ts';
import { suitsTiles } from './tiled-product.ts';

/**
 * registers: 4 × 4 outputs an invocation, no barrier. shared2, shared4: tiles in workgroup memory, 2 × 2 or 4 × 4 outputs an invocation.
 * workgroup: one workgroup an output, with a tree. serial: one invocation an output. reduction: as any sum of its size.
 */
export const PRODUCT_KERNELS = [
  'registers',
  'shared2',
  'shared4',
  'workgroup',
  'serial',
  'reduction',
] as const;
export type ProductKernel = (typeof PRODUCT_KERNELS)[number];

/** Workgroups that keep a device busy with tiles of 32 × 32, and of 64 × 64. */
const BUSY = 256;
const BUSY_LARGE = 512;
/** Below this inner length, tiles are loaded for too few multiplications. */
const SHALLOW = 128;
/** Up to this many outputs, a long inner axis is divided among the lanes of a workgroup. */
const FEW_OUTPUTS = 1024;
/** From this many outputs on, one invocation each is enough, whatever the inner length. */
const MANY_OUTPUTS = 4096;

export function productKernel(equation: EquationOf<'matmul'>, barriers: boolean): ProductKernel {
  if (!barriers) return suitsTiles(equation) ? 'registers' : 'reduction';
  const [a, b] = equation.inputs;
  const { transposeA, transposeB } = equation.params;
  const { shape } = equation.outputs[0];
  const [rows, columns] = shape.slice(-2);
  const length = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  const outputs = sizeOf(shape);
  if (length >= SHALLOW) {
    // Lanes read neighbouring addresses where the inner axis of the larger operand is its last.
    const inner = sizeOf(a.shape) >= sizeOf(b.shape) ? !transposeA : transposeB;
    const vector = rows === 1 || columns === 1;
    if (outputs <= FEW_OUTPUTS || (vector && inner)) return 'workgroup';
    if (!vector && sharedTiles(equation, 4) >= BUSY_LARGE) return 'shared4';
    if (!vector && sharedTiles(equation, 2) >= BUSY) return 'shared2';
  }
  return outputs >= MANY_OUTPUTS ? 'serial' : 'reduction';
}
