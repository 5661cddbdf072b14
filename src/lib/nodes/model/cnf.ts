/**
 * A continuous normalizing flow: N(0, I) carried along the velocity field of a network to a density of the features.
 *
 *   dz/dt = v_θ(z, t),  z(0) ~ N(0, I),  x = z(T),  log p(x) = log N(z(0); 0, I) − ∫₀ᵀ tr ∂v_θ/∂z dt
 *
 * Shapes: x [N, D]. Fixed Runge–Kutta steps; gradients are those of the steps taken. Domain: 1 to 4 hidden widths, T > 0, N ≥ 1.
 * Chen et al. 2018, theorem 1; the stochastic trace is that of Grathwohl et al. 2019, equation (8).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DensityModel, ModelValue } from '../../runtime/graph/ports.ts';
import { expandDims } from '../../runtime/ir/ops.ts';
import { flowDensity } from '../shared/flow/density.ts';
import { METHODS, type MethodName } from '../shared/flow/runge-kutta.ts';
import {
  FLOW_ACTIVATIONS,
  initialVelocity,
  velocityVariables,
  type FlowActivation,
} from '../shared/flow/velocity.ts';
import { countOf } from '../../runtime/ir/shape.ts';

const options = (table: Readonly<Record<string, { readonly label: string }>>) =>
  Object.entries(table).map(([value, { label }]) => ({ value, label }));

export default defineNode({
  type: 'model/cnf',
  version: 1,
  family: 'model',
  title: 'Continuous normalizing flow',
  summary: 'A density: standard normal points carried along the velocity field of a network.',
  formula:
    '\\dot z = v_\\theta(z, t),\\; z(0) \\sim \\mathcal N(0, I),\\; x = z(T), \\qquad \\log p(x) = \\log \\mathcal N(z(0)) - \\int_0^T \\nabla\\!\\cdot v_\\theta \\, \\mathrm dt',
  description: [
    'The velocity is a perceptron of the point and the time. Samples move forwards from the base to the data, densities are found by solving backwards from the data to the base. Targets are ignored: the density is of the features.',
    'The trace of the Jacobian is exact; for one or two hidden layers it costs no more than the field itself, in any dimension. The stochastic estimate εᵀ(∂v/∂z)ε uses one fixed direction for each sample, so that the objective stays a function of the data; views and checks always use the exact trace.',
    'Gradients are those of the discrete steps, not of the continuous adjoint equation, so they agree with the objective to rounding. Checkpoints keep the solution every so many steps and recompute between: less memory for more time.',
  ],
  keywords: ['flow', 'ffjord', 'neural ode', 'density', 'generative', 'normalizing', 'likelihood'],
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt & Duvenaud, Neural ordinary differential equations (2018), theorem 1.',
      url: 'https://arxiv.org/abs/1806.07366',
    },
    {
      text: 'Grathwohl, Chen, Bettencourt, Sutskever & Duvenaud, FFJORD (2019), equation (8).',
      url: 'https://arxiv.org/abs/1810.01367',
    },
    {
      text: 'Gholami, Keutzer & Biros, ANODE (2019): why to differentiate the discrete steps.',
      url: 'https://arxiv.org/abs/1902.10298',
    },
  ],
  params: {
    widths: {
      kind: 'integers',
      label: 'Hidden widths',
      help: 'Units in each hidden layer of the velocity, first to last; at least one layer.',
      default: [64],
      min: 1,
      max: 1024,
      maxLength: 4,
    },
    activation: {
      kind: 'choice',
      label: 'Activation',
      default: 'tanh',
      options: options(FLOW_ACTIVATIONS),
    },
    horizon: {
      kind: 'number',
      label: 'Time T',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 100,
    },
    method: { kind: 'choice', label: 'Method', default: 'rk4', options: options(METHODS) },
    steps: { kind: 'integer', label: 'Steps N', default: 8, min: 1, max: 1000, scale: 'log' },
    checkpoint: {
      kind: 'integer',
      label: 'Checkpoint every',
      help: 'Steps between states that are kept for the gradient; 1 keeps all.',
      default: 1,
      min: 1,
      max: 1000,
      scale: 'log',
    },
    trace: {
      kind: 'choice',
      label: 'Trace',
      default: 'none',
      options: [
        { value: 'none', label: 'exact' },
        { value: 'rademacher', label: 'Hutchinson, signs ±1' },
        { value: 'gaussian', label: 'Hutchinson, Gaussian' },
      ],
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const dataset = context.input('data', 'dataset');
    const dimension = dataset.features.shape[1];
    if (params.widths.length === 0) {
      throw new NodeError(
        'widths',
        'Continuous normalizing flow (hidden widths): expected at least one hidden layer, got none. Enter a width; without one the field is affine in z.',
        'widths',
      );
    }
    const velocity = {
      dimension,
      widths: params.widths,
      activation: params.activation as FlowActivation,
    };
    const density = flowDensity({
      ...velocity,
      horizon: params.horizon,
      method: params.method as MethodName,
      steps: params.steps,
      checkpoint: Math.min(params.checkpoint, params.steps),
      noise: params.trace as DensityModel['noise'],
    });
    const parameters = velocityVariables(velocity);
    const model: ModelValue = {
      kind: 'model',
      title: `Flow ${[dimension, ...params.widths, dimension].join('-')}`,
      dataset,
      parameters,
      outputs: 1,
      linear: false,
      init: (key) => initialVelocity(velocity, key),
      apply: (values, x) => expandDims(density.logProb(values, x, null), 1),
      density,
    };
    const count = countOf(parameters);
    return {
      outputs: { model },
      status: `${dimension}-D, ${params.steps} steps, ${count} parameters`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { widths: [16, 16], activation: 'softplus', trace: 'rademacher' },
      { widths: [8, 8, 8], method: 'euler', steps: 3, checkpoint: 2, horizon: 0.5 },
    ],
    invalid: [
      { params: { widths: [0] }, message: /Hidden widths.*integers in \[1, 1024\], got \[0\]/ },
      { params: { steps: 0 }, message: /Steps N.*got 0/ },
      { params: { horizon: 0 }, message: /Time T.*> 0.*got 0/ },
    ],
  },
});
