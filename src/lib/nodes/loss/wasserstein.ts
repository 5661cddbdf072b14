/**
 * Distance of optimal transport between the outputs of a model and data, both as clouds of weighted points, cost ‖x − y‖².
 *
 *   W₂² = min_P ⟨P, C⟩,   OT_ε = min_P ⟨P, C⟩ + ε KL(P ‖ a ⊗ b)   over P ≥ 0 with P·1 = a, Pᵀ·1 = b
 *   S_ε = OT_ε(x, y) − ½ OT_ε(x, x) − ½ OT_ε(y, y),   SW₂² = mean over directions θ of W₂²(⟨x, θ⟩, ⟨y, θ⟩)
 *
 * Shapes: outputs [N, D] with weights [N], data y [M, D] with weights [M]; of a minibatch, which needs N = M, distances are between its own clouds. Domain: ε > 0 in units
 * of the mean squared distance of two points of the data; N, M ≤ 500 for the exact distance in the plane and above.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, ModelValue, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, constant, div, sum } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { inNamedOrder } from '../shared/align.ts';
import { featureCount, sampleCount } from '../shared/dataset.ts';
import { seedParam } from '../shared/seed.ts';
import type { Cloud } from '../shared/transport/cloud.ts';
import { cloudParams, cloudWeights } from '../shared/transport/clouds.ts';
import { entropicTransport, sinkhornDivergence } from '../shared/transport/divergence.ts';
import { exactDistance } from '../shared/transport/exact-distance.ts';
import { meanSquaredDistance, unitDirections } from '../shared/transport/geometry.ts';
import { slicedDistance } from '../shared/transport/sliced-distance.ts';
import { bindToModel, numberedFormula } from './bind.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, uniqueLive } from './objective.ts';
import { countOf } from '../../runtime/ir/shape.ts';

const WHERE = 'Wasserstein distance';
/** Every distance compares all pairs, also when all samples are measured for a report. */
const MAX_SAMPLES = 2048;
/** A linear program of 500 × 500 takes the network simplex a tenth of a second, in every step. */
const MAX_EXACT = 500;

/** `exact` stands for two methods, by dimension. */
type Method = 'sinkhorn' | 'entropic' | 'sorting' | 'program' | 'sliced';

const NAMES: Readonly<Record<Method, { readonly title: string; readonly formula: string }>> = {
  sinkhorn: {
    title: 'Sinkhorn divergence',
    formula: 'S_\\varepsilon\\bigl(g_\\theta(z), y\\bigr)',
  },
  entropic: {
    title: 'Entropic transport',
    formula: '\\mathrm{OT}_\\varepsilon\\bigl(g_\\theta(z), y\\bigr)',
  },
  sorting: { title: 'W₂²', formula: 'W_2^2\\bigl(g_\\theta(z), y\\bigr)' },
  program: { title: 'W₂²', formula: 'W_2^2\\bigl(g_\\theta(z), y\\bigr)' },
  sliced: { title: 'Sliced W₂²', formula: 'SW_2^2\\bigl(g_\\theta(z), y\\bigr)' },
};
const HOW: Readonly<Record<Method, string>> = {
  sinkhorn: 'Sinkhorn iterations, log domain',
  entropic: 'Sinkhorn iterations, log domain',
  sorting: 'exact, by sorting',
  program: 'exact, network simplex in float64 on the CPU',
  sliced: 'sorting along each direction',
};

function methodOf(distance: string, D: number): Method {
  if (distance === 'exact') return D === 1 ? 'sorting' : 'program';
  return distance === 'sinkhorn' || distance === 'entropic' ? distance : 'sliced';
}

export default defineNode({
  type: 'loss/wasserstein',
  version: 1,
  family: 'loss',
  title: WHERE,
  summary: 'A distance of optimal transport between generated samples and data.',
  formula:
    'W_2^2 = \\min_P \\langle P, C \\rangle, \\qquad \\mathrm{OT}_\\varepsilon = \\min_P \\langle P, C \\rangle + \\varepsilon\\,\\mathrm{KL}(P \\,\\Vert\\, a \\otimes b), \\qquad S_\\varepsilon = \\mathrm{OT}_\\varepsilon(x, y) - \\tfrac12 \\mathrm{OT}_\\varepsilon(x, x) - \\tfrac12 \\mathrm{OT}_\\varepsilon(y, y)',
  description: [
    'The cost is the squared distance. The exact distance sorts on the line, and in more dimensions solves a linear program in every step: in float64 on the CPU, at most 500 × 500 points; a run on the GPU is refused and moves to the CPU, which its device line says. The sliced distance averages the exact one over fixed random directions.',
    'Entropic transport is biased: alone it shrinks the samples. The Sinkhorn divergence takes the bias away.',
    'Derivatives in points and weights use the optimal plan and potentials as constants (envelope theorem): nothing is differentiated through iterations. Of the entropic distances they are exact as far as the iterations have converged; a smaller ε needs more of them.',
    'With as many inputs of the model as points in the data, such as those of a Generator on the same data, minibatches can be drawn; other numbers need the full batch. Weights of a minibatch are divided by their sum.',
  ],
  keywords: ['sinkhorn', 'sliced', 'optimal transport', 'earth mover', 'generative', 'divergence'],
  references: [
    {
      text: 'Peyré & Cuturi, Computational Optimal Transport (2019), section 9.1 for the derivatives.',
      url: 'https://arxiv.org/abs/1803.00567',
    },
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
        { value: 'entropic', label: 'entropic, biased' },
        { value: 'exact', label: 'exact W₂²' },
        { value: 'sliced', label: 'sliced' },
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
      visibleWhen: { param: 'distance', in: ['sinkhorn', 'entropic'] },
    },
    iterations: {
      kind: 'integer',
      label: 'Iterations',
      help: 'ε is halved from one to the next until it is reached.',
      default: 20,
      min: 1,
      max: 1000,
      scale: 'log',
      visibleWhen: { param: 'distance', in: ['sinkhorn', 'entropic'] },
    },
    projections: {
      kind: 'integer',
      label: 'Directions',
      default: 32,
      min: 1,
      max: 512,
      visibleWhen: { param: 'distance', in: ['sliced'] },
    },
    weights: { ...cloudParams.weights, label: 'Weights of the data' },
    normalise: {
      ...cloudParams.normalise,
      help: 'Divides the weights of the data by their sum; otherwise they must sum to 1.',
    },
    seed: { ...seedParam, visibleWhen: { param: 'distance', in: ['sliced'] } },
  },
  inputs: [LOSS_INPUTS[0], { name: 'data', type: 'dataset', label: 'Data' }, LOSS_INPUTS[1]],
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const model = context.input('model', 'model');
    const data = inNamedOrder(model.cloud?.names, context.input('data', 'dataset'));
    const D = featureCount(data);
    const method = methodOf(params.distance, D);
    requireClouds(model, data, method === 'program' ? MAX_EXACT : MAX_SAMPLES);
    const [N, M] = [sampleCount(model.dataset), sampleCount(data)];
    const scale = meanSquaredDistance(data.features);
    const entropic = method === 'sinkhorn' || method === 'entropic';
    const weights =
      params.weights === 'uniform'
        ? []
        : [hostFloat(cloudWeights(`${WHERE} (data)`, data, params), [M])];
    const entropicReg = context.live('entropicReg');
    const regularizers = context.list('regularizer', 'regularizer');
    const { penalized, bound } = bindToModel(model, regularizers);
    const smoothTerms = bound.filter((g) => g.smooth);
    const directions = unitDirections(D, params.projections, context.key);

    const dataTerm: ObjectiveValue['dataTerm'] = (parameters, [inputs, targets, b], live) => {
      const x: Cloud = {
        points: model.apply(parameters, inputs),
        weights: model.cloud?.weights?.(parameters, inputs) ?? null,
      };
      const y: Cloud = { points: targets, weights: b ? div(b, sum(b)) : null };
      const reg = (): Value => live[entropicReg.key];
      switch (method) {
        case 'sinkhorn':
          return sinkhornDivergence(x, y, reg(), scale, params.iterations);
        case 'entropic':
          return entropicTransport(x, y, reg(), scale, params.iterations);
        case 'program':
          return exactDistance(x, y);
        case 'sorting':
        case 'sliced':
          return slicedDistance(x, y, constant(directions));
      }
    };
    const { title, formula: own } = NAMES[method];
    const formula = `\\min_\\theta \\; ${own}${numberedFormula(regularizers)}`;
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: [title, ...regularizers.map((g) => g.title)].join(' + '),
      formula,
      variables: model.parameters,
      penalized,
      init: (key) => model.init(key),
      data: [model.dataset.features, data.features, ...weights],
      samples: N === M ? N : null,
      smooth: { yes: true },
      convex: false,
      value: (x, arrays, live) =>
        smoothTerms.reduce((total, g) => add(total, g.value(x, live)), dataTerm(x, arrays, live)),
      terms: bound.filter((g) => !g.smooth),
      smoothTerms,
      live: [...uniqueLive(regularizers), ...(entropic ? [entropicReg] : [])],
      dataTerm,
      constants: {},
      model,
    };
    const count = countOf(model.parameters);
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'Points', value: N === M ? String(N) : `${N} to ${M}` },
          { label: 'Unknowns', value: String(count) },
          { label: 'Convex', value: 'no' },
          { label: 'Method', value: HOW[method] },
          { label: 'Mean squared distance of data', value: scale.toPrecision(3) },
        ],
      },
      status: `${count} unknowns, ${N} × ${M} points`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { entropicReg: 1, iterations: 3 },
      { distance: 'entropic', entropicReg: 0.1 },
      { distance: 'exact' },
      { distance: 'sliced', projections: 2, seed: 1 },
    ],
    invalid: [
      { params: { entropicReg: 0 }, message: /ε.*got 0/ },
      { params: { distance: 'jensen' }, message: /Distance.*'sinkhorn'/ },
    ],
  },
});

function requireClouds(model: ModelValue, data: DatasetValue, most: number): void {
  const [M, D] = data.features.shape;
  const N = sampleCount(model.dataset);
  if (model.outputs !== D)
    throw new NodeError(
      'shape',
      `${WHERE} (model): expected outputs in ${D} dimensions, as "${data.name}" has, got ${model.outputs} from ${model.title}. Use a Generator on the same data.`,
      'model',
    );
  if (N === 0 || M === 0)
    throw new NodeError(
      'empty',
      `${WHERE} (data): expected at least one point on either side, got ${N} and ${M}. Wire a dataset with samples.`,
      'data',
    );
  if (N > most || M > most)
    throw new NodeError(
      'size',
      `${WHERE} (data): expected at most ${most} × ${most} points, since all pairs are compared, got ${N} × ${M}. Take fewer samples${most < MAX_SAMPLES ? ', or the Sinkhorn divergence' : ''}.`,
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
      `${WHERE} (data): expected points that differ, got ${M} times the same. Their distance is the unit of ε.`,
      'data',
    );
}
