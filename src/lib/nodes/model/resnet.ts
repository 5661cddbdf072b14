/**
 * A residual network, as an integrator of an ordinary differential equation in depth.
 *
 *   h₀ = (x, 0),   dh/dt = σ(h W(t) + b(t)) on [0, T] by L steps of Δt = T/L,   z = h_L V + c
 *
 * Euler steps are the residual blocks h ← h + Δt σ(h W_l + b_l); without the residual the network is plain, h ← σ(h W_l + b_l).
 * Symplectic methods split h = (p, q) in halves: p ← p + Δt σ(q W_l + b_l), q ← q − Δt σ(p W_lᵀ + b′_l), or the steps of Störmer and Verlet.
 * Shapes: x [B, D], h [B, width], W [L, width, width] or shared by all layers, halves for symplectic methods; z [B, K].
 * Domain: width ≥ D, even for symplectic methods; L 1 to 256; T > 0. W starts at initialScale·N(0, 1)/√width, b at 0.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelParameter, ModelValue } from '../../runtime/graph/ports.ts';
import {
  add,
  concat,
  constant,
  expandDims,
  loop,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  zeros,
} from '../../runtime/ir/ops.ts';
import { hostScalar } from '../../runtime/ir/host.ts';
import { foldIn, normal } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { METHODS, rungeKuttaStep } from '../shared/flow/runge-kutta.ts';
import type { MethodName } from '../shared/flow/runge-kutta.ts';
import { SYMPLECTIC_METHODS, symplecticStep } from '../shared/flow/symplectic.ts';
import type { SymplecticName } from '../shared/flow/symplectic.ts';
import { ACTIVATIONS } from './activations.ts';
import { outputColumns } from './outputs.ts';
import { scaleNotes } from '../shared/scale-notes.ts';
import { countOf } from '../../runtime/ir/shape.ts';

interface Walk {
  /** Added to the hidden states, float [L + 1, B, width]. */
  readonly shifts?: Value | null;
  /** Also gives the state before each layer. */
  readonly path?: boolean;
}
type Step = (h: Value, weights: Value, bias: Value) => Value;

/** p′ = σ(q W + b), q′ = −σ(p Wᵀ + b′): Haber & Ruthotto 2017, equation (18). */
function hamiltonianStep(method: SymplecticName, act: (z: Value) => Value, dt: number): Step {
  return (h, weights, bias) => {
    const [B, width] = h.shape;
    const half = width / 2;
    const [first, second] = [slice(bias, [0], [half]), slice(bias, [half], [half])];
    const halves = symplecticStep(
      method,
      {
        force: (q) => act(add(matmul(q, weights), first)),
        velocity: (p) => neg(act(add(matmul(p, weights, { transposeB: true }), second))),
      },
      [slice(h, [0, 0], [B, half]), slice(h, [0, half], [B, half])],
      dt,
    );
    return concat(halves, 1);
  };
}

const isSymplectic = (method: string): method is SymplecticName =>
  Object.hasOwn(SYMPLECTIC_METHODS, method);

function stepOf(
  params: { readonly residual: boolean; readonly method: string },
  act: (z: Value) => Value,
  dt: number,
): Step {
  const f: Step = (h, weights, bias) => act(add(matmul(h, weights), bias));
  if (!params.residual) return f;
  if (isSymplectic(params.method)) return hamiltonianStep(params.method, act, dt);
  return (h, weights, bias) =>
    rungeKuttaStep(
      params.method as MethodName,
      (_t, [y]) => [f(y, weights, bias)],
      constant(hostScalar(0)),
      [h],
      dt,
    )[0];
}

export default defineNode({
  type: 'model/resnet',
  version: 1,
  family: 'model',
  title: 'ResNet',
  summary: 'A residual network: steps of an ordinary differential equation through the layers.',
  formula: String.raw`h_{\ell+1} = h_\ell + \Delta t\,\sigma(h_\ell W_\ell + b_\ell), \qquad z = h_L V + c`,
  description: [
    'The features are filled up with zeros to the width, so that the layers move points of one space. With Δt = T/L a deeper network is a finer solution of the same equation; midpoint and Runge–Kutta take two and four evaluations of a layer for a step.',
    'Without the residual it is a plain network of the same depth, whose gradients tend to vanish or explode through many layers.',
    'Layers run in a loop over stacked weights, so that a deep network is no larger a program than a shallow one.',
  ],
  keywords: ['residual', 'skip connection', 'neural ode', 'deep', 'euler', 'hamiltonian'],
  references: [
    {
      text: 'He, Zhang, Ren & Sun, Deep residual learning for image recognition (2016).',
      url: 'https://arxiv.org/abs/1512.03385',
    },
    {
      text: 'Haber & Ruthotto, Stable architectures for deep neural networks (2017).',
      url: 'https://arxiv.org/abs/1705.03341',
    },
    {
      text: 'Dupont, Doucet & Teh, Augmented neural ODEs (2019), for the added zeros.',
      url: 'https://arxiv.org/abs/1904.01681',
    },
  ],
  params: {
    width: { kind: 'integer', label: 'Width', default: 4, min: 1, max: 1024, scale: 'log' },
    depth: { kind: 'integer', label: 'Depth L', default: 16, min: 1, max: 256, scale: 'log' },
    activation: {
      kind: 'choice',
      label: 'Activation',
      default: 'tanh',
      options: Object.entries(ACTIVATIONS).map(([value, { label }]) => ({ value, label })),
    },
    weights: {
      kind: 'choice',
      label: 'Weights',
      default: 'separate',
      options: [
        { value: 'separate', label: 'separate in each layer' },
        { value: 'shared', label: 'shared by all layers' },
      ],
    },
    residual: {
      kind: 'boolean',
      label: 'Residual',
      help: 'Off: a plain network of the same depth.',
      default: true,
    },
    method: {
      kind: 'choice',
      label: 'Integrator',
      default: 'euler',
      options: Object.entries({ ...METHODS, ...SYMPLECTIC_METHODS }).map(([value, { label }]) => ({
        value,
        label,
      })),
    },
    horizon: {
      kind: 'number',
      label: 'Horizon T',
      help: 'Δt = T/L.',
      default: 4,
      min: 0,
      exclusiveMin: true,
      max: 1000,
    },
    initialScale: {
      kind: 'number',
      label: 'Initial scale',
      help: 'Layers start at this times N(0, 1)/√width.',
      default: 1,
      min: 0,
      max: 100,
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const { width, depth, horizon, residual } = params;
    const dataset = context.input('data', 'dataset');
    const D = dataset.features.shape[1];
    const K = outputColumns(dataset);
    if (width < D) {
      throw new NodeError(
        'width',
        `ResNet (width): expected at least the ${D} features, got ${width}. Raise the width.`,
        'width',
      );
    }
    const halves = residual && isSymplectic(params.method);
    if (halves && width % 2 === 1) {
      throw new NodeError(
        'width',
        `ResNet (width): expected an even number for a symplectic method, got ${width}. Add 1.`,
        'width',
      );
    }
    const size = halves ? width / 2 : width;
    const shared = params.weights === 'shared';
    const stacked = shared ? [size, size] : [depth, size, size];
    const parameters: ModelParameter[] = [
      { name: 'weights', shape: stacked, penalized: true },
      { name: 'bias', shape: shared ? [width] : [depth, width], penalized: false },
      { name: 'outputWeights', shape: [width, K], penalized: true },
      { name: 'outputBias', shape: [K], penalized: false },
    ];
    const step = stepOf(params, ACTIVATIONS[params.activation].apply, horizon / depth);
    function run(
      [weights, bias]: readonly Value[],
      x: Value,
      { shifts = null, path = false }: Walk = {},
    ) {
      const B = x.shape[0];
      const first = width === D ? x : concat([x, zeros([B, width - D])], 1);
      const start = shifts === null ? first : add(first, slice(shifts, [0, 0, 0], [1, B, width]));
      return loop({
        steps: depth,
        carry: [reshape(start, [B, width])],
        constants: shared ? [weights, bias] : [],
        sequences: [
          ...(shared ? [] : [weights, bias]),
          ...(shifts === null ? [] : [slice(shifts, [1, 0, 0], [depth, B, width])]),
        ],
        body: (_i, constants, [h], slices) => {
          const [w, b] = shared ? constants : slices;
          const next = step(h, w, b);
          return {
            carry: [shifts === null ? next : add(next, slices[slices.length - 1])],
            stacked: path ? [h] : [],
          };
        },
      });
    }
    const read = (h: Value, values: readonly Value[]) => add(matmul(h, values[2]), values[3]);
    const model: ModelValue = {
      kind: 'model',
      title: `${residual ? 'ResNet' : 'Plain network'} ${depth} × ${width}`,
      dataset,
      parameters,
      outputs: K,
      linear: false,
      init(key) {
        const scale = params.initialScale / Math.sqrt(width);
        return [
          mul(normal(foldIn(key, 1), stacked), scale),
          zeros(parameters[1].shape),
          mul(normal(foldIn(key, 2), [width, K]), 1 / Math.sqrt(width)),
          zeros([K]),
        ];
      },
      apply: (values, x) => read(run(values, x).carry[0], values),
      depth: {
        layers: depth,
        width,
        states(values, x) {
          const { carry, stacked } = run(values, x, { path: true });
          return concat([stacked[0], expandDims(carry[0], 0)], 0);
        },
        applyShifted: (values, x, shifts) => read(run(values, x, { shifts }).carry[0], values),
      },
    };
    const count = countOf(parameters);
    return {
      outputs: { model },
      status: `${depth} × ${width}, ${count} parameters`,
      notes: scaleNotes(dataset, 'intercept'),
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { residual: false, depth: 3 },
      { method: 'symplectic', weights: 'shared' },
      { method: 'rk4', activation: 'relu' },
    ],
    invalid: [
      { params: { depth: 0 }, message: /Depth L.*expected an integer in \[1, 256\], got 0/ },
      { params: { width: 1 }, message: /expected at least the \d+ features, got 1/ },
      { params: { method: 'heun' }, message: /Integrator.*expected one of 'euler'/ },
    ],
  },
});
