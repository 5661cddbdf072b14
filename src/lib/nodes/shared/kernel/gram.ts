import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import type { ModelValue } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { Effort } from '../../../runtime/graph/node-definition.ts';
import type { Program } from '../../../runtime/ir/types.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

/** Elements of a block of rows of the matrix: a few milliseconds of work between two turns. */
const BLOCK = 2 ** 16;

/** Rows that are computed at once. */
const rowsOf = (N: number) => Math.max(1, Math.floor(BLOCK / Math.max(1, N)));

function programOf({ kernel, dataset }: ModelValue, count: number): Program {
  if (!kernel) throw new Error('internal: a kernel matrix of a model without a kernel.');
  const [, D] = dataset.features.shape;
  return trace((v) => [kernel.rows(v)], [{ shape: [count, D], dtype: 'float' }]);
}

/** What so many rows of the kernel matrix take beside their own arrays: which way is taken depends on N, D and the kernel. */
export function kernelEffort(model: ModelValue, many: number): Pick<Effort, 'program' | 'times'> {
  const rows = Math.max(1, Math.min(many, rowsOf(model.dataset.features.shape[0])));
  return { program: programOf(model, rows), times: many / rows };
}

/** Rows k(x_i, ·) of the kernel matrix of the samples, for the samples asked for: row-major [indices, N], in float64. */
export async function kernelRows(
  model: ModelValue,
  indices: ArrayLike<number>,
  pacer: Pacer,
): Promise<Float64Array> {
  const { dataset } = model;
  const [N, D] = dataset.features.shape;
  const x = dataset.features.data;
  const rows = rowsOf(N);
  const out = new Float64Array(indices.length * N);
  // All blocks but the last are of one size.
  const usual = programOf(model, rows);
  for (let start = 0; start < indices.length; start += rows) {
    const count = Math.min(rows, indices.length - start);
    const points = Float64Array.from(
      { length: count * D },
      (_, k) => x[indices[start + Math.floor(k / D)] * D + (k % D)],
    );
    const block = hostFloat(points, [count, D]);
    const [part] = executeSync(count === rows ? usual : programOf(model, count), [block]);
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
