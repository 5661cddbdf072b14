import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import type { DatasetValue, Targets } from '../../runtime/graph/ports.ts';
import type { HostArray } from '../../runtime/ir/types.ts';

export function sampleCount(dataset: DatasetValue): number {
  return dataset.features.shape[0];
}

export function featureCount(dataset: DatasetValue): number {
  return dataset.features.shape[1];
}

/** "442 × 10", with the classes if any. */
export function describeSize(dataset: DatasetValue): string {
  const size = `${sampleCount(dataset)} × ${featureCount(dataset)}`;
  return dataset.targets.kind === 'labels'
    ? `${size}, ${dataset.targets.classes.length} classes`
    : size;
}

/** x1, x2, …, xD. */
export function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `x${i + 1}`);
}

/** The samples at `rows`, in that order. */
export function takeRows(dataset: DatasetValue, rows: Int32Array, name: string): DatasetValue {
  return {
    ...dataset,
    name,
    features: takeLeading(dataset.features, rows),
    targets: takeTargets(dataset.targets, rows),
  };
}

function takeTargets(targets: Targets, rows: Int32Array): Targets {
  switch (targets.kind) {
    case 'none':
      return targets;
    case 'values':
      return { ...targets, values: takeLeading(targets.values, rows) };
    case 'labels':
      return { ...targets, labels: takeLeading(targets.labels, rows) };
  }
}

function takeLeading(array: HostArray, rows: Int32Array): HostArray {
  const width = array.shape.slice(1).reduce((product, size) => product * size, 1);
  const shape = [rows.length, ...array.shape.slice(1)];
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) data[i * width + j] = array.data[row * width + j];
  });
  return array.dtype === 'float' ? hostFloat(data, shape) : hostInt(data, shape);
}
