/**
 * Forward differences of a signal or an image.
 *
 *   signal x [n]:     (Kx)_i = x_{i+1} − x_i, [n − 1],                               ‖K‖ = 2 cos(π/(2n))
 *   image x [H, W]:   (Kx)_0 differences of rows, (Kx)_1 of columns, [2, H, W],      ‖K‖² = 4 cos²(π/(2H)) + 4 cos²(π/(2W))
 *
 * Differences across the last row and column are 0 (no flow through the boundary). KᵀK is the Laplacian with the eigenvalues
 * 4 sin²(πj/(2n)), j < n, of each axis in the cosine basis. Chambolle 2004, section 2; Strang 1999, section 2.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { pad, slice, squeeze, stack, sub, add } from '../../../runtime/ir/ops.ts';
import type { Shape, Value } from '../../../runtime/ir/types.ts';

export function gradientOperator(shape: Shape): LinearOperator {
  if (shape.length === 1) return signalGradient(shape[0]);
  if (shape.length === 2) return imageGradient(shape[0], shape[1]);
  throw new Error(`internal: gradient of shape [${shape.join(', ')}].`);
}

/** The largest singular value of the differences of n places; rounded up, and 0 for one place. */
const axisNorm = (n: number): number =>
  n === 1 ? 0 : 2 * elementary.cos(Math.PI / (2 * n)) * (1 + 4 * Number.EPSILON);

function signalGradient(n: number): LinearOperator {
  return {
    title: 'gradient',
    input: [n],
    output: [n - 1],
    norm: axisNorm(n),
    entries: { kind: 'differences' },
    apply: (x) => sub(slice(x, [1], [n - 1]), slice(x, [0], [n - 1])),
    adjoint: (y) => sub(pad(y, [1], [0]), pad(y, [0], [1])),
  };
}

function imageGradient(height: number, width: number): LinearOperator {
  const rows: Shape = [height - 1, width];
  const columns: Shape = [height, width - 1];
  const part = (y: Value, i: number, size: Shape) => squeeze(slice(y, [i, 0, 0], [1, ...size]), 0);
  const support = new Float64Array(2 * height * width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      if (i + 1 < height) support[i * width + j] = 1;
      if (j + 1 < width) support[(height + i) * width + j] = 1;
    }
  }
  return {
    title: 'gradient',
    input: [height, width],
    output: [2, height, width],
    norm: elementary.hypot(axisNorm(height), axisNorm(width)),
    support: hostFloat(support, [2, height, width]),
    entries: { kind: 'differences' },
    apply(x) {
      const down = sub(slice(x, [1, 0], rows), slice(x, [0, 0], rows));
      const right = sub(slice(x, [0, 1], columns), slice(x, [0, 0], columns));
      return stack([pad(down, [0, 0], [1, 0]), pad(right, [0, 0], [0, 1])], 0);
    },
    adjoint(y) {
      const down = part(y, 0, rows);
      const right = part(y, 1, columns);
      return add(
        sub(pad(down, [1, 0], [0, 0]), pad(down, [0, 0], [1, 0])),
        sub(pad(right, [0, 1], [0, 0]), pad(right, [0, 0], [0, 1])),
      );
    },
  };
}
