/**
 * A multilayer perceptron: affine maps with an elementwise nonlinearity between them.
 *
 *   h₀ = x,   h_l = σ(h_{l−1} W_l + b_l) for l = 1…L,   z = h_L W_{L+1} + b_{L+1}
 *
 * Shapes: x [B, D], W_l [n_{l−1}, n_l], z [B, K]. Domain: 0 to 8 hidden widths of 1 to 4096; scale ≥ 0.
 * Biases start at 0; W_l is drawn with key foldIn(key, l).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import { ACTIVATIONS } from './activations.ts';
import { INITIALIZERS } from './initializers.ts';
import { outputColumns } from './outputs.ts';
import { perceptron } from './perceptron.ts';
import { scaleNotes } from '../shared/scale-notes.ts';
import { countOf } from '../../runtime/ir/shape.ts';

const options = (table: Readonly<Record<string, { readonly label: string }>>) =>
  Object.entries(table).map(([value, { label }]) => ({ value, label }));

export default defineNode({
  type: 'model/mlp',
  version: 1,
  family: 'model',
  title: 'MLP',
  summary: 'A multilayer perceptron: affine maps with an elementwise nonlinearity between them.',
  formula:
    'h_\\ell = \\sigma\\bigl(h_{\\ell-1} W_\\ell + b_\\ell\\bigr), \\qquad z = h_L W_{L+1} + b_{L+1}',
  description: [
    'The output has one column for real targets and for two classes (the log-odds of the second), and K for K ≥ 3 classes.',
    'ReLU is differentiable except at zero, where its derivative is taken as 0; GELU is the exact z Φ(z). Glorot suits tanh and sigmoid, He suits ReLU, LeCun suits inputs of unit variance. Initial scale multiplies the standard deviation.',
    'The loss is not convex in the weights: no certificate, and no guarantee beyond stationary points.',
  ],
  keywords: ['neural network', 'multilayer perceptron', 'hidden layers', 'deep', 'feedforward'],
  references: [
    {
      text: 'Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), equations (12) and (16).',
      url: 'https://proceedings.mlr.press/v9/glorot10a.html',
    },
    {
      text: 'He et al., Delving deep into rectifiers (2015), equation (10).',
      url: 'https://arxiv.org/abs/1502.01852',
    },
    {
      text: 'LeCun et al., Efficient BackProp (1998), equation (16).',
      url: 'https://doi.org/10.1007/3-540-49430-8_2',
    },
    {
      text: 'Hendrycks & Gimpel, Gaussian error linear units (2016), section 2.',
      url: 'https://arxiv.org/abs/1606.08415',
    },
  ],
  params: {
    widths: {
      kind: 'integers',
      label: 'Hidden widths',
      help: 'Units in each hidden layer, first to last.',
      default: [16, 16],
      min: 1,
      max: 4096,
      maxLength: 8,
    },
    activation: {
      kind: 'choice',
      label: 'Activation',
      default: 'tanh',
      options: options(ACTIVATIONS),
    },
    initializer: {
      kind: 'choice',
      label: 'Initial weights',
      default: 'glorot-uniform',
      options: options(INITIALIZERS),
    },
    initialScale: {
      kind: 'number',
      label: 'Initial scale',
      help: 'Multiplies the standard deviation of the initial weights.',
      default: 1,
      min: 0,
      max: 100,
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const dataset = context.input('data', 'dataset');
    const K = outputColumns(dataset);
    const sizes = [dataset.features.shape[1], ...params.widths, K];
    const layers = perceptron({
      sizes,
      activation: ACTIVATIONS[params.activation],
      initializer: INITIALIZERS[params.initializer],
      scale: params.initialScale,
    });
    const model: ModelValue = {
      kind: 'model',
      title: `MLP ${sizes.join('-')}`,
      dataset,
      outputs: K,
      ...layers,
    };
    const count = countOf(layers.parameters);
    return {
      outputs: { model },
      status: `${sizes.join('-')}, ${count} parameters`,
      notes: scaleNotes(dataset, 'intercept'),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { widths: [] }, { widths: [32], activation: 'gelu', initializer: 'he-normal' }],
    invalid: [
      {
        params: { widths: [0] },
        message: /Hidden widths.*expected at most 8 integers in \[1, 4096\]/,
      },
      { params: { activation: 'swishy' }, message: /Activation.*expected one of 'tanh'/ },
      { params: { initialScale: -1 }, message: /Initial scale.*expected a number in \[0, 100\]/ },
    ],
  },
});
