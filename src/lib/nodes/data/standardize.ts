import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { alignFeatures } from '../shared/align.ts';
import { describeSize, featureCount, sampleCount } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';

interface ColumnMap {
  readonly shift: Float64Array;
  /** 1 for a constant column. */
  readonly scale: Float64Array;
  readonly constants: number;
}

/** Shift and scale of each column of x [N, D], row-major. */
type Fit = (x: ArrayLike<number>, samples: number, features: number) => ColumnMap;

/**
 * Shifts and scales each feature by statistics of the training set, and the test set by the same numbers:
 * x′ = (x − shift) / scale. Constant features are shifted only. True coefficients are carried along: β′ = scale · β.
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
  evaluate({ params, input, optional }) {
    const train = input('data', 'dataset');
    const wired = optional('test', 'dataset');
    const test = wired && alignFeatures(train, wired, { where: 'Standardize', port: 'test' });
    const map = FITS[params.method](train.features.data, sampleCount(train), featureCount(train));
    const { targets } = train;
    const center =
      params.centerTargets && targets.kind === 'values' ? mean(targets.values.data) : 0;
    const data = applyMap(train, map, center);
    return {
      outputs: { data, ...(test && { test: applyMap(test, map, center) }) },
      view: previewDataset(data),
      status:
        map.constants === 0
          ? describeSize(data)
          : `${describeSize(data)}, ${map.constants} constant`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{ method: 'norm', centerTargets: true }, { method: 'range' }],
    invalid: [{ params: { method: 'whiten' }, message: /'variance'.*got .?whiten/ }],
  },
});

const FITS: Readonly<Record<string, Fit>> = {
  variance: (x, samples, features) => centred(x, samples, features, Math.sqrt(samples)),
  norm: (x, samples, features) => centred(x, samples, features, 1),
  range: (x, samples, features) => {
    const low = new Float64Array(features).fill(Infinity);
    const high = new Float64Array(features).fill(-Infinity);
    for (let i = 0; i < samples * features; i++) {
      low[i % features] = Math.min(low[i % features], x[i]);
      high[i % features] = Math.max(high[i % features], x[i]);
    }
    const scale = high.map((value, j) => value - low[j] || 1);
    return { shift: low, scale, constants: low.filter((value, j) => value === high[j]).length };
  },
};

/** Column means, and the norms of the centred columns over `unit`. */
function centred(x: ArrayLike<number>, samples: number, features: number, unit: number): ColumnMap {
  const shift = new Float64Array(features);
  const scale = new Float64Array(features);
  let constants = 0;
  for (let i = 0; i < samples * features; i++) shift[i % features] += x[i] / samples;
  for (let j = 0; j < features; j++) {
    // The rounded mean of a constant column may differ from its value and leave a spurious scale of 1e-17.
    const first = x[j];
    let constant = true;
    let squares = 0;
    for (let i = 0; i < samples; i++) {
      const value = x[i * features + j];
      constant &&= value === first;
      squares += (value - shift[j]) ** 2;
    }
    if (constant) {
      shift[j] = first;
      constants++;
    }
    scale[j] = constant ? 1 : Math.sqrt(squares) / unit;
  }
  return { shift, scale, constants };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function applyMap(dataset: DatasetValue, map: ColumnMap, center: number): DatasetValue {
  const width = featureCount(dataset);
  const features = Float64Array.from(
    dataset.features.data as ArrayLike<number>,
    (value, i) => (value - map.shift[i % width]) / map.scale[i % width],
  );
  const { targets, trueCoefficients } = dataset;
  const { shift, scale } = map;
  return {
    ...dataset,
    scalings: [...(dataset.scalings ?? []), { shift, scale, center }],
    features: hostFloat(features, dataset.features.shape),
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
          (value, j) => value * map.scale[j],
        ),
      ),
    }),
  };
}
