import { isSame, summarizeColumn } from '../../numerics/columns.ts';
import type { ColumnSummary } from '../../numerics/columns.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { alignFeatures } from '../shared/align.ts';
import { describeSize, featureCount } from '../shared/dataset.ts';
import { requireFiniteData } from '../shared/finite.ts';
import { previewDataset } from '../shared/preview.ts';

/** Constant columns that a status names. */
const MOST_NAMES = 3;

/** x′ = (x/unit − shift)/scale, column by column; in units no number is too large or too small to be squared. */
interface ColumnMap {
  readonly unit: number;
  readonly shift: number;
  /** 1/unit for a constant column, which is shifted only. */
  readonly scale: number;
  readonly constant: boolean;
}

/**
 * Shifts and scales each feature by statistics of the training set, and the test set by the same numbers:
 * x′ = (x − shift) / scale. Constant features are shifted only; so are those whose values differ by a few units in the last place, which become 0.
 * Numbers of any size are taken, also those whose squares are no float64 numbers. True coefficients are carried along: β′ = scale · β.
 */
export default defineNode({
  type: 'data/standardize',
  version: 1,
  family: 'data',
  title: 'Standardize',
  summary:
    'Centres and scales each feature by the training set, and the test set by the same numbers.',
  formula: String.raw`x'_j = \frac{x_j - \mu_j}{s_j},\qquad \mu, s\ \text{from the training set}`,
  description: [
    'Unit variance divides by the root of the mean square about the mean (over N, not N − 1). Unit norm makes each centred training column a vector of Euclidean length 1, as in least angle regression. Unit range maps the training minimum and maximum to 0 and 1.',
    'Wire the test set into the second input: it is mapped with the numbers of the training set, so nothing of it leaks into the fit.',
  ],
  keywords: ['scale', 'normalize', 'whiten', 'z-score', 'preprocess'],
  references: [
    {
      text: 'Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression, Ann. Statist. 32(2), 2004, §1 (unit norm)',
      url: 'https://doi.org/10.1214/009053604000000067',
    },
  ],
  params: {
    method: {
      kind: 'choice',
      label: 'Scale to',
      default: 'variance',
      options: [
        { value: 'variance', label: 'mean 0, variance 1' },
        { value: 'norm', label: 'mean 0, norm 1' },
        { value: 'range', label: 'range 0 to 1' },
      ],
    },
    centerTargets: {
      kind: 'boolean',
      label: 'Centre the target values',
      help: 'Subtracts the training mean from both sets; class labels are left alone.',
      default: false,
    },
  },
  inputs: [
    { name: 'data', type: 'dataset', label: 'Training data' },
    { name: 'test', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [
    { name: 'data', type: 'dataset', label: 'Training data' },
    { name: 'test', type: 'dataset', label: 'Test data', needs: 'test' },
  ],
  evaluate({ params, input, optional, reserve }) {
    const train = input('data', 'dataset');
    const wired = optional('test', 'dataset');
    const test = wired && alignFeatures(train, wired, { where: 'Standardize', port: 'test' });
    const cells = train.features.data.length + (test?.features.data.length ?? 0);
    const remedy = 'Take fewer samples or features.';
    reserve({ bytes: 8 * cells, flops: 40 * cells, remedy });
    requireFiniteData(train, 'Standardize (data)', 'data');
    if (test) requireFiniteData(test, 'Standardize (test)', 'test');
    const columns = fit(train, params.method);
    const center = params.centerTargets ? targetMean(train) : 0;
    const data = applyMap(train, columns, center, 'data');
    return {
      outputs: { data, ...(test && { test: applyMap(test, columns, center, 'test') }) },
      view: previewDataset(data),
      status: statusOf(data, columns),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{ method: 'norm', centerTargets: true }, { method: 'range' }],
    invalid: [{ params: { method: 'whiten' }, message: /'variance'.*got .?whiten/ }],
  },
});

/** Shift and scale of a column of so many samples. */
const FITS: Readonly<
  Record<string, (column: ColumnSummary, samples: number) => { shift: number; scale: number }>
> = {
  variance: ({ mean, deviation }, samples) => ({
    shift: mean,
    scale: deviation / Math.sqrt(samples),
  }),
  norm: ({ mean, deviation }) => ({ shift: mean, scale: deviation }),
  range: ({ low, high }) => ({ shift: low, scale: high - low }),
};

function fit({ features }: DatasetValue, method: string): ColumnMap[] {
  const [samples, width] = features.shape;
  return Array.from({ length: width }, (_, j) => {
    const column = summarizeColumn(features.data, samples, width, j);
    const { unit, constant } = column;
    const { shift, scale } = FITS[method](column, samples);
    return { unit, constant, shift, scale: constant ? 1 / unit : scale };
  });
}

/** "442 × 10", with the constant columns by name, if any. */
function statusOf(data: DatasetValue, columns: readonly ColumnMap[]): string {
  const names = data.featureNames.filter((_, j) => columns[j].constant);
  if (names.length === 0) return describeSize(data);
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? ', …' : '';
  return `${describeSize(data)}, ${names.length} constant: ${shown}${more}`;
}

/** The mean of target values, without overflow of their sum. */
function targetMean({ targets }: DatasetValue): number {
  if (targets.kind !== 'values') return 0;
  const { unit, mean } = summarizeColumn(targets.values.data, targets.values.shape[0], 1, 0);
  return mean * unit;
}

function applyMap(
  dataset: DatasetValue,
  columns: readonly ColumnMap[],
  center: number,
  port: string,
): DatasetValue {
  const width = featureCount(dataset);
  const mapped = Float64Array.from(dataset.features.data as ArrayLike<number>, (value, i) => {
    const { unit, shift, scale, constant } = columns[i % width];
    const moved = value / unit - shift;
    return constant && isSame(moved) ? 0 : moved / scale;
  });
  // The density is that of the features as they were.
  const { logDensity: _, ...kept } = dataset;
  const { targets, trueCoefficients } = dataset;
  const result: DatasetValue = {
    ...kept,
    scalings: [
      ...(dataset.scalings ?? []),
      {
        shift: Float64Array.from(columns, ({ shift, unit }) => shift * unit),
        scale: Float64Array.from(columns, ({ scale, unit }) => scale * unit),
        center,
      },
    ],
    features: hostFloat(mapped, dataset.features.shape),
    targets:
      center !== 0 && targets.kind === 'values'
        ? {
            ...targets,
            values: hostFloat(
              Float64Array.from(
                targets.values.data as ArrayLike<number>,
                (value) => value - center,
              ),
            ),
          }
        : targets,
    ...(trueCoefficients && {
      trueCoefficients: hostFloat(
        Float64Array.from(
          trueCoefficients.data as ArrayLike<number>,
          (value, j) => value * (columns[j].scale * columns[j].unit),
        ),
      ),
    }),
  };
  requireFiniteData(result, `Standardize (${port}, scaled)`, port);
  return result;
}
