import type { DatasetValue } from '../../runtime/graph/ports.ts';
import type { ScatterView, TableView, ViewData } from '../../runtime/graph/view-data.ts';
import { featureCount, sampleCount } from './dataset.ts';

/** Points and rows that a preview shows; a picture inside a node has no room for more. */
const PREVIEW_POINTS = 2000;
const PREVIEW_ROWS = 20;

/** Features above which the search for a telling pair would take longer than a preview is worth. */
const SEARCHED_FEATURES = 200;

/**
 * Points in the plane for two features, or for one feature and a value. For more features rows of the table, with points
 * that tell something: the two features that best separate the classes, or the one that best explains the value.
 */
export function previewDataset(dataset: DatasetValue): ViewData {
  const features = featureCount(dataset);
  const { targets } = dataset;
  if (features === 2) return scatter(dataset, 0, 1);
  if (features === 1 && targets.kind === 'values') return scatter(dataset, 0, null);
  const table = previewRows(dataset);
  if (features < 2 || features > SEARCHED_FEATURES || targets.kind === 'none') return table;
  const telling = Array.from({ length: features }, (_, j) => ({ j, share: explained(dataset, j) }));
  telling.sort((a, b) => b.share - a.share || a.j - b.j);
  const [first, second] = telling;
  return {
    ...table,
    points: scatter(dataset, first.j, targets.kind === 'values' ? null : second.j),
  };
}

/**
 * Share of variance explained: for values the squared correlation of feature j with them, for classes the correlation
 * ratio η² (variance of the class means over the variance). 0 for a constant feature.
 */
function explained(dataset: DatasetValue, j: number): number {
  const { features, targets } = dataset;
  const width = featureCount(dataset);
  const samples = sampleCount(dataset);
  const x = thin(samples, (i) => features.data[i * width + j]);
  const center = average(x);
  const total = x.reduce((sum, value) => sum + (value - center) ** 2, 0);
  if (total === 0) return 0;
  if (targets.kind === 'labels') {
    const labels = thin(samples, (i) => targets.labels.data[i]);
    const sums = new Float64Array(targets.classes.length);
    const counts = new Float64Array(targets.classes.length);
    labels.forEach((label, i) => {
      sums[label] += x[i] - center;
      counts[label]++;
    });
    return sums.reduce((sum, s, k) => sum + (counts[k] > 0 ? s ** 2 / counts[k] : 0), 0) / total;
  }
  if (targets.kind !== 'values') return 0;
  const y = thin(samples, (i) => targets.values.data[i]);
  const level = average(y);
  const spread = y.reduce((sum, value) => sum + (value - level) ** 2, 0);
  const product = y.reduce((sum, value, i) => sum + (value - level) * (x[i] - center), 0);
  return spread === 0 ? 0 : product ** 2 / (total * spread);
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
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
