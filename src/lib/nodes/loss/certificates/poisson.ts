/**
 * The w with DᵀDw = e and mean 0, for e of mean 0 and D the forward differences of a signal or image: then q = Dw has Dᵀq = e, and no
 * other q has a smaller norm.
 *
 * In the cosine basis DᵀD is diagonal with Σ 4 sin²(πk/(2n)) over the axes. Strang 1999, The discrete cosine transform, section 2.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { cosineMatrix } from '../../shared/operators/cosine.ts';
import { transposed } from '../../../numerics/linear-algebra.ts';

export function divergencePotential(e: Float64Array, shape: Shape): Float64Array {
  const [height, width] = shape.length === 2 ? shape : [1, shape[0]];
  const rows = cosineMatrix(height);
  const columns = cosineMatrix(width);
  const rowsBack = transposed(rows, height, height);
  const columnsBack = transposed(columns, width, width);
  const coefficients = product(
    product(rows, e, height, height, width),
    columnsBack,
    height,
    width,
    width,
  );
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const eigenvalue =
        4 * elementary.sin((Math.PI * i) / (2 * height)) ** 2 +
        4 * elementary.sin((Math.PI * j) / (2 * width)) ** 2;
      coefficients[i * width + j] = eigenvalue > 0 ? coefficients[i * width + j] / eigenvalue : 0;
    }
  }
  return product(
    product(rowsBack, coefficients, height, height, width),
    columns,
    height,
    width,
    width,
  );
}

/** A B of [m, k] and [k, n]. */
function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p];
      for (let j = 0; j < n; j++) out[i * n + j] += x * b[p * n + j];
    }
  }
  return out;
}
