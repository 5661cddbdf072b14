/**
 * A generator: a multilayer perceptron that carries Gaussian noise to samples.
 *
 *   x = h_L W_{L+1} + b_{L+1},   h_l = σ(h_{l−1} W_l + b_l),   h₀ = z ~ N(0, I)
 *
 * Shapes: z [B, noise dimension], x [B, D] with D the features of the data. The model's dataset is a pool of as many draws of z as
 * there are samples, so that batches of noise and of data come together.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue, ModelValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { featureCount, numberedNames, sampleCount } from '../shared/dataset.ts';
import { seedParam } from '../shared/seed.ts';
import { ACTIVATIONS } from './activations.ts';
import { INITIALIZERS } from './initializers.ts';
import { perceptron } from './perceptron.ts';
import { countOf } from '../../runtime/ir/shape.ts';

export default defineNode({
  type: 'model/generator',
  version: 1,
  family: 'model',
  title: 'Generator',
  summary: 'A multilayer perceptron that carries Gaussian noise to samples like the data.',
  formula:
    'x = g_\\theta(z), \\qquad z \\sim \\mathcal N(0, I), \\qquad g_\\theta = \\text{affine} \\circ \\sigma \\circ \\dots \\circ \\sigma \\circ \\text{affine}',
  description: [
    'Has no density, so it is trained by a distance between clouds: wire it and the same data into a Wasserstein loss. The noise is a pool of one draw for each sample of the data; the seed draws another.',
  ],
  keywords: ['generative', 'noise', 'push-forward', 'gan', 'wasserstein', 'sampler'],
  references: [
    {
      text: 'Genevay, Peyré & Cuturi, Learning generative models with Sinkhorn divergences (2018), section 2.',
      url: 'https://arxiv.org/abs/1706.00292',
    },
  ],
  params: {
    widths: {
      kind: 'integers',
      label: 'Hidden widths',
      default: [32, 32],
      min: 1,
      max: 4096,
      maxLength: 8,
    },
    activation: {
      kind: 'choice',
      label: 'Activation',
      default: 'tanh',
      options: Object.entries(ACTIVATIONS).map(([value, { label }]) => ({ value, label })),
    },
    noiseDimension: {
      kind: 'integer',
      label: 'Noise dimension',
      default: 2,
      min: 1,
      max: 256,
    },
    seed: seedParam,
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params, key } = context;
    const data = context.input('data', 'dataset');
    const D = featureCount(data);
    const N = sampleCount(data);
    const sizes = [params.noiseDimension, ...params.widths, D];
    const layers = perceptron({
      sizes,
      activation: ACTIVATIONS[params.activation],
      initializer: INITIALIZERS['glorot-uniform'],
      scale: 1,
    });
    const noise: DatasetValue = {
      kind: 'dataset',
      name: `Noise for ${data.name}`,
      features: hostFloat(hostNormal(hostFoldIn(key, 0), N * sizes[0]), [N, sizes[0]]),
      featureNames: numberedNames(sizes[0]),
      targets: { kind: 'none' },
    };
    const model: ModelValue = {
      kind: 'model',
      title: `Generator ${sizes.join('-')}`,
      dataset: noise,
      outputs: D,
      generator: true,
      ...layers,
    };
    const count = countOf(layers.parameters);
    return { outputs: { model }, status: `${sizes.join('-')}, ${count} parameters` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { widths: [], noiseDimension: 1 }, { activation: 'relu', seed: 2 }],
    invalid: [
      { params: { widths: [0] }, message: /Hidden widths.*expected at most 8 integers/ },
      { params: { noiseDimension: 0 }, message: /Noise dimension.*\[1, 256\], got 0/ },
    ],
  },
});
