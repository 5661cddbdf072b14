/**
 * A kernel machine: a combination of kernels at the samples, with the norm of its function space as a penalty.
 *
 *   z(x) = Σᵢ k(x, xᵢ) αᵢ,   penalty (λ/2) tr(αᵀ K α),   K = (k(xᵢ, xⱼ))
 *
 * With half the mean squared error the minimiser is α = (K + N λ I)⁻¹ y. scikit-learn's KernelRidge solves (K + alpha I) α = y, so its
 * alpha is N λ; its gamma is 1/(2σ²) for 'rbf' and 1/σ² for 'poly', and its 'laplacian' measures distances in the ℓ1 norm, not the Euclidean.
 * Shapes: x [B, D], α [N, K], z [B, K]; α starts at 0. Domain: σ > 0, λ ≥ 0, degree 1 to 10, c ≥ 0.
 * The arc-cosine kernels (Cho & Saul 2009, equations (2)–(6)) are of points with a further feature 1, so that none is 0.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import { constant, zeros } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { kernelProduct } from '../shared/kernel/blocks.ts';
import { KERNELS } from '../shared/kernel/kernels.ts';
import { outputColumns } from './outputs.ts';
import { scaleNotes } from '../shared/scale-notes.ts';

const scaledKernels = ['gaussian', 'laplace', 'polynomial'];

export default defineNode({
  type: 'model/kernel',
  version: 1,
  family: 'model',
  title: 'Kernel ridge',
  summary: 'A combination of kernels at the samples, penalised by the norm of its function space.',
  formula: String.raw`z(x) = \sum_{i=1}^{N} k(x, x_i)\,\alpha_i, \qquad + \tfrac{\lambda}{2} \operatorname{tr}(\alpha^\top K \alpha)`,
  description: [
    'With squared error the minimiser is α = (K + N λ I)⁻¹ y, by the direct solver or by conjugate gradients; the logistic and softmax losses make a kernel classifier. The penalty is part of the objective.',
    'scikit-learn’s KernelRidge solves (K + alpha I) α = y: its alpha is N λ. Its gamma is 1/(2σ²) for rbf and 1/σ² for poly; its laplacian measures distances in the ℓ1 norm, this one in the Euclidean.',
    'The arc-cosine kernels are the limits of infinitely wide networks with one hidden layer of step (degree 0) and ReLU (degree 1) units; θ is the angle of the points with a further feature 1, which acts as a bias.',
  ],
  keywords: ['rkhs', 'gaussian process', 'rbf', 'krr', 'svm', 'support vectors', 'nonparametric'],
  references: [
    {
      text: 'Schölkopf & Smola, Learning with Kernels (2002), theorem 4.2 and section 4.6.',
      url: 'https://mitpress.mit.edu/9780262536578/',
    },
    {
      text: 'Cho & Saul, Kernel methods for deep learning (2009), equations (2)–(6).',
      url: 'https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning',
    },
    {
      text: 'scikit-learn, KernelRidge.',
      url: 'https://scikit-learn.org/stable/modules/generated/sklearn.kernel_ridge.KernelRidge.html',
    },
  ],
  params: {
    kernel: {
      kind: 'choice',
      label: 'Kernel k',
      default: 'gaussian',
      options: Object.entries(KERNELS).map(([value, { label }]) => ({ value, label })),
    },
    bandwidth: {
      kind: 'number',
      label: 'Bandwidth σ',
      help: 'The distance over which the function may change, in the units of the features. Far below the distances between samples K is nearly the identity: standardize the features, or raise it.',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      visibleWhen: { param: 'kernel', in: scaledKernels },
    },
    degree: {
      kind: 'integer',
      label: 'Degree p',
      default: 3,
      min: 1,
      max: 10,
      visibleWhen: { param: 'kernel', in: ['polynomial'] },
    },
    offset: {
      kind: 'number',
      label: 'Offset c',
      default: 1,
      min: 0,
      max: 1e6,
      visibleWhen: { param: 'kernel', in: ['polynomial'] },
    },
    lambda: {
      kind: 'number',
      label: 'λ',
      help: 'Weight of the squared norm; N λ is scikit-learn’s alpha. Changing it starts runs again: the direct solver factorizes K + NλI, and conjugate directions belong to one matrix.',
      default: 1e-3,
      min: 0,
      max: 1e6,
      scale: 'log',
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const dataset = context.input('data', 'dataset');
    const K = outputColumns(dataset);
    const N = dataset.features.shape[0];
    const { label, apply, precisely, rounding, definite } = KERNELS[params.kernel];
    const D = dataset.features.shape[1];
    const point = (i: number): Float64Array =>
      Float64Array.from(dataset.features.data.slice(i * D, (i + 1) * D));
    const k = (x: Value, y: Value): Value => apply(x, y, params);
    const points = (): Value => constant(dataset.features);
    const model: ModelValue = {
      kind: 'model',
      title: `Kernel machine (${label})`,
      dataset,
      parameters: [{ name: 'alpha', shape: [N, K], penalized: true }],
      outputs: K,
      linear: true,
      init: () => [zeros([N, K])],
      apply: ([alpha], x) => kernelProduct(k, x, points(), alpha),
      kernel: {
        lambda: params.lambda,
        precisely: (i, j) => precisely(point(i), point(j), params),
        // A sum, product or quotient in double-double is some 30 operations.
        preciseFlops: 30 * (8 * D + 60),
        rounding: rounding(D, params),
        definite,
        multiply: (v) => kernelProduct(k, points(), points(), v),
        rows: (x) => k(x, points()),
      },
    };
    return {
      outputs: { model },
      status: `${label}, ${N} × ${K}`,
      notes: scaleNotes(dataset, 'distances'),
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { kernel: 'laplace', bandwidth: 0.5 },
      { kernel: 'polynomial', degree: 2, offset: 0 },
      { kernel: 'arc-cosine-0', lambda: 0 },
      { kernel: 'arc-cosine-1' },
    ],
    invalid: [
      { params: { kernel: 'sigmoid' }, message: /Kernel k.*expected one of 'gaussian'/ },
      {
        params: { bandwidth: 0 },
        message: /Bandwidth.*expected a number > 0 and ≤ 1000000, got 0/,
      },
      { params: { lambda: -1 }, message: /λ.*expected a number in \[0, 1000000\], got -1/ },
    ],
  },
});
