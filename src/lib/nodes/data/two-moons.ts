import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/**
 * Two interleaved half circles with Gaussian noise, classes in turn.
 * Upper moon (cos t, sin t), lower moon (1 − cos t, ½ − sin t), t uniform on [0, π]. Features [N, 2].
 */
export default defineNode({
  type: 'data/two-moons',
  version: 1,
  family: 'data',
  title: 'Two moons',
  summary: 'Two interleaved half circles in the plane, which no line separates.',
  formula: String.raw`x = \begin{cases}(\cos t,\ \sin t) & \text{upper}\\ (1-\cos t,\ \tfrac12-\sin t) & \text{lower}\end{cases} + \sigma\,\varepsilon,\quad t\sim\mathcal U[0,\pi],\ \varepsilon\sim\mathcal N(0, I)`,
  keywords: ['classification', 'toy', '2d', 'moons'],
  references: [
    {
      text: 'Zhou et al., Learning with Local and Global Consistency, NIPS 2003 (the two-moons pattern)',
      url: 'https://proceedings.neurips.cc/paper/2003/hash/87682805257e619d49b8e0dfdc14affa-Abstract.html',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 200,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 2 },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, noise } = params;
    const t = hostUniform(hostFoldIn(key, 0), samples);
    const e = hostNormal(hostFoldIn(key, 1), 2 * samples);
    const x = new Float64Array(2 * samples);
    const labels = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      const angle = Math.PI * t[i];
      labels[i] = i % 2;
      x[2 * i] =
        (labels[i] === 0 ? elementary.cos(angle) : 1 - elementary.cos(angle)) + noise * e[2 * i];
      x[2 * i + 1] =
        (labels[i] === 0 ? elementary.sin(angle) : 0.5 - elementary.sin(angle)) +
        noise * e[2 * i + 1];
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Two moons',
      features: hostFloat(x, [samples, 2]),
      featureNames: ['x1', 'x2'],
      targets: {
        kind: 'labels',
        name: 'moon',
        labels: hostInt(labels),
        classes: ['upper', 'lower'],
      },
      ...(noise >= LEAST_NOISE && { logDensity: (points) => logDensity(points, noise) }),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 2, noise: 0 },
      { samples: 333, noise: 0.3, seed: 7 },
    ],
    invalid: [
      { params: { samples: 1 }, message: /\[2, 100000\], got 1/ },
      { params: { noise: -0.1 }, message: /\[0, 2\], got -0\.1/ },
    ],
  },
});

/** Below it the integral takes more than some 1,300 values for each point, and the density is not given. */
const LEAST_NOISE = 0.01;

/** Terms below e^−40 of the largest are lost in the sum. */
const NEGLIGIBLE = -40;

/**
 * log of the mean over both moons and t of N(x; (cos t, sin t) or (1 − cos t, ½ − sin t), σ²I), the integral over t by Simpson's rule
 * with steps of at most σ/4, which leaves about 1e-5.
 */
function logDensity(points: ArrayLike<number>, noise: number): Float64Array {
  const intervals = 2 * Math.max(60, Math.ceil((2 * Math.PI) / noise));
  const angles = Array.from({ length: intervals + 1 }, (_, k) => (Math.PI * k) / intervals);
  const [c, s] = [angles.map(elementary.cos), angles.map(elementary.sin)];
  const weights = angles.map((_, k) => (k === 0 || k === intervals ? 1 : k % 2 === 1 ? 4 : 2));
  const scale = elementary.log(2 * Math.PI * noise * noise * 6 * intervals);
  const exponents = new Float64Array(2 * angles.length);
  return Float64Array.from({ length: points.length / 2 }, (_, i) => {
    const [x, y] = [points[2 * i], points[2 * i + 1]];
    let largest = -Infinity;
    for (let k = 0; k <= intervals; k++) {
      const upper = (x - c[k]) ** 2 + (y - s[k]) ** 2;
      const lower = (x - 1 + c[k]) ** 2 + (y - 0.5 + s[k]) ** 2;
      exponents[2 * k] = -upper / (2 * noise * noise);
      exponents[2 * k + 1] = -lower / (2 * noise * noise);
      largest = Math.max(largest, exponents[2 * k], exponents[2 * k + 1]);
    }
    let sum = 0;
    exponents.forEach((exponent, k) => {
      const below = exponent - largest;
      if (below > NEGLIGIBLE) sum += weights[Math.floor(k / 2)] * elementary.exp(below);
    });
    return largest + elementary.log(sum) - scale;
  });
}
