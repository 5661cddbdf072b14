/**
 * Eigenvalues μ of the kernel matrix of a kernel machine, or of XᵀX for the features X [N, D] of a dataset, and what they say of ridge
 * regression with Nλ: float64.
 *
 *   effective dimension  Σ μᵢ/(μᵢ + Nλ) = tr(K(K + Nλ I)⁻¹)
 *   condition number     (μ₁ + Nλ)/(μₙ + Nλ)
 *   log determinant      Σ log μᵢ, −∞ where one is not positive
 *   numerical rank       the number of singular values above max(N, D) ε σ₁, of K or of X; ε = 2⁻⁵²
 *
 * For data the singular values σ of X are computed, not the eigenvalues of XᵀX, whose small ones would be lost; μ = σ².
 * λ is that of the kernel machine, or the parameter: with half the mean squared error and (λ/2)‖w‖², w = (XᵀX + Nλ I)⁻¹Xᵀy. An
 * eigenvalue of K that rounding made negative counts as it is; K + Nλ I that is not positive definite has condition number ∞.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, ModelValue, Reserve, ScalarValue } from '../../runtime/graph/ports.ts';
import { log } from '../../numerics/elementary/index.ts';
import { singularValues } from '../../numerics/singular-values.ts';
import { symmetricEigenvalues } from '../../numerics/symmetric-eigen.ts';
import { EPSILON } from '../../numerics/tridiagonal.ts';
import { brief } from '../shared/format.ts';
import { kernelEffort, kernelMatrix } from '../shared/kernel/gram.ts';
import { requireFinite } from '../shared/operators/signal.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';

/** Samples of a kernel matrix: 8 MB, some seconds. */
const MOST_SAMPLES = 1000;
const SMALLER = 'Choose fewer features or samples.';
/** Multiplications of a sweep over all pairs of columns: some seconds in all. */
const MOST_WORK = 2e8;

interface Spectrum {
  /** Eigenvalues of K, or singular values of X; largest first. */
  readonly shown: Float64Array;
  /** Eigenvalues of K or of XᵀX. */
  readonly eigenvalues: Float64Array;
  /** The larger side of the matrix. */
  readonly size: number;
  /** N λ. */
  readonly shift: number;
  readonly of: string;
  readonly symbol: string;
}

export default defineNode({
  type: 'view/spectrum',
  version: 1,
  family: 'view',
  title: 'Spectrum',
  summary:
    'Eigenvalues of a kernel matrix or singular values of data, and the effective dimension.',
  formula: String.raw`d_{\mathrm{eff}} = \sum_i \frac{\mu_i}{\mu_i + N\lambda} = \operatorname{tr} K(K + N\lambda I)^{-1}`,
  description: [
    'Wire a kernel machine or a dataset. Of a kernel machine the eigenvalues μ of K are drawn, of a dataset the singular values σ of its features X, and μ = σ².',
    'The effective dimension is the number of directions that ridge regression uses: those with μ well above Nλ count 1, those well below count 0. It is the trace of the map from the targets to the fit, the degrees of freedom of the smoother.',
    'The dashed lines are Nλ (for a dataset its square root) and the rounding of the largest value, below which digits mean nothing; the numerical rank counts what is above it.',
  ],
  keywords: [
    'eigenvalues',
    'singular values',
    'svd',
    'effective dimension',
    'degrees of freedom',
    'condition number',
    'rank',
    'scree',
  ],
  references: [
    {
      text: 'Caponnetto & De Vito, Optimal rates for the regularized least-squares algorithm, Found. Comput. Math. 7, 2007 (effective dimension)',
      url: 'https://doi.org/10.1007/s10208-006-0196-8',
    },
    {
      text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., equation (3.50)',
      url: 'https://hastie.su.domains/ElemStatLearn/',
    },
    {
      text: 'Golub & Van Loan, Matrix Computations, 4th ed., algorithms 8.3.1 and 8.6.1; section 5.4.1 (numerical rank)',
    },
  ],
  params: {
    lambda: {
      kind: 'number',
      label: 'λ for a dataset',
      help: 'A kernel machine brings its own.',
      default: 1e-3,
      min: 0,
      max: 1e6,
      scale: 'log',
    },
  },
  inputs: [
    { name: 'model', type: 'model', label: 'Kernel model', optional: true },
    { name: 'data', type: 'dataset', label: 'Data', optional: true },
  ],
  outputs: [
    { name: 'dimension', type: 'scalar', label: 'Effective dimension' },
    { name: 'condition', type: 'scalar', label: 'Condition number' },
    { name: 'rank', type: 'scalar', label: 'Rank' },
    { name: 'logDeterminant', type: 'scalar', label: 'log det' },
  ],
  async evaluate({ params, optional, signal, reserve, progress }) {
    const model = optional('model', 'model');
    const data = optional('data', 'dataset');
    if (!model && !data)
      throw new NodeError('waiting', 'Wire a kernel model or a dataset to it.', 'model');
    if (model && data)
      throw new NodeError(
        'inputs',
        'Spectrum (data): expected a kernel model or a dataset, got both. Remove one wire, and use a second Spectrum.',
        'data',
      );
    const pacer = createPacer(signal, (fraction) => progress(fraction, 'decomposing'));
    const spectrum = model
      ? await ofKernel(model, pacer, reserve)
      : await ofData(data as DatasetValue, params.lambda, pacer, reserve);
    const { eigenvalues, shown, size, shift, of, symbol } = spectrum;
    const rounding = size * EPSILON * shown[0];
    const rank = shown.filter((value) => value > rounding).length;
    const dimension = eigenvalues.reduce((sum, mu) => sum + (mu === 0 ? 0 : mu / (mu + shift)), 0);
    const logDeterminant = eigenvalues.reduce((sum, mu) => sum + log(Math.max(mu, 0)), 0);
    const least = eigenvalues[eigenvalues.length - 1] + shift;
    const condition = least > 0 ? (eigenvalues[0] + shift) / least : Infinity;
    const scalar = (label: string, value: number): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${label} of ${of}`,
      precision: 'float64',
      standing: (model?.dataset ?? data)?.standing,
    });
    const index = Float64Array.from(shown, (_, i) => i + 1);
    const level = (value: number, label: string) => ({
      x: Float64Array.of(1, Math.max(2, shown.length)),
      y: Float64Array.of(value, value),
      label,
      dashed: true,
    });
    const cut = model ? shift : Math.sqrt(shift);
    return {
      outputs: {
        dimension: scalar('effective dimension', dimension),
        condition: scalar('condition number', condition),
        rank: scalar('numerical rank', rank),
        logDeterminant: scalar('log determinant', logDeterminant),
      },
      view: {
        kind: 'line',
        xLabel: 'k',
        yLabel: `${symbol}ₖ`,
        yScale: 'log',
        points: [{ x: index, y: shown, label: model ? 'eigenvalues' : 'singular values' }],
        lines: [
          ...(cut > 0 ? [level(cut, model ? 'Nλ' : '√(Nλ)')] : []),
          level(rounding, 'rounding'),
        ],
      },
      status: `effective dimension ${brief(dimension)} of ${shown.length}, condition ${brief(condition)}, rank ${rank}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { lambda: 0 }],
    invalid: [
      { params: { lambda: -1 }, message: /λ.*expected a number in \[0, 1000000\], got -1/ },
    ],
  },
});

async function ofKernel(model: ModelValue, pacer: Pacer, reserve: Reserve): Promise<Spectrum> {
  const { kernel, dataset } = model;
  if (!kernel)
    throw new NodeError(
      'kernel',
      `Spectrum (model): expected a kernel machine, got '${model.title}'. Wire its dataset instead.`,
      'model',
    );
  const [N] = dataset.features.shape;
  if (N > MOST_SAMPLES)
    throw new NodeError(
      'size',
      `Spectrum (model): expected at most ${MOST_SAMPLES} samples, got ${N}. Take a part of them with Train/test split.`,
      'model',
    );
  reserve({
    bytes: 16 * N * N,
    ...kernelEffort(model, N),
    flops: 400 * N * N + 2 * N * N * N,
    remedy: SMALLER,
  });
  const eigenvalues = await symmetricEigenvalues(await kernelMatrix(model, pacer), N, pacer);
  return {
    shown: eigenvalues,
    eigenvalues,
    size: N,
    shift: N * kernel.lambda,
    of: `the kernel matrix of ${dataset.name}`,
    symbol: 'μ',
  };
}

async function ofData(
  data: DatasetValue,
  lambda: number,
  pacer: Pacer,
  reserve: Reserve,
): Promise<Spectrum> {
  const [N, D] = data.features.shape;
  const [few, many] = [Math.min(N, D), Math.max(N, D)];
  requireFinite(data.features, 'Spectrum (data)', data.name, 'data');
  if (many * few * few > MOST_WORK)
    throw new NodeError(
      'size',
      `Spectrum (data): expected at most ${MOST_WORK} multiplications (samples × features²), got ${N} × ${D}: ${many * few * few}. Choose fewer features or samples.`,
      'data',
    );
  // Some eight sweeps over all pairs of columns.
  reserve({ bytes: 8 * N * D, flops: 50 * many * few * few, remedy: SMALLER });
  const shown = await singularValues(data.features.data, N, D, pacer);
  return {
    shown,
    // With fewer samples than features the others are 0.
    eigenvalues: Float64Array.from({ length: D }, (_, i) => (shown[i] ?? 0) ** 2),
    size: many,
    shift: N * lambda,
    of: data.name,
    symbol: 'σ',
  };
}
