/**
 * A 3 × 3 convolution of images, as in networks (a correlation), written with operations that have derivatives of any order on every device.
 *
 *   y[c′, i, j, b] = Σ_{r, s ∈ {0, 1, 2}} Σ_c K[c′, r, s, c] x[c, i + r − 1, j + s − 1, b],   x = 0 outside of the image
 *
 * Shapes: x [C, H, W, B], kernel [C′, 9·C] with column (3r + s)·C + c, y [C′, H, W, B]. The samples come last, so that a shift moves long rows of
 * memory; the nine shifted images, one below the other, are multiplied by one matrix.
 * LeCun, Bottou, Bengio & Haffner 1998, section II.A; Goodfellow, Bengio & Courville 2016, equation (9.6), for the missing flip.
 */
import { ShapeError } from '../../runtime/ir/errors.ts';
import { concat, matmul, pad, reshape, slice } from '../../runtime/ir/ops.ts';
import { formatShape } from '../../runtime/ir/shape.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** Places of a kernel. */
export const KERNEL_PLACES = 9;

export function convolve3x3(x: Value, kernel: Value): Value {
  if (x.shape.length !== 4) {
    throw new ShapeError('convolve3x3', 'images [C, H, W, B]', formatShape(x.shape));
  }
  const [C, H, W, B] = x.shape;
  if (kernel.shape.length !== 2 || kernel.shape[1] !== KERNEL_PLACES * C) {
    throw new ShapeError(
      'convolve3x3',
      `a kernel of ${KERNEL_PLACES * C} columns for ${C} channels`,
      formatShape(kernel.shape),
    );
  }
  const padded = pad(x, [0, 1, 1, 0], [0, 1, 1, 0]);
  const shifted = Array.from({ length: KERNEL_PLACES }, (_, k) =>
    slice(padded, [0, Math.floor(k / 3), k % 3, 0], [C, H, W, B]),
  );
  const rows = reshape(concat(shifted, 0), [KERNEL_PLACES * C, H * W * B]);
  return reshape(matmul(kernel, rows), [kernel.shape[0], H, W, B]);
}
