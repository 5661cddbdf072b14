import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal, hostPermutation, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize, numberedNames } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { DRAW_FLOPS, seedParam } from '../shared/seed.ts';

/** Cells above which drawing would hold the worker up for seconds. */
const MAX_CELLS = 5_000_000;

/**
 * Linear regression with few nonzero coefficients: y = Xβ + σ ε. Features [N, P].
 * Rows of X are N(0, Σ) with Toeplitz Σ_ij = ρ^|i−j|, drawn by the recursion x_j = ρ x_{j−1} + √(1−ρ²) z_j;
 * β has s entries ±1 at random places.
 */
export default defineNode({
  type: 'data/sparse-regression',
  version: 1,
  family: 'data',
  title: 'Sparse regression',
  summary: 'Correlated Gaussian features and a target that few of them explain.',
  formula: String.raw`y = X\beta + \sigma\,\varepsilon,\quad X_{i\cdot}\sim\mathcal N(0,\Sigma),\ \Sigma_{jk}=\rho^{|j-k|},\quad \lVert\beta\rVert_0 = s,\ \beta_j\in\{-1,0,1\}`,
  keywords: ['regression', 'lasso', 'compressed sensing', 'toeplitz', 'correlation'],
  references: [
    {
      text: 'Wainwright, Sharp Thresholds for High-Dimensional and Noisy Sparsity Recovery Using ℓ1-Constrained Quadratic Programming (Lasso), IEEE Trans. Inform. Theory 55(5), 2009 (Toeplitz designs)',
      url: 'https://doi.org/10.1109/TIT.2009.2016018',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples n',
      default: 100,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    features: {
      kind: 'integer',
      label: 'Features p',
      default: 50,
      min: 1,
      max: 10_000,
      scale: 'log',
    },
    nonzeros: { kind: 'integer', label: 'Nonzeros s', default: 5, min: 0, max: 10_000 },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 100 },
    correlation: {
      kind: 'number',
      label: 'Correlation ρ',
      help: 'Of neighbouring features. Near ±1 the problem is ill-conditioned.',
      default: 0.5,
      min: -0.999,
      max: 0.999,
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key, reserve }) {
    const { samples: n, features: p, nonzeros, noise, correlation } = params;
    if (nonzeros > p) {
      throw new NodeError(
        'range',
        `Sparse regression (nonzeros): expected at most p = ${p}, got ${nonzeros}. Lower the nonzeros, or raise the features.`,
        'nonzeros',
      );
    }
    if (n * p > MAX_CELLS) {
      throw new NodeError(
        'range',
        `Sparse regression (samples × features): expected at most ${MAX_CELLS}, got ${n} × ${p} = ${n * p}. Lower one of them.`,
        'samples',
      );
    }
    const remedy = 'Take fewer samples or features.';
    reserve({ bytes: 8 * n * p, flops: (DRAW_FLOPS + 4) * n * p, remedy });
    const beta = new Float64Array(p);
    const places = hostPermutation(hostFoldIn(key, 0), p);
    const signs = hostUniform(hostFoldIn(key, 1), p);
    for (let k = 0; k < nonzeros; k++) beta[places[k]] = signs[k] < 0.5 ? -1 : 1;

    const x = hostNormal(hostFoldIn(key, 2), n * p);
    const innovation = Math.sqrt(1 - correlation ** 2);
    for (let i = 0; i < n; i++) {
      for (let j = 1; j < p; j++) {
        x[i * p + j] = correlation * x[i * p + j - 1] + innovation * x[i * p + j];
      }
    }
    const y = hostNormal(hostFoldIn(key, 3), n);
    for (let i = 0; i < n; i++) {
      y[i] *= noise;
      for (let j = 0; j < p; j++) y[i] += x[i * p + j] * beta[j];
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Sparse regression',
      features: hostFloat(x, [n, p]),
      featureNames: numberedNames(p),
      targets: { kind: 'values', name: 'y', values: hostFloat(y) },
      trueCoefficients: hostFloat(beta),
    };
    return {
      outputs: { dataset },
      view: previewDataset(dataset),
      status: `${describeSize(dataset)}, ${nonzeros} nonzero`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      { samples: 20, features: 40, nonzeros: 3, correlation: 0 },
      { samples: 30, features: 5, nonzeros: 0, noise: 0, correlation: -0.9, seed: 2 },
    ],
    invalid: [
      { params: { correlation: 1 }, message: /\[-0\.999, 0\.999\], got 1/ },
      { params: { features: 4, nonzeros: 5 }, message: /at most p = 4, got 5/ },
      { params: { samples: 1000, features: 10_000 }, message: /1000 × 10000 = 10000000/ },
    ],
  },
});
