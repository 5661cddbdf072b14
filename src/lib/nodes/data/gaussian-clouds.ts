import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { hostNormal } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/**
 * K isotropic Gaussian clouds in the plane, centres evenly on a circle, classes in turn. Features [N, 2].
 * Neighbouring centres are `separation` apart: the radius is separation / (2 sin(π/K)).
 */
export default defineNode({
  type: 'data/gaussian-clouds',
  version: 1,
  family: 'data',
  title: 'Gaussian clouds',
  summary: 'Isotropic Gaussian classes in the plane, centres evenly on a circle.',
  formula: String.raw`x\mid y{=}k \sim \mathcal N\!\left(r\,(\cos\tfrac{2\pi k}{K}, \sin\tfrac{2\pi k}{K}),\ \sigma^2 I\right),\quad r = \frac{\Delta}{2\sin(\pi/K)}`,
  description: [
    'With two classes of equal weight the best possible error (Bayes) is Φ(−Δ/(2σ)), reached by the line halfway between the centres; Φ is the standard normal distribution function.',
  ],
  keywords: ['classification', 'blobs', 'toy', '2d', 'bayes'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., §4.3' },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 300,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    classes: { kind: 'integer', label: 'Classes K', default: 2, min: 2, max: 12 },
    separation: {
      kind: 'number',
      label: 'Separation Δ',
      help: 'Distance between neighbouring centres.',
      default: 3,
      min: 0,
      max: 100,
    },
    spread: {
      kind: 'number',
      label: 'Spread σ',
      help: 'Standard deviation of each cloud.',
      default: 1,
      min: 0,
      max: 100,
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, classes, separation, spread } = params;
    const radius = separation / (2 * elementary.sin(Math.PI / classes));
    const e = hostNormal(key, 2 * samples);
    const x = new Float64Array(2 * samples);
    const labels = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      labels[i] = i % classes;
      const angle = (2 * Math.PI * labels[i]) / classes;
      x[2 * i] = radius * elementary.cos(angle) + spread * e[2 * i];
      x[2 * i + 1] = radius * elementary.sin(angle) + spread * e[2 * i + 1];
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Gaussian clouds',
      features: hostFloat(x, [samples, 2]),
      featureNames: ['x1', 'x2'],
      targets: {
        kind: 'labels',
        name: 'cloud',
        labels: hostInt(labels),
        classes: Array.from({ length: classes }, (_, k) => `cloud ${k + 1}`),
      },
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 50, classes: 5, separation: 0, spread: 0 },
      { classes: 2, seed: 3 },
    ],
    invalid: [
      { params: { classes: 1 }, message: /\[2, 12\], got 1/ },
      { params: { spread: -1 }, message: /\[0, 100\], got -1/ },
    ],
  },
});
