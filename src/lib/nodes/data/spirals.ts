import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/**
 * K intertwined Archimedean spirals with Gaussian noise, classes in turn. Features [N, 2].
 * Arm k is t ↦ t (cos θ, sin θ), θ = 2π (turns · t + k/K), t² uniform on [0.01, 1] so that density along the arm stays even.
 */
export default defineNode({
  type: 'data/spirals',
  version: 1,
  family: 'data',
  title: 'Spirals',
  summary: 'Intertwined spiral arms in the plane, one class each.',
  formula: String.raw`x = t\,(\cos\theta, \sin\theta) + \sigma\,\varepsilon,\quad \theta = 2\pi\!\left(\tau t + \tfrac kK\right),\quad t^2\sim\mathcal U[0.01, 1]`,
  keywords: ['classification', 'toy', '2d', 'spiral'],
  references: [
    {
      text: 'Lang, Witbrock, Learning to Tell Two Spirals Apart, Proc. 1988 Connectionist Models Summer School',
    },
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
    classes: { kind: 'integer', label: 'Arms K', default: 2, min: 2, max: 8 },
    turns: { kind: 'number', label: 'Turns τ', default: 1.25, min: 0, max: 5 },
    noise: { kind: 'number', label: 'Noise σ', default: 0.03, min: 0, max: 1 },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, classes, turns, noise } = params;
    const u = hostUniform(hostFoldIn(key, 0), samples);
    const e = hostNormal(hostFoldIn(key, 1), 2 * samples);
    const x = new Float64Array(2 * samples);
    const labels = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      labels[i] = i % classes;
      const t = Math.sqrt(0.01 + 0.99 * u[i]);
      const theta = 2 * Math.PI * (turns * t + labels[i] / classes);
      x[2 * i] = t * elementary.cos(theta) + noise * e[2 * i];
      x[2 * i + 1] = t * elementary.sin(theta) + noise * e[2 * i + 1];
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Spirals',
      features: hostFloat(x, [samples, 2]),
      featureNames: ['x1', 'x2'],
      targets: {
        kind: 'labels',
        name: 'arm',
        labels: hostInt(labels),
        classes: Array.from({ length: classes }, (_, k) => `arm ${k + 1}`),
      },
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 40, classes: 3, turns: 0, noise: 0 },
      { turns: 2, seed: 1 },
    ],
    invalid: [
      { params: { classes: 9 }, message: /\[2, 8\], got 9/ },
      { params: { turns: -1 }, message: /\[0, 5\], got -1/ },
    ],
  },
});
