import type { DatasetValue } from '../../runtime/graph/ports.ts';
import type { ScatterView, TableView, ViewData } from '../../runtime/graph/view-data.ts';
import { featureCount, sampleCount } from './dataset.ts';

/** Points and rows that a preview shows; a picture inside a node has no room for more. */
const PREVIEW_POINTS = 2000;
const PREVIEW_ROWS = 20;

/** Points in the plane for two features, or for one feature and a value; the first rows otherwise. */
export function previewDataset(dataset: DatasetValue): ViewData {
  const features = featureCount(dataset);
  const table = previewRows(dataset);
  if (features === 2) return scatter(dataset, 0, 1);
  if (features === 1 && dataset.targets.kind === 'values') return scatter(dataset, 0, null);
  return features >= 2 ? { ...table, points: scatter(dataset, 0, 1) } : table;
}

/** The first samples as rows, the target last. */
export function previewRows(dataset: DatasetValue): TableView {
  const { features, targets, featureNames } = dataset;
  const width = featureCount(dataset);
  const rows: (string | number)[][] = [];
  for (let i = 0; i < Math.min(PREVIEW_ROWS, sampleCount(dataset)); i++) {
    const row: (string | number)[] = Array.from(features.data.slice(i * width, (i + 1) * width));
    if (targets.kind === 'values') row.push(targets.values.data[i]);
    if (targets.kind === 'labels') row.push(targets.classes[targets.labels.data[i]]);
    rows.push(row);
  }
  return {
    kind: 'table',
    columns: targets.kind === 'none' ? featureNames : [...featureNames, targets.name],
    rows,
    totalRows: sampleCount(dataset),
  };
}

/** Feature `x` against feature `y`, or against the target value for null; coloured by class. */
export function scatter(dataset: DatasetValue, x: number, y: number | null): ScatterView {
  const { features, featureNames, targets } = dataset;
  const width = featureCount(dataset);
  const samples = sampleCount(dataset);
  const pick = (read: (i: number) => number) => thin(samples, read);
  const base = {
    kind: 'scatter' as const,
    x: pick((i) => features.data[i * width + x]),
    xLabel: featureNames[x],
  };
  if (y === null) {
    if (targets.kind !== 'values') throw new Error('internal: scatter without y needs values');
    return { ...base, y: pick((i) => targets.values.data[i]), yLabel: targets.name };
  }
  const plane = { ...base, y: pick((i) => features.data[i * width + y]), yLabel: featureNames[y] };
  if (targets.kind !== 'labels') return plane;
  return {
    ...plane,
    classes: targets.classes,
    labels: Int32Array.from(pick((i) => targets.labels.data[i])),
  };
}

/** `read(i)` of every k-th sample, at most PREVIEW_POINTS, so that sorted data are shown over their whole range. */
export function thin(samples: number, read: (i: number) => number): Float64Array {
  const stride = Math.max(1, Math.ceil(samples / PREVIEW_POINTS));
  return Float64Array.from({ length: Math.ceil(samples / stride) }, (_, i) => read(i * stride));
}
