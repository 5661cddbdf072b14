/**
 * A signal on N places of which S, at random, are not zero.
 *
 * Amplitudes are ±1 with equal probability, or standard normal. Features [N, 1] are the places 0 … N − 1. Without noise.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostPermutation, hostUniform } from '../../runtime/ir/random.ts';
import { signalsView } from '../shared/operators/view.ts';
import { seedParam } from '../shared/seed.ts';

export default defineNode({
  type: 'data/sparse-signal',
  version: 1,
  family: 'data',
  title: 'Sparse signal',
  summary: 'A signal that is zero except in few random places.',
  formula: String.raw`x \in \mathbb R^N, \qquad \lVert x \rVert_0 = S, \qquad x_i \in \{-1, 0, 1\} \ \text{or}\ x_i \sim \mathcal N(0, 1)`,
  keywords: ['compressed sensing', 'basis pursuit', 'spikes', 'sparsity', 'nonzeros'],
  references: [
    {
      text: 'Donoho & Tanner, Counting faces of randomly projected polytopes when the projection radically lowers dimension (2009).',
      url: 'https://doi.org/10.1090/S0894-0347-08-00600-0',
    },
  ],
  params: {
    length: {
      kind: 'integer',
      label: 'Samples N',
      default: 400,
      min: 1,
      max: 10_000,
      scale: 'log',
    },
    nonzeros: { kind: 'integer', label: 'Nonzeros S', default: 17, min: 0, max: 10_000 },
    amplitudes: {
      kind: 'choice',
      label: 'Amplitudes',
      default: 'signs',
      options: [
        { value: 'signs', label: '±1' },
        { value: 'gaussian', label: 'standard normal' },
      ],
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Signal' }],
  evaluate({ params, key }) {
    const { length: n, nonzeros } = params;
    if (nonzeros > n) {
      throw new NodeError(
        'range',
        `Sparse signal (nonzeros): expected at most N = ${n}, got ${nonzeros}. Lower the nonzeros, or raise the samples.`,
        'nonzeros',
      );
    }
    const places = hostPermutation(hostFoldIn(key, 0), n).subarray(0, nonzeros);
    const amplitudes =
      params.amplitudes === 'gaussian'
        ? hostNormal(hostFoldIn(key, 1), nonzeros)
        : hostUniform(hostFoldIn(key, 1), nonzeros).map((u) => (u < 0.5 ? -1 : 1));
    const x = new Float64Array(n);
    places.forEach((place, k) => (x[place] = amplitudes[k]));
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Sparse signal',
      features: hostFloat(
        x.map((_, i) => i),
        [n, 1],
      ),
      featureNames: ['i'],
      targets: { kind: 'values', name: 'x', values: hostFloat(x) },
      grid: { shape: [n], truth: hostFloat(x) },
    };
    return {
      outputs: { dataset },
      view: signalsView([n], [{ values: x, label: 'x' }], 'x'),
      status: `${n} samples, ${nonzeros} nonzeros`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { length: 1, nonzeros: 0 }, { nonzeros: 5, amplitudes: 'gaussian' }],
    invalid: [
      { params: { length: 5, nonzeros: 6 }, message: /at most N = 5, got 6/ },
      { params: { length: 0 }, message: /expected an integer in \[1, 10000\], got 0/ },
    ],
  },
});
