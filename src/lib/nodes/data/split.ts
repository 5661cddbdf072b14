import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { hostFoldIn, hostPermutation } from '../../runtime/ir/random.ts';
import { sampleCount, takeRows } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/**
 * Splits samples at random into a training and a test set.
 * Stratified: each class is split by itself, so both sets have (to rounding) the class shares of the whole.
 */
export default defineNode({
  type: 'data/split',
  version: 1,
  family: 'data',
  title: 'Train/test split',
  summary: 'A random part of the samples kept aside for testing.',
  formula: String.raw`\{1,\dots,N\} = \text{train}\,\dot\cup\,\text{test},\quad |\text{test}| = \operatorname{round}(\theta N)`,
  keywords: ['holdout', 'validation', 'test', 'train', 'stratified'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., §7.2' },
  ],
  params: {
    testFraction: {
      kind: 'number',
      label: 'Test fraction θ',
      default: 0.25,
      min: 0.01,
      max: 0.99,
    },
    stratified: {
      kind: 'boolean',
      label: 'Stratified by class',
      help: 'Keeps the class shares in both sets; without classes it has no effect.',
      default: true,
    },
    seed: seedParam,
  },
  inputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  outputs: [
    { name: 'train', type: 'dataset', label: 'Training set' },
    { name: 'test', type: 'dataset', label: 'Test set' },
  ],
  evaluate({ params, key, input, reserve }) {
    const dataset = input('dataset', 'dataset');
    const samples = sampleCount(dataset);
    const { targets, features } = dataset;
    const bytes = 8 * features.data.length + 40 * samples;
    const flops = 500 * samples + 2 * features.data.length;
    reserve({ bytes, flops, remedy: 'Take fewer samples or features.' });
    const strata: number[][] =
      params.stratified && targets.kind === 'labels' ? targets.classes.map(() => []) : [[]];
    for (let i = 0; i < samples; i++) {
      const stratum = strata.length > 1 && targets.kind === 'labels' ? targets.labels.data[i] : 0;
      strata[stratum].push(i);
    }
    const test: number[] = [];
    const train: number[] = [];
    strata.forEach((rows, k) => {
      const order = hostPermutation(hostFoldIn(key, k), rows.length);
      const count = Math.round(params.testFraction * rows.length);
      order.forEach((place, i) => (i < count ? test : train).push(rows[place]));
    });
    if (train.length === 0 || test.length === 0) {
      throw new NodeError(
        'empty-set',
        `Train/test split (testFraction): expected at least one sample in each set, got ${train.length} for training and ${test.length} for testing. Change the fraction, or use more samples.`,
        'testFraction',
      );
    }
    // In the order of the source: a minibatch stream shuffles for itself, and the rows stay recognisable.
    const pick = (rows: number[], name: string) =>
      takeRows(dataset, Int32Array.from(rows).sort(), `${dataset.name} (${name})`);
    const outputs = { train: pick(train, 'train'), test: pick(test, 'test') };
    return {
      outputs,
      view: previewDataset(outputs.test),
      status: `${train.length} train, ${test.length} test`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      { testFraction: 0.5, stratified: false },
      { testFraction: 0.1, seed: 9 },
    ],
    invalid: [
      { params: { testFraction: 0 }, message: /\[0\.01, 0\.99\], got 0/ },
      { params: { testFraction: 1 }, message: /\[0\.01, 0\.99\], got 1/ },
    ],
  },
});
