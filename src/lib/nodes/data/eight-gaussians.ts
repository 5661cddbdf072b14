import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

const COMPONENTS = 8;

/**
 * A mixture of eight isotropic Gaussians in the plane, of equal weights, centres evenly on a circle of radius r. Features [N, 2].
 *
 * Where the components hardly overlap its entropy is log 8 + log(2πe σ²): at σ = 0.2 and r = 2, 1.698 nats. (Centres are then
 * 7.6 σ apart, which lowers it by less than 0.001.)
 */
export default defineNode({
  type: 'data/eight-gaussians',
  version: 1,
  family: 'data',
  title: 'Eight Gaussians',
  summary: 'A mixture of eight Gaussians on a circle, of known entropy, to learn a density from.',
  formula: String.raw`p(x) = \frac18 \sum_{k=0}^{7} \mathcal N\!\left(x;\ r\,(\cos\tfrac{k\pi}{4}, \sin\tfrac{k\pi}{4}),\ \sigma^2 I\right)`,
  description: [
    'Without overlap the entropy is log 8 + log(2πe σ²), 1.698 nats at σ = 0.2: no density has a smaller expected negative log-likelihood. Points carry no target.',
  ],
  keywords: ['density', 'mixture', 'generative', 'toy', '2d', 'entropy'],
  references: [
    {
      text: 'Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, section 4.1 (the eight Gaussians)',
      url: 'https://arxiv.org/abs/1810.01367',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 2000,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    radius: { kind: 'number', label: 'Radius r', default: 2, min: 0, max: 100 },
    spread: {
      kind: 'number',
      label: 'Spread σ',
      help: 'Standard deviation of each component.',
      default: 0.2,
      min: 0,
      max: 100,
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, radius, spread } = params;
    const u = hostUniform(hostFoldIn(key, 0), samples);
    const e = hostNormal(hostFoldIn(key, 1), 2 * samples);
    const x = new Float64Array(2 * samples);
    for (let i = 0; i < samples; i++) {
      const angle = (2 * Math.PI * Math.floor(COMPONENTS * u[i])) / COMPONENTS;
      x[2 * i] = radius * elementary.cos(angle) + spread * e[2 * i];
      x[2 * i + 1] = radius * elementary.sin(angle) + spread * e[2 * i + 1];
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Eight Gaussians',
      features: hostFloat(x, [samples, 2]),
      featureNames: ['x1', 'x2'],
      targets: { kind: 'none' },
      ...(spread > 0 && { logDensity: (points) => logDensity(points, radius, spread) }),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 2, spread: 0 },
      { samples: 333, radius: 4, spread: 0.5, seed: 7 },
    ],
    invalid: [
      { params: { samples: 1 }, message: /\[2, 100000\], got 1/ },
      { params: { spread: -0.1 }, message: /\[0, 100\], got -0\.1/ },
    ],
  },
});

function logDensity(points: ArrayLike<number>, radius: number, spread: number): Float64Array {
  const centres = Array.from({ length: COMPONENTS }, (_, k) => (2 * Math.PI * k) / COMPONENTS).map(
    (angle) => [radius * elementary.cos(angle), radius * elementary.sin(angle)],
  );
  const scale = elementary.log(COMPONENTS * 2 * Math.PI * spread * spread);
  return Float64Array.from({ length: points.length / 2 }, (_, i) => {
    const exponents = centres.map(
      ([x, y]) =>
        -((points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2) / (2 * spread * spread),
    );
    const largest = Math.max(...exponents);
    const sum = exponents.reduce((total, e) => total + elementary.exp(e - largest), 0);
    return largest + elementary.log(sum) - scale;
  });
}
