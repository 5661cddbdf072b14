import type { DatasetValue } from '../../runtime/graph/ports.ts';

/**
 * Columns of a model's output, decided by the targets alone: K for K ≥ 3 classes, 1 for real values, for two classes (one
 * logit z, the log-odds of class 1; softmax cross-entropy reads it as the pair [0, z]) and where there are no targets.
 */
export function outputColumns(dataset: DatasetValue): number {
  const { targets } = dataset;
  return targets.kind === 'labels' && targets.classes.length >= 3 ? targets.classes.length : 1;
}
