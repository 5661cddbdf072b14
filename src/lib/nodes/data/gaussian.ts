import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue, Targets } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize, numberedNames } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { DRAW_FLOPS, seedParam } from '../shared/seed.ts';

/** N draws of an isotropic Gaussian in D dimensions, features [N, D]; if wanted with random weights that sum to 1 as target values, uniform on the simplex. */
export default defineNode({
  type: 'data/gaussian',
  version: 1,
  family: 'data',
  title: 'Gaussian sample',
  summary:
    'Points of one Gaussian on the line or in more dimensions, with random weights if wanted.',
  formula: String.raw`x_i \sim \mathcal N(m \mathbf 1,\ s^2 I), \qquad a_i = \frac{e_i}{\sum_j e_j},\ e_i \sim \mathrm{Exp}(1)`,
  description: [
    'Between Gaussians transport is known: W₂² = D (m₁ − m₂)² + D (s₁ − s₂)². Weights are target values; on the line they are drawn against the points.',
  ],
  keywords: ['normal', '1d', 'cloud', 'weights', 'optimal transport', 'toy'],
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), remark 2.31 (transport between Gaussians)',
      url: 'https://arxiv.org/abs/1803.00567',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 300,
      min: 1,
      max: 100_000,
      scale: 'log',
    },
    dimension: { kind: 'integer', label: 'Dimension D', default: 1, min: 1, max: 100 },
    mean: {
      kind: 'number',
      label: 'Mean m',
      help: 'Of every coordinate.',
      default: 0,
      min: -1000,
      max: 1000,
    },
    spread: { kind: 'number', label: 'Standard deviation s', default: 1, min: 0, max: 1000 },
    weights: {
      kind: 'choice',
      label: 'Weights',
      default: 'none',
      options: [
        { value: 'none', label: 'none' },
        { value: 'random', label: 'random' },
      ],
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key, reserve }) {
    const { samples, dimension, mean, spread } = params;
    const cells = samples * dimension;
    const remedy = 'Take fewer samples, or a lower dimension.';
    reserve({ bytes: 16 * cells, flops: DRAW_FLOPS * cells, remedy });
    const draws = hostNormal(hostFoldIn(key, 0), samples * dimension);
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Gaussian sample',
      features: hostFloat(
        draws.map((z) => mean + spread * z),
        [samples, dimension],
      ),
      featureNames: dimension === 1 ? ['x'] : numberedNames(dimension),
      targets: params.weights === 'random' ? randomWeights(hostFoldIn(key, 1), samples) : NONE,
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 1, spread: 0 },
      { samples: 50, dimension: 3, mean: -2, weights: 'random', seed: 4 },
    ],
    invalid: [
      { params: { samples: 0 }, message: /\[1, 100000\], got 0/ },
      { params: { spread: -1 }, message: /\[0, 1000\], got -1/ },
    ],
  },
});

const NONE: Targets = { kind: 'none' };

function randomWeights(key: readonly [number, number], count: number): Targets {
  // 1 − u is in (0, 1], so that its logarithm is finite.
  const draws = hostUniform(key, count).map((u) => -elementary.log1p(-u));
  const sum = draws.reduce((total, e) => total + e, 0);
  return { kind: 'values', name: 'weight', values: hostFloat(draws.map((e) => e / sum)) };
}
