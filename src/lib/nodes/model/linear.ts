/**
 * An affine map of the features.
 *
 *   z = x W + b,   W ∈ ℝ^{D×K}, b ∈ ℝ^K
 *
 * Shapes: x [B, D] → z [B, K]; K = 1 for values and two classes, else the number of classes.
 * W starts at initialScale·N(0, 1)/√D (0 gives zeros), b at 0.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import { add, matmul, mul, zeros } from '../../runtime/ir/ops.ts';
import { normal } from '../../runtime/ir/random.ts';
import { outputColumns } from './outputs.ts';
import { scaleNotes } from '../shared/scale-notes.ts';

export default defineNode({
  type: 'model/linear',
  version: 1,
  family: 'model',
  title: 'Linear model',
  summary:
    'An affine map of the features: linear regression, or the logits of a linear classifier.',
  formula: 'z = x^\\top W + b',
  description: [
    'Real targets and two classes get one output column, K ≥ 3 classes get K. With two classes the one output is the log-odds of the second class; softmax cross-entropy reads it as the pair [0, z].',
    'The weights start at initial scale · N(0, 1)/√D, the intercept at zero. Convex problems usually start at zero. Regularizers penalise the weights, never the intercept.',
  ],
  keywords: ['regression', 'least squares', 'affine', 'perceptron', 'intercept'],
  references: [
    {
      text: 'Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., equation (3.1).',
      url: 'https://hastie.su.domains/ElemStatLearn/',
    },
  ],
  params: {
    bias: { kind: 'boolean', label: 'Intercept', default: true },
    initialScale: {
      kind: 'number',
      label: 'Initial scale',
      help: 'Weights start at this times N(0, 1)/√D; 0 starts at zero.',
      default: 0,
      min: 0,
      max: 100,
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const dataset = context.input('data', 'dataset');
    const D = dataset.features.shape[1];
    const K = outputColumns(dataset);
    const weights = { name: 'weights', shape: [D, K], penalized: true };
    const bias = { name: 'bias', shape: [K], penalized: false };
    const scale = params.initialScale / Math.sqrt(Math.max(D, 1));
    const model: ModelValue = {
      kind: 'model',
      title: 'Linear model',
      dataset,
      parameters: params.bias ? [weights, bias] : [weights],
      outputs: K,
      linear: true,
      init(key) {
        const w = scale === 0 ? zeros([D, K]) : mul(normal(key, [D, K]), scale);
        return params.bias ? [w, zeros([K])] : [w];
      },
      apply([w, b], x) {
        const z = matmul(x, w);
        return params.bias ? add(z, b) : z;
      },
    };
    return {
      outputs: { model },
      status: `${D} → ${K}`,
      notes: scaleNotes(dataset, params.bias ? 'intercept' : 'products'),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { bias: false }, { initialScale: 1 }],
    invalid: [
      {
        params: { initialScale: -1 },
        message: /Initial scale.*expected a number in \[0, 100\], got -1/,
      },
      { params: { bias: 'yes' }, message: /Intercept.*expected true or false/ },
    ],
  },
});
