/**
 * A piecewise constant signal on n points, with noise: y_i = x_i + σ ε_i.
 *
 * The first sample of each of the m pieces is drawn without replacement, the levels from the uniform distribution on [0, 1].
 * Features [n, 1] are the places 0 … n − 1; ε_i ~ N(0, 1).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostPermutation, hostUniform } from '../../runtime/ir/random.ts';
import { seedParam } from '../shared/seed.ts';

export default defineNode({
  type: 'data/signal',
  version: 1,
  family: 'data',
  title: 'Piecewise constant signal',
  summary: 'Steps at random places, seen through noise.',
  formula: String.raw`y_i = x_i + \sigma\,\varepsilon_i,\qquad x \text{ constant on } m \text{ pieces},\quad \varepsilon_i\sim\mathcal N(0,1)`,
  keywords: ['denoising', 'total variation', 'steps', 'change points', '1-D'],
  references: [
    {
      text: 'Condat, A Direct Algorithm for 1-D Total Variation Denoising, IEEE Signal Process. Lett. 20(11), 2013',
      url: 'https://doi.org/10.1109/LSP.2013.2278339',
    },
  ],
  params: {
    length: {
      kind: 'integer',
      label: 'Samples n',
      default: 200,
      min: 2,
      max: 10_000,
      scale: 'log',
    },
    pieces: { kind: 'integer', label: 'Pieces m', default: 8, min: 1, max: 1000 },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 100 },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Signal' }],
  evaluate({ params, key }) {
    const { length: n, pieces, noise } = params;
    if (pieces > n) {
      throw new NodeError(
        'range',
        `Signal (pieces): expected at most n = ${n}, got ${pieces}. Lower the pieces, or raise the samples.`,
        'pieces',
      );
    }
    const starts = Array.from(hostPermutation(hostFoldIn(key, 0), n - 1).slice(0, pieces - 1));
    const jumps = new Set(starts.map((place) => place + 1));
    const levels = hostUniform(hostFoldIn(key, 1), pieces);
    const draws = hostNormal(hostFoldIn(key, 2), n);
    let piece = 0;
    const truth = Float64Array.from(
      { length: n },
      (_, i) => levels[jumps.has(i) ? ++piece : piece],
    );
    const y = truth.map((value, i) => value + noise * draws[i]);
    const places = Float64Array.from(truth, (_, i) => i);
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Signal',
      features: hostFloat(places, [n, 1]),
      featureNames: ['i'],
      targets: { kind: 'values', name: 'y', values: hostFloat(y) },
      grid: { shape: [n], truth: hostFloat(truth) },
    };
    return {
      outputs: { dataset },
      view: {
        kind: 'line',
        xLabel: 'i',
        yLabel: 'y',
        points: [{ x: places, y, label: 'noisy' }],
        lines: [{ x: places, y: truth, label: 'true', dashed: true }],
      },
      status: `${n} samples, ${pieces} pieces`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { length: 2, pieces: 2, noise: 0 }, { length: 50, pieces: 1 }],
    invalid: [
      { params: { length: 5, pieces: 6 }, message: /at most n = 5, got 6/ },
      { params: { length: 1 }, message: /expected an integer in \[2, 10000\], got 1/ },
    ],
  },
});
