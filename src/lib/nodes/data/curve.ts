import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sine: (x) => elementary.sin(2 * Math.PI * x),
  chirp: (x) => elementary.sin(4 * Math.PI * x * Math.abs(x)),
  runge: (x) => 1 / (1 + 25 * x * x),
  sinc: (x) => (x === 0 ? 1 : elementary.sin(4 * Math.PI * x) / (4 * Math.PI * x)),
  cubic: (x) => 4 * x * x * x - 3 * x,
  absolute: (x) => Math.abs(x),
  step: (x) => (x < 0 ? -1 : 1),
  decay: (x) => 2 * elementary.exp(-1.3 * x) + 0.5,
};

/** Noisy samples of a known function of one variable: y = h(x) + σ ε, x uniform on the range or evenly spaced. Features [N, 1]. */
export default defineNode({
  type: 'data/curve',
  version: 1,
  family: 'data',
  title: 'Noisy curve',
  summary: 'Samples of a function of one variable, with Gaussian noise.',
  formula: String.raw`y = h(x) + \sigma\,\varepsilon,\quad x\sim\mathcal U[a,b],\ \varepsilon\sim\mathcal N(0,1)`,
  keywords: ['regression', 'toy', '1d', 'function'],
  references: [
    {
      text: 'Trefethen, Approximation Theory and Approximation Practice, SIAM 2013 (the Runge function, ch. 13)',
    },
  ],
  params: {
    function: {
      kind: 'choice',
      label: 'Function h',
      default: 'sine',
      options: [
        { value: 'sine', label: 'sin 2πx' },
        { value: 'chirp', label: 'sin(4πx|x|)' },
        { value: 'runge', label: '1 / (1 + 25x²)' },
        { value: 'sinc', label: 'sin 4πx / 4πx' },
        { value: 'cubic', label: '4x³ − 3x' },
        { value: 'absolute', label: '|x|' },
        { value: 'step', label: 'sign x' },
        { value: 'decay', label: '2 e^(−1.3x) + 0.5' },
      ],
    },
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 100,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 10 },
    from: { kind: 'number', label: 'From a', default: -1, min: -100, max: 100 },
    to: { kind: 'number', label: 'To b', default: 1, min: -100, max: 100 },
    places: {
      kind: 'choice',
      label: 'Places x',
      default: 'random',
      options: [
        { value: 'random', label: 'random' },
        { value: 'even', label: 'evenly spaced, ends included' },
      ],
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, noise, from, to } = params;
    if (from >= to) {
      throw new NodeError(
        'range',
        `Noisy curve (range): expected from < to, got from ${from} and to ${to}. Raise "To", or lower "From".`,
        'to',
      );
    }
    const h = FUNCTIONS[params.function];
    const u = hostUniform(hostFoldIn(key, 0), samples);
    const e = hostNormal(hostFoldIn(key, 1), samples);
    const x = u.map((value, i) =>
      params.places === 'even'
        ? from + ((to - from) * i) / (samples - 1)
        : from + (to - from) * value,
    );
    const y = x.map((value, i) => h(value) + noise * e[i]);
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Noisy curve',
      features: hostFloat(x, [samples, 1]),
      featureNames: ['x'],
      targets: { kind: 'values', name: 'y', values: hostFloat(y) },
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { function: 'step', samples: 2, noise: 0 },
      { function: 'runge', from: -2, to: 3, seed: 5 },
      { function: 'chirp', places: 'even' },
      { function: 'sinc' },
      { function: 'cubic' },
      { function: 'absolute' },
      { function: 'decay', from: 0, to: 4 },
    ],
    invalid: [
      { params: { function: 'tan' }, message: /'sine'.*got .?tan/ },
      { params: { samples: 0 }, message: /\[2, 100000\], got 0/ },
      { params: { from: 1, to: 1 }, message: /expected from < to, got from 1 and to 1/ },
    ],
  },
});
