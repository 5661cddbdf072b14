import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import type { ModelValue } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

/** Elements of a block of rows of the matrix: a few milliseconds of work between two turns. */
const BLOCK = 2 ** 16;

/** Rows k(x_i, ·) of the kernel matrix of the samples, for the samples asked for: row-major [indices, N], in float64. */
export async function kernelRows(
  model: ModelValue,
  indices: ArrayLike<number>,
  pacer: Pacer,
): Promise<Float64Array> {
  const { kernel, dataset } = model;
  if (!kernel) throw new Error('internal: a kernel matrix of a model without a kernel.');
  const [N, D] = dataset.features.shape;
  const x = dataset.features.data;
  const rows = Math.max(1, Math.floor(BLOCK / Math.max(1, N)));
  const out = new Float64Array(indices.length * N);
  const programOf = (count: number) =>
    trace((v) => [kernel.rows(v)], [{ shape: [count, D], dtype: 'float' }]);
  // All blocks but the last are of one size.
  const usual = programOf(rows);
  for (let start = 0; start < indices.length; start += rows) {
    const count = Math.min(rows, indices.length - start);
    const points = Float64Array.from(
      { length: count * D },
      (_, k) => x[indices[start + Math.floor(k / D)] * D + (k % D)],
    );
    const block = hostFloat(points, [count, D]);
    const [part] = executeSync(count === rows ? usual : programOf(count), [block]);
    out.set(part.data, start * N);
    if (pacer.due()) {
      pacer.progress(start / indices.length);
      await pacer.pause();
    }
  }
  return out;
}

/** The kernel matrix of the samples, row-major [N, N], in float64. */
export function kernelMatrix(model: ModelValue, pacer: Pacer): Promise<Float64Array> {
  const [N] = model.dataset.features.shape;
  return kernelRows(
    model,
    Array.from({ length: N }, (_, i) => i),
    pacer,
  );
}
