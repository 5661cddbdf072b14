/**
 * A cloud of free points: the parameters are their coordinates, and if wanted their weights.
 *
 *   μ = Σ_i a_i δ(x_i),   a = softmax(θ)
 *
 * Shapes: points [N, D], θ [N]. The model's input is the index of a point, [B, 1], so that batches of points can be drawn.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { CloudModel, DatasetValue, ModelValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { cast, constant, gather, squeeze, softmax, zeros } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { featureCount, sampleCount } from '../shared/dataset.ts';

export default defineNode({
  type: 'model/particles',
  version: 1,
  family: 'model',
  title: 'Free points',
  summary:
    'A cloud of points that move by themselves: the parameters are their coordinates, or weights.',
  formula: String.raw`\mu = \sum_i a_i\, \delta_{x_i}, \qquad a = \operatorname{softmax}(\theta)`,
  description: [
    'Starts at the points of the data and with equal weights. Trained by a distance between clouds, the points follow its gradient flow; with weights as parameters, mass moves between points that stay.',
  ],
  keywords: ['particles', 'gradient flow', 'lagrangian', 'weights', 'cloud', 'wasserstein'],
  references: [
    {
      text: 'Santambrogio, {Euclidean, metric, and Wasserstein} gradient flows: an overview (2017), section 4',
      url: 'https://arxiv.org/abs/1609.03890',
    },
  ],
  params: {
    free: {
      kind: 'choice',
      label: 'Parameters',
      default: 'points',
      options: [
        { value: 'points', label: 'points' },
        { value: 'weights', label: 'weights' },
        { value: 'both', label: 'points and weights' },
      ],
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Start' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { free } = context.params;
    const data = context.input('data', 'dataset');
    const [N, D] = [sampleCount(data), featureCount(data)];
    const moves = free !== 'weights';
    const weighs = free !== 'points';
    const indices: DatasetValue = {
      kind: 'dataset',
      name: `Points of ${data.name}`,
      features: hostFloat(
        Float64Array.from({ length: N }, (_, i) => i),
        [N, 1],
      ),
      featureNames: ['point'],
      targets: { kind: 'none' },
    };
    const rows = (array: Value, x: Value): Value => gather(array, cast(squeeze(x, 1), 'int'));
    const start = { ...data.features };
    const names = data.featureNames;
    const cloud: CloudModel = weighs
      ? {
          names,
          weights: (parameters, x) => softmax(rows(parameters[parameters.length - 1], x)),
        }
      : { names };
    const model: ModelValue = {
      kind: 'model',
      title: `${N} free points`,
      dataset: indices,
      parameters: [
        ...(moves ? [{ name: 'points', shape: [N, D], penalized: true }] : []),
        ...(weighs ? [{ name: 'logits', shape: [N], penalized: false }] : []),
      ],
      outputs: D,
      linear: false,
      cloud,
      init: () => [...(moves ? [constant(start)] : []), ...(weighs ? [zeros([N])] : [])],
      apply: (parameters, x) => rows(moves ? parameters[0] : constant(start), x),
    };
    return { outputs: { model }, status: `${N} × ${D}${weighs ? ', with weights' : ''}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { free: 'weights' }, { free: 'both' }],
    invalid: [{ params: { free: 'nothing' }, message: /Parameters.*'points'/ }],
  },
});
