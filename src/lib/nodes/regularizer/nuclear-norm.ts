/**
 * The nuclear norm of a matrix: the sum of its singular values.
 *
 *   g(W) = λ ‖W‖_* = λ Σ σᵢ(W),   prox(V, s) = P diag(max(σᵢ − sλ, 0)) Qᵀ with V = P diag(σᵢ) Qᵀ
 *
 * Domain: λ ≥ 0 (live). W is a matrix of weights [D, K] or an image [H, W]; a vector is one column, whose nuclear norm is its length; an
 * array of more axes is a stack of matrices, and several arrays each have their own norm. Prox: Cai, Candès & Shen 2010, theorem 2.1;
 * computed with two polar decompositions, no singular value decomposition (`shared/polar.ts`).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { singularValues } from '../../numerics/singular-values.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { mul } from '../../runtime/ir/ops.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { nuclearNorm, shrinkSingularValues } from '../shared/polar.ts';
import { lambdaParam } from './lambda.ts';
import { addAll } from './sum.ts';

export default defineNode({
  type: 'regularizer/nuclear-norm',
  version: 1,
  family: 'regularizer',
  title: 'Nuclear norm',
  summary: 'Adds λ times the sum of the singular values of a matrix: solutions of low rank.',
  formula: 'g(W) = \\lambda \\lVert W \\rVert_* = \\lambda \\sum_i \\sigma_i(W)',
  description: [
    'The ℓ1 norm of the singular values, and the largest convex function below the rank on matrices of spectral norm at most 1. Its prox makes every singular value smaller by sλ, at most to 0, and keeps the singular vectors. Not differentiable where the rank is not full.',
    'For weights inputs × outputs, and for images. A model with one output has a single column, and the norm is the ℓ2 norm of its weights. Each array (each layer) has its own norm; biases are not penalised.',
    'The error of the prox is a few units of rounding of the norm of the matrix, so singular values that should vanish remain at about 1e-16 of it in float64 and 1e-7 in float32. Cost: about two hundred products with a square matrix of the smaller side.',
  ],
  keywords: ['trace norm', 'low rank', 'singular values', 'matrix completion', 'schatten', 'svt'],
  references: [
    {
      text: 'Cai, Candès & Shen, A singular value thresholding algorithm for matrix completion (2010), theorem 2.1.',
      url: 'https://arxiv.org/abs/0810.3286',
    },
    {
      text: 'Fazel, Matrix Rank Minimization with Applications (2002), theorem 5.1.1 (convex envelope).',
      url: 'https://faculty.washington.edu/mfazel/thesis-final.pdf',
    },
    {
      text: 'Chen & Chow, A stable scaling of Newton–Schulz for improving the sign function computation of a Hermitian matrix (2014).',
      url: 'https://www.mcs.anl.gov/papers/P5059-0114.pdf',
    },
  ],
  params: {
    lambda: lambdaParam,
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate(context) {
    const lambda = context.live('lambda');
    const regularizer: RegularizerValue = {
      kind: 'regularizer',
      title: 'Nuclear norm',
      formula: '\\lambda \\lVert W \\rVert_*',
      convex: true,
      smooth: false,
      norm: { weight: (live) => live[lambda.key], dual: largestSpectralNorm },
      live: [lambda],
      value: (x, live) => mul(live[lambda.key], addAll(x.map(nuclearNorm))),
      prox(v, stepSize, live) {
        const threshold = mul(stepSize, live[lambda.key]);
        return v.map((part) => shrinkSingularValues(part, threshold));
      },
    };
    return { outputs: { regularizer } };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { lambda: 0 }, { lambda: 2.5 }],
    invalid: [
      { params: { lambda: -0.1 }, message: /λ.*expected a number in \[0, 1000000\], got -0.1/ },
    ],
  },
});

/** Of every matrix; a vector is one column, and an array of more axes a stack of matrices. */
async function largestSpectralNorm(
  arrays: readonly HostArray[],
  signal: AbortSignal,
): Promise<number> {
  let largest = 0;
  for (const { data, shape } of arrays) {
    const [m, n] = shape.length >= 2 ? shape.slice(-2) : [data.length, 1];
    for (let start = 0; start < data.length; start += m * n) {
      const block = data.subarray(start, start + m * n);
      const [sigma = 0] = await singularValues(block, m, n, createPacer(signal));
      largest = Math.max(largest, sigma);
    }
  }
  return largest;
}
