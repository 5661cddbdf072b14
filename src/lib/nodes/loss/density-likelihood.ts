/**
 * Negative log-likelihood of a density model, with the cost of transport on request.
 *
 *   f = −1/N Σᵢ log p(xᵢ) + λ 1/N Σᵢ ∫₀ᵀ ½ ‖v(zᵢ(t), t)‖² dt
 *
 * Shapes: x [N, D]. Domain: λ ≥ 0. With a flow and λ > 0 the minimiser moves points along straight lines (Benamou & Brenier 2000): the
 * regularization of OT-Flow (Onken et al. 2021, equation (6)), without its penalty on the Hamilton–Jacobi–Bellman equation.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DensityModel, ModelValue, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, mean, mul, neg } from '../../runtime/ir/ops.ts';
import { hostFoldIn, hostNormal, hostUniform } from '../../runtime/ir/random.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { seedParam } from '../shared/seed.ts';
import { bindToModel, numberedFormula } from './bind.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, uniqueLive } from './objective.ts';
import { countOf } from '../../runtime/ir/shape.ts';

export default defineNode({
  type: 'loss/density-likelihood',
  version: 1,
  family: 'loss',
  title: 'Density likelihood',
  summary: 'The negative log-likelihood of a density model: maximum likelihood for flows.',
  formula:
    'f = -\\frac{1}{N} \\sum_{i=1}^{N} \\log p_\\theta(x_i) + \\frac{\\lambda}{N} \\sum_{i=1}^{N} \\int_0^T \\tfrac12 \\lVert v_\\theta(z_i(t), t) \\rVert^2 \\,\\mathrm dt',
  description: [
    'Needs a model that is a density of its inputs, such as a continuous normalizing flow. Minimising the mean of −log p is minimising the Kullback–Leibler divergence from the data to the model; its expectation is never below the entropy of the data. Natural logarithm: nats.',
    'The transport cost is the work of carrying the data to the base. Many fields give the same density; with λ > 0 the one with straight, short paths is preferred, at some cost in likelihood.',
    'A flow with a stochastic trace gets one fixed direction for each sample, drawn from the seed.',
  ],
  keywords: ['maximum likelihood', 'nll', 'mle', 'flow', 'ot-flow', 'transport', 'density'],
  references: [
    {
      text: 'Onken, Wu Fung, Li & Ruthotto, OT-Flow (2021), equation (6).',
      url: 'https://arxiv.org/abs/2006.00104',
    },
    {
      text: 'Benamou & Brenier, A computational fluid mechanics solution to the Monge–Kantorovich mass transfer problem (2000), proposition 1.1.',
      url: 'https://doi.org/10.1007/s002110050002',
    },
  ],
  params: {
    transportCost: {
      kind: 'boolean',
      label: 'Transport cost',
      help: 'Adds λ times the mean of ∫ ½‖v‖² dt. Flows only.',
      default: false,
    },
    lambda: {
      kind: 'number',
      label: 'λ',
      default: 0.1,
      min: 0,
      max: 1e6,
      scale: 'log',
      live: true,
      visibleWhen: { param: 'transportCost', in: [true] },
    },
    seed: seedParam,
  },
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const { params } = context;
    const model = context.input('model', 'model');
    const density = densityOf(model, 'Density likelihood');
    const { logProbAndTransport } = density;
    if (params.transportCost && logProbAndTransport === undefined) {
      throw new NodeError(
        'transport',
        `Density likelihood (transport cost): expected a flow, whose samples move with a velocity, got ${model.title}. Turn the transport cost off.`,
        'transportCost',
      );
    }
    const weight = context.live('lambda');
    const regularizers = context.list('regularizer', 'regularizer');
    const { penalized, bound } = bindToModel(model, regularizers);
    const smoothTerms = bound.filter((g) => g.smooth);
    const [samples] = model.dataset.features.shape;
    const noise = directions(density, samples, context.key);
    const cost = params.transportCost ? logProbAndTransport : undefined;

    const likelihood: ObjectiveValue['dataTerm'] = (x, [features, rows]) =>
      neg(mean(density.logProb(x, features, rows ?? null)));
    const dataTerm: ObjectiveValue['dataTerm'] = (x, data, live) => {
      if (cost === undefined) return likelihood(x, data, live);
      const { logProb, transport } = cost(x, data[0], data[1] ?? null);
      return add(neg(mean(logProb)), mul(live[weight.key], mean(transport)));
    };
    const ownFormula =
      '-\\frac{1}{N} \\sum_{i=1}^{N} \\log p_\\theta(x_i)' +
      (params.transportCost
        ? ' + \\frac{\\lambda}{N} \\sum_{i=1}^{N} \\int_0^T \\tfrac12 \\lVert v_\\theta(z_i, t) \\rVert^2 \\,\\mathrm dt'
        : '');
    const formula = `\\min_\\theta \\; ${ownFormula}${numberedFormula(regularizers)}`;
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: ['Negative log-likelihood', ...regularizers.map((g) => g.title)].join(' + '),
      formula,
      variables: model.parameters,
      penalized,
      init: (key) => model.init(key),
      data: [model.dataset.features, ...noise],
      samples,
      smooth: { yes: true },
      convex: false,
      value: (x, data, live) =>
        smoothTerms.reduce((total, g) => add(total, g.value(x, live)), dataTerm(x, data, live)),
      terms: bound.filter((g) => !g.smooth),
      smoothTerms,
      live: [...uniqueLive(regularizers), ...(params.transportCost ? [weight] : [])],
      dataTerm: likelihood,
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
          { label: 'Samples', value: String(samples) },
          { label: 'Unknowns', value: String(count) },
          { label: 'Convex', value: 'no' },
          { label: 'Trace', value: noise.length === 0 ? 'exact' : 'Hutchinson' },
        ],
      },
      status: `${count} unknowns, ${samples} samples`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { transportCost: true, lambda: 0.5 }, { seed: 3 }],
    invalid: [
      { params: { lambda: -1 }, message: /λ.*\[0, 1000000\], got -1/ },
      { params: { transportCost: 1 }, message: /Transport cost.*expected true or false/ },
    ],
  },
});

/** The density of a model, or why it has none. */
function densityOf(model: ModelValue, where: string): DensityModel {
  if (model.density !== undefined) return model.density;
  throw new NodeError(
    'no-density',
    `${where}: expected a model that is a probability density of its inputs, got ${model.title}, which maps inputs to outputs and has no integral of 1. Use a continuous normalizing flow, or a loss on targets.`,
    'model',
  );
}

/** One direction for each sample, float [N, D], where the model wants one. */
function directions(
  { noise, dimension }: DensityModel,
  samples: number,
  key: readonly [number, number],
): HostArray[] {
  if (noise === 'none') return [];
  const count = samples * dimension;
  const stream = hostFoldIn(key, 0);
  const values =
    noise === 'gaussian'
      ? hostNormal(stream, count)
      : hostUniform(stream, count).map((u) => (u < 0.5 ? -1 : 1));
  return [hostFloat(values, [samples, dimension])];
}
