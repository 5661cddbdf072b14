/**
 * Distance of optimal transport between the outputs of a model and data, both as clouds of points of equal weight.
 *
 *   S_ε = OT_ε(x, y) − ½ OT_ε(x, x) − ½ OT_ε(y, y),   SW₂² = mean over directions θ of W₂²(⟨x, θ⟩, ⟨y, θ⟩)
 *
 * Shapes: noise z [N, d], x = g(z) [B, D], data y [N, D]; of a minibatch, distances are between its own clouds. Domain: ε > 0 in units
 * of the mean squared distance of two points of the data. On the line, the sliced distance with one direction is exact.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, ModelValue, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, constant } from '../../runtime/ir/ops.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { featureCount, sampleCount } from '../shared/dataset.ts';
import { seedParam } from '../shared/seed.ts';
import { sinkhornDivergence, slicedDistance } from '../shared/transport/divergence.ts';
import { bindRegularizer, numberedFormula } from './bind.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, isWeight, uniqueLive } from './objective.ts';

const WHERE = 'Wasserstein distance';
/** Every distance compares all pairs, also when all samples are measured for a report. */
const MAX_SAMPLES = 2048;

export default defineNode({
  type: 'loss/wasserstein',
  version: 1,
  family: 'loss',
  title: WHERE,
  summary: 'A distance of optimal transport between generated samples and data.',
  formula:
    'S_\\varepsilon = \\mathrm{OT}_\\varepsilon(x, y) - \\tfrac12 \\mathrm{OT}_\\varepsilon(x, x) - \\tfrac12 \\mathrm{OT}_\\varepsilon(y, y), \\qquad \\mathrm{OT}_\\varepsilon = \\min_P \\langle P, C \\rangle + \\varepsilon\\,\\mathrm{KL}(P \\,\\Vert\\, a \\otimes b)',
  description: [
    'The cost is the squared distance. The Sinkhorn divergence takes away the bias of entropic transport, which alone would shrink the samples. The sliced distance averages the exact one over fixed random directions; in one dimension there is one direction and the distance is exact, by sorting.',
    'Derivatives use the optimal potentials, or the optimal pairing, as constants (envelope theorem): nothing is differentiated through iterations. They are exact as far as the iterations have converged; a smaller ε needs more of them.',
    'Needs as many inputs of the model as there are points in the data, such as those of a Generator on the same data, and compares all pairs.',
  ],
  keywords: ['sinkhorn', 'sliced', 'optimal transport', 'earth mover', 'generative', 'divergence'],
  references: [
    {
      text: 'Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences (2019), equation (3).',
      url: 'https://arxiv.org/abs/1810.08278',
    },
    {
      text: 'Bonneel, Rabin, Peyré & Pfister, Sliced and Radon Wasserstein barycenters of measures (2015), definition 2.',
      url: 'https://doi.org/10.1007/s10851-014-0506-3',
    },
  ],
  params: {
    distance: {
      kind: 'choice',
      label: 'Distance',
      default: 'sinkhorn',
      options: [
        { value: 'sinkhorn', label: 'Sinkhorn divergence' },
        { value: 'sliced', label: 'sliced; exact on the line' },
      ],
    },
    entropicReg: {
      kind: 'number',
      label: 'ε',
      help: 'In units of the mean squared distance between two points of the data.',
      default: 0.05,
      min: 1e-4,
      max: 100,
      scale: 'log',
      live: true,
      visibleWhen: { param: 'distance', in: ['sinkhorn'] },
    },
    iterations: {
      kind: 'integer',
      label: 'Iterations',
      help: 'ε is halved from one to the next until it is reached.',
      default: 20,
      min: 1,
      max: 1000,
      scale: 'log',
      visibleWhen: { param: 'distance', in: ['sinkhorn'] },
    },
    projections: {
      kind: 'integer',
      label: 'Directions',
      default: 32,
      min: 1,
      max: 512,
      visibleWhen: { param: 'distance', in: ['sliced'] },
    },
    seed: { ...seedParam, visibleWhen: { param: 'distance', in: ['sliced'] } },
  },
  inputs: [LOSS_INPUTS[0], { name: 'data', type: 'dataset', label: 'Data' }, LOSS_INPUTS[1]],
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const model = context.input('model', 'model');
    const data = context.input('data', 'dataset');
    requireClouds(model, data);
    const N = sampleCount(data);
    const D = featureCount(data);
    const scale = meanSquaredDistance(data.features);
    const sinkhorn = params.distance === 'sinkhorn';
    const entropicReg = context.live('entropicReg');
    const regularizers = context.list('regularizer', 'regularizer');
    const penalized = model.parameters.map(isWeight);
    const bound = regularizers.map((g) => bindRegularizer(g, penalized));
    const smoothTerms = bound.filter((g) => g.smooth);
    const directions = unitDirections(D, params.projections, context.key);

    const dataTerm: ObjectiveValue['dataTerm'] = (parameters, [inputs, targets], live) => {
      const x = model.apply(parameters, inputs);
      return sinkhorn
        ? sinkhornDivergence(x, targets, live[entropicReg.key], scale, params.iterations)
        : slicedDistance(x, targets, constant(directions));
    };
    const own = sinkhorn
      ? 'S_\\varepsilon\\bigl(g_\\theta(z), y\\bigr)'
      : D === 1
        ? 'W_2^2\\bigl(g_\\theta(z), y\\bigr)'
        : 'SW_2^2\\bigl(g_\\theta(z), y\\bigr)';
    const formula = `\\min_\\theta \\; ${own}${numberedFormula(regularizers)}`;
    const name = sinkhorn ? 'Sinkhorn divergence' : D === 1 ? 'W₂²' : 'Sliced W₂²';
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: [name, ...regularizers.map((g) => g.title)].join(' + '),
      formula,
      variables: model.parameters,
      penalized,
      init: (key) => model.init(key),
      data: [model.dataset.features, data.features],
      samples: N,
      smooth: { yes: true },
      convex: false,
      value: (x, arrays, live) =>
        smoothTerms.reduce((total, g) => add(total, g.value(x, live)), dataTerm(x, arrays, live)),
      terms: bound.filter((g) => !g.smooth),
      smoothTerms,
      live: [...uniqueLive(regularizers), ...(sinkhorn ? [entropicReg] : [])],
      dataTerm,
      constants: {},
      model,
    };
    const count = model.parameters.reduce((n, v) => n + v.shape.reduce((a, b) => a * b, 1), 0);
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'Samples', value: String(N) },
          { label: 'Unknowns', value: String(count) },
          { label: 'Convex', value: 'no' },
          { label: 'Mean squared distance of data', value: scale.toPrecision(3) },
        ],
      },
      status: `${count} unknowns, ${N} samples`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { entropicReg: 1, iterations: 3 }, { distance: 'sliced', projections: 2, seed: 1 }],
    invalid: [
      { params: { entropicReg: 0 }, message: /ε.*got 0/ },
      { params: { distance: 'jensen' }, message: /Distance.*'sinkhorn'/ },
    ],
  },
});

function requireClouds(model: ModelValue, data: DatasetValue): void {
  const [N, D] = data.features.shape;
  if (model.outputs !== D)
    throw new NodeError(
      'shape',
      `${WHERE} (model): expected outputs in ${D} dimensions, as "${data.name}" has, got ${model.outputs} from ${model.title}. Use a Generator on the same data.`,
      'model',
    );
  if (sampleCount(model.dataset) !== N)
    throw new NodeError(
      'shape',
      `${WHERE} (model): expected ${N} inputs, one for each point of "${data.name}", got ${sampleCount(model.dataset)} in "${model.dataset.name}". Use a Generator on the same data.`,
      'model',
    );
  if (N > MAX_SAMPLES)
    throw new NodeError(
      'size',
      `${WHERE} (data): expected at most ${MAX_SAMPLES} points, since all pairs are compared, got ${N}. Take fewer samples.`,
      'data',
    );
  const bad = data.features.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new NodeError(
      'nonfinite',
      `${WHERE} (data): expected finite coordinates, got ${data.features.data[bad]} at point ${Math.floor(bad / D)}. Remove points with missing coordinates.`,
      'data',
    );
  if (!(meanSquaredDistance(data.features) > 0))
    throw new NodeError(
      'degenerate',
      `${WHERE} (data): expected points that differ, got ${N} times the same. Their distance is the unit of ε.`,
      'data',
    );
}

/** Over all pairs, twice the sum of the variances. */
function meanSquaredDistance({ data, shape: [N, D] }: HostArray): number {
  let total = 0;
  for (let d = 0; d < D; d++) {
    let mean = 0;
    for (let i = 0; i < N; i++) mean += data[i * D + d] / N;
    for (let i = 0; i < N; i++) total += (2 * (data[i * D + d] - mean) ** 2) / N;
  }
  return total;
}

/** float [D, L], columns uniform on the sphere; the one direction there is for D = 1. */
function unitDirections(D: number, L: number, key: readonly [number, number]): HostArray {
  if (D === 1) return hostFloat(Float64Array.of(1), [1, 1]);
  const draws = hostNormal(hostFoldIn(key, 0), D * L);
  const out = new Float64Array(D * L);
  for (let l = 0; l < L; l++) {
    let squares = 0;
    for (let d = 0; d < D; d++) squares += draws[d * L + l] ** 2;
    for (let d = 0; d < D; d++) out[d * L + l] = draws[d * L + l] / Math.sqrt(squares);
  }
  return hostFloat(out, [D, L]);
}
