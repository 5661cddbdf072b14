import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../../runtime/graph/ports.ts';
import { sizeOf } from '../../../runtime/ir/shape.ts';
import type { HostArray, Shape } from '../../../runtime/ir/types.ts';

/** A signal [n] or an image [H, W]. */
export interface Signal {
  readonly shape: Shape;
  readonly size: number;
  readonly truth: HostArray;
}

/** The signal or image of a dataset; refused where it has none, or one that is not finite. */
export function requireSignal(dataset: DatasetValue, where: string, port = 'data'): Signal {
  const { grid } = dataset;
  if (grid === undefined || grid.shape.length > 2) {
    throw new NodeError(
      'shape',
      `${where} (${port}): expected a signal or an image, got '${dataset.name}'. Use the piecewise constant signal or the image phantom.`,
      port,
    );
  }
  requireFinite(grid.truth, `${where} (${port})`, dataset.name, port);
  return { shape: grid.shape, size: sizeOf(grid.shape), truth: grid.truth };
}

export function requireFinite(
  { data, shape }: HostArray,
  where: string,
  name: string,
  port: string,
): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const width = shape[1] ?? 1;
    const place = shape.length === 2 ? `row ${Math.floor(i / width)}, column ${i % width}` : `${i}`;
    throw new NodeError(
      'not-finite',
      `${where}: expected finite values, got ${data[i]} at ${place} of '${name}'. Repair the data.`,
      port,
    );
  }
}

/** "64 × 64". */
export const describeShape = (shape: Shape): string => shape.join(' × ');
