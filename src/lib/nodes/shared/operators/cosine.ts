/**
 * Coefficients of the orthonormal cosine transform (DCT-II), a part of them.
 *
 *   (Cx)_k = s_k Σ_i x_i cos(π(2i + 1)k/(2n)),   s_0 = √(1/n),  s_k = √(2/n);   along both axes of an image
 *
 * Kx = S Cx, with 0 in the places that S leaves out, so that K Kᵀ K = K, K⁺ = Kᵀ and ‖K‖ = 1. Strang 1999, The discrete cosine transform.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { constant, mul } from '../../../runtime/ir/ops.ts';
import type { HostArray, Shape, Value } from '../../../runtime/ir/types.ts';
import { applyAxes, applyAxesTransposed, axisMatrices } from './separable.ts';

/** More than what the entries of two axes, each off by less than 3e-15/√n, take from a singular value. */
export const ROUNDING = 1e-12;

export function cosineMatrix(n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    // The angle in whole multiples of π/(2n) within one turn, so that large n costs no accuracy.
    for (let i = 0; i < n; i++) {
      matrix[k * n + i] =
        scale * elementary.cos((Math.PI * (((2 * i + 1) * k) % (4 * n))) / (2 * n));
    }
  }
  return matrix;
}

/** `kept`: float 1 at the coefficients kept, 0 elsewhere, in the shape of the signal or image. */
export function cosineOperator(shape: Shape, kept: HostArray): LinearOperator {
  const matrices = axisMatrices(shape, cosineMatrix);
  const whole = kept.data.every((x) => x === 1);
  const select = (y: Value): Value => (whole ? y : mul(y, constant(kept)));
  const adjoint = (y: Value): Value => applyAxesTransposed(matrices, select(y));
  return {
    title: 'cosine transform',
    input: shape,
    output: shape,
    norm: 1,
    lowerBound: whole ? 1 - ROUNDING : 0,
    support: kept,
    entries: { kind: 'axes', matrices, kept },
    apply: (x) => select(applyAxes(matrices, x)),
    adjoint,
    pseudoInverse: () => Promise.resolve(adjoint),
  };
}
